// SPDX-License-Identifier: Apache-2.0
#include "sim/training/bit_true.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>

#include "sim/data/random.hpp"
#include "sim/numerics/lns.hpp"
#include "sim/numerics/stochastic.hpp"
#include "sim/training/gemm_tiles.hpp"

namespace lnsim::training {
namespace {

constexpr std::size_t kRoundedPiece = 1U << 13U;  // elements that a thread rounds at a time

}  // namespace

double training_scale(const numerics::Format& format, double max) {
  if (format.kind() != numerics::FormatKind::kLns || max == 0.0) return format.usual_scale(max);
  const auto& lns = dynamic_cast<const numerics::LnsFormat&>(format);
  const double gamma = lns.gamma();
  // A magnitude that is itself a power, up to the rounding of its logarithm, is its own scale.
  constexpr double kSame = 1e-9;
  const double steps = std::ceil(gamma * std::log2(max) - kSame);
  const double octaves = std::floor(steps / gamma);
  return std::ldexp(std::exp2((steps - octaves * gamma) / gamma), static_cast<int>(octaves));
}

BitTrue::BitTrue(const Scheme& scheme, unsigned vector_size, std::vector<std::string> slots, Workers& workers,
                 std::uint64_t seed)
    : scheme_(scheme), vector_size_(vector_size), seed_(seed), workers_(workers) {
  for (std::string& name : slots) slots_.push_back({std::move(name)});
}

double BitTrue::magnitude_for(Slot& slot, double max, bool training) const {
  const double before = slot.max < 0.0 ? max : slot.max;
  if (training && (slot.max < 0.0 || scheme_.scale == ScaleHandling::kDelayed)) slot.max = max;
  return scheme_.scale == ScaleHandling::kTwoPass ? max : before;
}

const std::vector<double>& BitTrue::value_table(const numerics::FormatPtr& format) {
  std::vector<double>& table = tables_[format->name()];
  if (table.empty()) {
    const auto codes = numerics::Code{1} << format->bits();
    for (numerics::Code code = 0; code < codes; ++code) {
      table.push_back(format->valid(code) ? format->decode(code, 1.0) : 0.0);
    }
  }
  return table;
}

void BitTrue::round(Role role, std::size_t slot_number, Values& values, bool training) {
  Slot& slot = slots_[slot_number];
  const double max = checked_max(values.real, slot.name);
  if (role == Role::kParameter) {
    for (double& value : values.real) value = static_cast<double>(static_cast<float>(value));
    (void)checked_max(values.real, slot.name);  // beyond FP32
    return;
  }
  const numerics::FormatPtr& format = role == Role::kWeight           ? scheme_.weight
                                      : role == Role::kActivation     ? scheme_.activation
                                      : role == Role::kWeightGradient ? scheme_.weight_gradient
                                                                      : scheme_.gradient;
  const double scale = training_scale(*format, magnitude_for(slot, max, training));
  const std::size_t bytes = format->container_bytes();
  values.codes.format = format;
  values.codes.scale = scale;
  values.codes.codes.resize(values.real.size() * bytes);
  const std::vector<double>* const table = format->bits() <= 16 ? &value_table(format) : nullptr;
  std::atomic<std::uint64_t> clipped{0};
  const bool at_random = role == Role::kGradient && stochastic();
  const std::uint64_t stream = at_random ? stream_seed(seed_, slot.name, std::to_string(slot.rounded++)) : 0;
  workers_.run_pieces(values.real.size(), kRoundedPiece, [&](std::size_t first, std::size_t last) {
    const std::span<double> real = std::span(values.real).subspan(first, last - first);
    std::byte* const codes = values.codes.codes.data() + first * bytes;
    clipped += at_random ? quantise_stochastic(*format, real, scale, stream, first, codes)
                         : format->quantize(real, scale, codes);
    for (std::size_t i = 0; i < real.size(); ++i) {
      const numerics::Code code = numerics::load_code(codes, i, static_cast<unsigned>(bytes));
      real[i] = table != nullptr ? scale * (*table)[code] : format->decode(code, scale);
    }
  });
  counts_.rounded += values.real.size();
  counts_.clipped += clipped;
}

std::uint64_t BitTrue::quantise_stochastic(const numerics::Format& format, std::span<const double> x, double scale,
                                           std::uint64_t stream, std::size_t first, std::byte* codes) {
  const unsigned bytes = format.container_bytes();
  std::uint64_t clipped = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    // A counter's mixed value: which thread rounds an element does not matter.
    const std::uint64_t mixed = SplitMix64(stream + (first + i) * 0x9E3779B97F4A7C15ULL).next();
    const auto random = static_cast<std::uint16_t>(mixed >> (64 - numerics::kStochasticBits));
    const numerics::Encoded encoded = numerics::encode_stochastic(format, x[i], scale, random);
    numerics::store_code(codes, i, bytes, encoded.code);
    clipped += encoded.clipped ? 1U : 0U;
  }
  return clipped;
}

const numerics::DotUnit& BitTrue::unit(const numerics::FormatPtr& a, const numerics::FormatPtr& b) {
  auto& unit = units_[{a->name(), b->name()}];
  if (!unit) unit = numerics::make_dot_unit(dot_spec(scheme_.dot_product, a, b, vector_size_));
  return *unit;
}

void BitTrue::gemm(const LayerPass& pass, const Values& a, const Values& b, std::span<double> out) {
  const auto start = std::chrono::steady_clock::now();
  counts_.saturations += bit_true_gemms(pass, a.codes, b.codes, unit(a.codes.format, b.codes.format), out, workers_);
  counts_.macs += pass.macs();
  gemm_seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void BitTrue::round_master(std::span<double> values) const {
  if (!scheme_.update) return;
  const numerics::Format& format = *scheme_.update;
  if (format.name() == "fp32") {
    for (double& value : values) value = static_cast<double>(static_cast<float>(value));
    return;
  }
  const double scale = training_scale(format, checked_max(values, "master copy"));
  for (double& value : values) value = format.decode(format.encode(value, scale).code, scale);
}

void BitTrue::save(ByteWriter& out) const {
  std::vector<double> maxima;
  for (const Slot& slot : slots_) maxima.push_back(slot.max);
  out.doubles(maxima);
  if (stochastic()) {
    for (const Slot& slot : slots_) out.number(slot.rounded);
  }
  counts_.save(out);
}

void BitTrue::load(ByteReader& in) {
  const std::vector<double> maxima = in.doubles(slots_.size());
  for (std::size_t i = 0; i < slots_.size(); ++i) slots_[i].max = maxima[i];
  if (stochastic()) {
    for (Slot& slot : slots_) slot.rounded = in.count();
  }
  counts_.load(in);
}

}  // namespace lnsim::training
