// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>

#include "sim/data/activity_counter.hpp"
#include "sim/data/random.hpp"
#include "sim/numerics/lns.hpp"

namespace lnsim {
namespace {

using numerics::FormatPtr;

numerics::DotSpec activity_spec(FormatPtr format, unsigned v, bool fixed) {
  numerics::DotSpec spec;
  spec.a = spec.b = format;
  spec.vector_size = v;
  if (fixed) {
    spec.accumulator.fixed = numerics::FixedAccumulator{24, {}, numerics::Rounding::kFloor};
  } else {
    spec.accumulator.floating = numerics::FloatAccumulator{8, 23, numerics::Rounding::kNearestEven, {}};
  }
  return spec;
}

/// Codes of which about a quarter are zero.
std::vector<std::byte> codes_of(const numerics::Format& format, std::size_t count, Xoshiro256& random) {
  std::vector<double> values(count);
  for (double& value : values) value = random.next() % 4 == 0 ? 0.0 : next_normal(random);
  std::vector<std::byte> codes(count * format.container_bytes());
  (void)format.quantize(values, format.usual_scale(4.0), codes.data());
  return codes;
}

std::uint32_t code_at(const numerics::Format& format, const std::vector<std::byte>& codes, std::size_t index) {
  std::uint32_t code = 0;
  std::memcpy(&code, codes.data() + index * format.container_bytes(), format.container_bytes());
  return format.bits() == 32 ? code : code & ((1U << format.bits()) - 1);
}

struct Case {
  FormatPtr format;
  bool fixed;
};

std::vector<Case> cases() {
  return {{numerics::find_format("int8"), true},
          {numerics::find_format("int4"), true},
          {numerics::find_format("fp8_e4m3"), false},
          {numerics::find_format("fp8_e5m2"), true},
          {numerics::find_format("bf16"), false},
          {numerics::find_format("fp32"), false},
          {numerics::make_lns(8, 8, numerics::ZeroMode::kZeroCode), true},
          {numerics::make_lns(8, 8, numerics::ZeroMode::kMinCode), true}};
}

TEST_CASE("toggles and zeros are those of a count by the definition") {
  constexpr std::size_t kLanes = 5, kRows = 7, kV = 6, kGroups = 9;
  Xoshiro256 random(7);
  for (const auto& [format, fixed] : cases()) {
    INFO(format->name());
    const auto unit = numerics::make_dot_unit(activity_spec(format, kV, fixed));
    ActivityCounter counter(*unit, kLanes, kV);
    DataActivity expected;
    std::vector<std::uint32_t> held_a[2] = {std::vector<std::uint32_t>(kLanes * kV),
                                            std::vector<std::uint32_t>(kLanes * kV)};
    std::vector<std::uint32_t> held_b(kV);
    const auto zero = [&unit](std::uint32_t code) {
      return unit->spec().a->decode(static_cast<numerics::Code>(code), 1.0) == 0.0;
    };
    for (std::size_t g = 0; g < kGroups; ++g) {
      // The last groups are smaller: what idle lanes and elements hold stays.
      const std::size_t lanes = g < 6 ? kLanes : 3, rows = g < 4 ? kRows : 2, elements = g % 3 == 2 ? 4 : kV;
      const std::vector<std::byte> a = codes_of(*format, lanes * kV, random);
      const std::vector<std::byte> b = codes_of(*format, rows * kV, random);
      std::vector<numerics::Psum> sums(rows * kLanes), before(rows * lanes);
      numerics::GroupBlock block;
      block.a = a.data();
      block.b = b.data();
      block.a_stride = block.b_stride = kV;
      block.lanes = static_cast<unsigned>(lanes);
      block.rows = static_cast<unsigned>(rows);
      block.elements = static_cast<unsigned>(elements);
      const bool saturated = unit->accumulate(block, sums.data(), kLanes) > 0;
      counter.group(block, before.data(), sums.data(), kLanes, saturated);
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        for (std::size_t e = 0; e < elements; ++e) {
          std::uint32_t& held = held_a[g % 2][lane * kV + e];
          expected.operand_a.bits += format->bits();
          expected.operand_a.changed += static_cast<unsigned>(std::popcount(held ^ code_at(*format, a, lane * kV + e)));
          held = code_at(*format, a, lane * kV + e);
        }
      }
      for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t e = 0; e < elements; ++e) {
          const std::uint32_t code = code_at(*format, b, row * kV + e);
          const auto flips = static_cast<unsigned>(std::popcount(held_b[e] ^ code));
          held_b[e] = code;
          expected.operand_b.bits += format->bits();
          expected.operand_b.changed += flips;
          for (std::size_t lane = 0; lane < lanes; ++lane) {
            const bool zero_a = zero(code_at(*format, a, lane * kV + e)), zero_b = zero(code);
            ++expected.macs;
            expected.products.bits += format->bits();
            if (!zero_a) expected.products.changed += flips;
            if (zero_a) ++expected.zero_operand_a;
            if (zero_b) ++expected.zero_operand_b;
            if (zero_a || zero_b) ++expected.zero_products;
          }
        }
      }
    }
    const DataActivity& counts = counter.counts();
    CHECK(counts.operand_a == expected.operand_a);
    CHECK(counts.operand_b == expected.operand_b);
    CHECK(counts.products == expected.products);
    CHECK(counts.macs == expected.macs);
    CHECK(counts.zero_operand_a == expected.zero_operand_a);
    CHECK(counts.zero_operand_b == expected.zero_operand_b);
    CHECK(counts.zero_products == expected.zero_products);
    CHECK((counts.zero_products > 0) == (format->decode(format->encode(0.0, 1.0).code, 1.0) == 0.0));
  }
}

TEST_CASE("sums of the tree and accumulators are compared as stored") {
  // INT8, V = 2, one lane: groups of sums 6, -1 and 2.
  const auto unit = numerics::make_dot_unit(activity_spec(numerics::find_format("int8"), 2, true));
  ActivityCounter counter(*unit, 1, 2);
  numerics::Psum sum;
  const auto group = [&](std::int8_t a0, std::int8_t a1, std::int8_t b0, std::int8_t b1) {
    const std::int8_t a[2] = {a0, a1}, b[2] = {b0, b1};
    numerics::GroupBlock block;
    block.a = reinterpret_cast<const std::byte*>(a);
    block.b = reinterpret_cast<const std::byte*>(b);
    block.a_stride = block.b_stride = 2;
    block.lanes = block.rows = 1;
    block.elements = 2;
    const numerics::Psum before = sum;
    const bool saturated = unit->accumulate(block, &sum, 1) > 0;
    counter.group(block, &before, &sum, 1, saturated);
  };
  group(1, 2, 2, 2);
  CHECK(counter.counts().tree == Toggles{24, 2});         // 0 -> 6
  CHECK(counter.counts().accumulator == Toggles{24, 2});  // 0 -> 6
  group(1, 0, -1, 0);
  CHECK(counter.counts().tree == Toggles{48, 2 + 22});        // 0b110 -> all ones
  CHECK(counter.counts().accumulator == Toggles{48, 2 + 2});  // 6 -> 5
  group(1, 1, 1, 1);
  CHECK(counter.counts().tree == Toggles{72, 24 + 23});       // all ones -> 0b10
  CHECK(counter.counts().accumulator == Toggles{72, 4 + 1});  // 5 -> 7
}

TEST_CASE("a float accumulator is compared in its own format") {
  // BF16, V = 1: 1, 3 and 2.5 in an FP32 accumulator.
  const FormatPtr bf16 = numerics::find_format("bf16");
  const auto unit = numerics::make_dot_unit(activity_spec(bf16, 1, false));
  ActivityCounter counter(*unit, 1, 1);
  numerics::Psum sum;
  std::uint64_t expected = 0;
  std::uint32_t last = 0;
  float total = 0;
  for (const float x : {1.0F, 2.0F, -0.5F, -2.5F}) {
    std::vector<std::byte> a(2), b(2);
    (void)bf16->quantize(std::vector<double>{x}, 1.0, a.data());
    (void)bf16->quantize(std::vector<double>{1.0}, 1.0, b.data());
    numerics::GroupBlock block;
    block.a = a.data();
    block.b = b.data();
    block.a_stride = block.b_stride = block.lanes = block.rows = block.elements = 1;
    const numerics::Psum before = sum;
    (void)unit->accumulate(block, &sum, 1);
    counter.group(block, &before, &sum, 1, false);
    total += x;
    const auto code = std::bit_cast<std::uint32_t>(total);
    expected += static_cast<unsigned>(std::popcount(code ^ last));
    last = code;
  }
  CHECK(counter.counts().accumulator == Toggles{4 * 32, expected});
  CHECK(counter.counts().tree == Toggles{0, 0});
}

}  // namespace
}  // namespace lnsim
