// SPDX-License-Identifier: Apache-2.0
#include "sim/study/format_snr.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "sim/data/code_tensor.hpp"
#include "sim/data/synthetic.hpp"

namespace lnsim {
namespace {

constexpr std::uint64_t kElements = 1U << 14U;
constexpr double kExact = 300.0;  // dB, where nothing is lost

std::vector<double> in_codes(const std::vector<double>& values, const numerics::FormatPtr& format) {
  const CodeTensor codes = quantise(values, format);
  std::vector<double> decoded(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) decoded[i] = codes.value(i);
  return decoded;
}

std::vector<double> in_blocks(const std::vector<double>& values, const numerics::BlockFormat& format) {
  double largest = 0.0;
  for (const double value : values) largest = std::max(largest, std::fabs(value));
  const double tensor_scale = format.usual_tensor_scale(largest);
  std::vector<double> decoded(values.size());
  std::vector<numerics::Code> codes(format.block());
  for (std::size_t first = 0; first < values.size(); first += format.block()) {
    const std::size_t count = std::min<std::size_t>(format.block(), values.size() - first);
    numerics::Code scale = 0;
    format.quantize(std::span(values).subspan(first, count), tensor_scale, scale, std::span(codes).first(count));
    for (std::size_t i = 0; i < count; ++i) decoded[first + i] = format.decode(scale, codes[i], tensor_scale);
  }
  return decoded;
}

double measure(Role role, const numerics::FormatPtr& format) {
  Tensor tensor;
  tensor.role = role;
  tensor.elements = kElements;
  const SyntheticTensor source(1, "snr", role_name(role), usual_distribution(tensor));
  std::vector<double> values(kElements);
  source.fill(0, values);
  const std::vector<double> decoded = format->block() ? in_blocks(values, *format->block()) : in_codes(values, format);
  double signal = 0.0;
  double noise = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double error = decoded[i] - values[i];
    signal += values[i] * values[i];
    noise += error * error;
  }
  return noise > 0.0 ? std::min(kExact, 10.0 * std::log10(signal / noise)) : kExact;
}

}  // namespace

double FormatSnr::of(Role role, const numerics::FormatPtr& format) {
  const auto [at, fresh] = measured_.try_emplace(std::string(role_name(role)) + format->name());
  if (fresh) at->second = measure(role, format);
  return at->second;
}

double FormatSnr::least_of(const Scheme& scheme) {
  return std::min({of(Role::kWeight, scheme.weight), of(Role::kActivation, scheme.activation),
                   of(Role::kGradient, scheme.gradient)});
}

}  // namespace lnsim
