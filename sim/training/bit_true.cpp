// SPDX-License-Identifier: Apache-2.0
#include "sim/training/bit_true.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <optional>

#include "sim/data/random.hpp"
#include "sim/numerics/block_format.hpp"
#include "sim/numerics/lns.hpp"
#include "sim/numerics/stochastic.hpp"
#include "sim/training/gemm_tiles.hpp"

namespace lnsim::training {
namespace {

constexpr std::size_t kRoundedPiece = 1U << 13U;  // elements that a thread rounds at a time

/// The random bits of a tensor's elements: the mixed value of a counter, so it does not matter which thread rounds one.
struct RandomStream {
  std::uint64_t seed = 0;
  [[nodiscard]] std::uint16_t bits(std::size_t element) const {
    const std::uint64_t mixed = SplitMix64(seed + element * 0x9E3779B97F4A7C15ULL).next();
    return static_cast<std::uint16_t>(mixed >> (64 - numerics::kStochasticBits));
  }
};

/// Codes of values [first, first + x.size()) of a tensor, rounded at random; returns how many were clipped.
std::uint64_t quantise_stochastic(const numerics::Format& format, std::span<const double> x, double scale,
                                  const RandomStream& random, std::size_t first, std::byte* codes) {
  const unsigned bytes = format.container_bytes();
  std::uint64_t clipped = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const numerics::Encoded encoded = numerics::encode_stochastic(format, x[i], scale, random.bits(first + i));
    numerics::store_code(codes, i, bytes, encoded.code);
    clipped += encoded.clipped ? 1U : 0U;
  }
  return clipped;
}

/// The same in blocks, whose scales are not random.
std::uint64_t quantise_stochastic(const numerics::BlockFormat& block, std::span<const double> x, double tensor_scale,
                                  const RandomStream& random, std::size_t first, std::byte* scales, std::byte* codes) {
  const numerics::Format& element = block.element();
  const std::vector<double> zeros(block.block(), 0.0);
  std::uint64_t clipped = 0;
  for (std::size_t at = 0; at < x.size(); at += block.block()) {
    const std::span<const double> part = x.subspan(at, std::min<std::size_t>(block.block(), x.size() - at));
    const numerics::Code scale = block.scale_of(largest_magnitude(part), tensor_scale);
    *scales++ = static_cast<std::byte>(scale);
    const double element_scale = block.element_scale(scale, tensor_scale);
    std::byte* const out = codes + at * element.container_bytes();
    clipped += element_scale == 0.0 ? element.quantize(std::span(zeros).first(part.size()), 1.0, out)
                                    : quantise_stochastic(element, part, element_scale, random, first + at, out);
  }
  return clipped;
}

/// The values of codes in blocks; `table`: of every element code alone.
void decode_blocks(const numerics::BlockFormat& block, const std::vector<double>& table, double tensor_scale,
                   const std::byte* scales, const std::byte* codes, std::span<double> values) {
  const unsigned bytes = block.element().container_bytes();
  for (std::size_t i = 0; i < values.size(); i += block.block(), ++scales) {
    const double scale = block.element_scale(static_cast<numerics::Code>(*scales), tensor_scale);
    const std::size_t end = std::min<std::size_t>(i + block.block(), values.size());
    for (std::size_t j = i; j < end; ++j) values[j] = scale * table[numerics::load_code(codes, j, bytes)];
  }
}

}  // namespace

double training_scale(const numerics::Format& format, double max) {
  const auto& block = format.block();
  if (block && block->scale() != numerics::BlockScale::kOctaves) return block->usual_tensor_scale(max);
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
  const numerics::BlockFormat* const block = format->block().get();
  const std::size_t bytes = format->container_bytes();
  values.codes.format = format;
  values.codes.scale = scale;
  values.codes.codes.resize(values.real.size() * bytes);
  if (block != nullptr) values.codes.block_scales.resize((values.real.size() + block->block() - 1) / block->block());
  const std::vector<double>* const table = format->bits() <= 16 ? &value_table(format) : nullptr;
  std::atomic<std::uint64_t> clipped{0};
  std::optional<RandomStream> random;
  if (role == Role::kGradient && stochastic()) {
    random = RandomStream{stream_seed(seed_, slot.name, std::to_string(slot.rounded++))};
  }
  // A piece is a whole number of blocks.
  workers_.run_pieces(values.real.size(), kRoundedPiece, [&](std::size_t first, std::size_t last) {
    const std::span<double> real = std::span(values.real).subspan(first, last - first);
    std::byte* const codes = values.codes.codes.data() + first * bytes;
    if (block != nullptr) {
      std::byte* const scales = values.codes.block_scales.data() + first / block->block();
      clipped += random ? quantise_stochastic(*block, real, scale, *random, first, scales, codes)
                        : block->quantize_blocks(real, scale, scales, codes);
      decode_blocks(*block, *table, scale, scales, codes, real);
      return;
    }
    clipped += random ? quantise_stochastic(*format, real, scale, *random, first, codes)
                      : format->quantize(real, scale, codes);
    for (std::size_t i = 0; i < real.size(); ++i) {
      const numerics::Code code = numerics::load_code(codes, i, static_cast<unsigned>(bytes));
      real[i] = table != nullptr ? scale * (*table)[code] : format->decode(code, scale);
    }
  });
  counts_.rounded += values.real.size();
  counts_.clipped += clipped;
}

const numerics::DotUnit& BitTrue::unit(const numerics::FormatPtr& a, const numerics::FormatPtr& b) {
  auto& unit = units_[{a->name(), b->name()}];
  if (!unit) unit = numerics::make_dot_unit(dot_spec(scheme_.dot_product, a, b, vector_size_));
  return *unit;
}

void BitTrue::gemm(const LayerPass& pass, const Values& a, const Values& b, std::span<double> out) {
  const auto start = std::chrono::steady_clock::now();
  counts_.saturations += bit_true_gemms(pass, a, b, unit(a.codes.format, b.codes.format), out, workers_);
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
