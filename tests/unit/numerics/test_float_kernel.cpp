// SPDX-License-Identifier: Apache-2.0
// The vectorised kernel gives the bits of the scalar reference, for every instruction set this machine has.
#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "sim/numerics/float_dot.hpp"
#include "sim/numerics/simd_targets.hpp"
#include "tests/unit/numerics/test_float_support.hpp"

using namespace lnsim::numerics;
using namespace lnsim::numerics::float_test;

namespace {

template <typename T>
T pick(std::mt19937_64& random, std::initializer_list<T> values) {
  return values.begin()[below(random, values.size())];
}

FloatAccumulator random_float_accumulator(std::mt19937_64& random) {
  FloatAccumulator acc;
  acc.exponent = pick(random, {8U, 8U, 5U, 2U, 6U});
  acc.mantissa = pick(random, {23U, 23U, 10U, 1U, 7U});
  acc.rounding = pick(random, {Rounding::kNearestEven, Rounding::kTowardZero});
  if (below(random, 3) == 0) acc.bias = static_cast<int>(below(random, 200)) - 40;
  return acc;
}

DotSpec random_spec(std::mt19937_64& random) {
  DotSpec spec;
  spec.a = float_formats()[below(random, float_formats().size())];
  spec.b = below(random, 2) == 0 ? spec.a : float_formats()[below(random, float_formats().size())];
  spec.vector_size = pick(random, {1U, 3U, 8U, 16U, 32U, 40U});
  AccumulatorSpec& acc = spec.accumulator;
  if (below(random, 2) == 0) {
    acc.floating = random_float_accumulator(random);
    if (below(random, 2) == 0) spec.window = static_cast<unsigned>(1 + below(random, 52));
  } else {
    acc.fixed = FixedAccumulator{pick(random, {24U, 24U, 2U, 12U, 32U, 48U}), std::nullopt,
                                 pick(random, {Rounding::kFloor, Rounding::kNearestEven})};
    if (below(random, 2) == 0) acc.fixed->guard = static_cast<unsigned>(below(random, 8));
    if (below(random, 2) == 0) spec.tree_fraction_bits = static_cast<unsigned>(below(random, 40));
    if (below(random, 8) == 0 && !spec.tree_fraction_bits) spec.tree_exact = true;
  }
  if (below(random, 2) == 0) {
    acc.chunk = spec.vector_size * (1 + below(random, 3));
    if (below(random, 2) == 0) acc.outer_floating = random_float_accumulator(random);
    if (acc.fixed && !acc.outer_floating && below(random, 2) == 0) {
      acc.outer_fixed = FixedAccumulator{pick(random, {2U, 24U, 48U}), std::nullopt, Rounding::kFloor};
    }
  }
  return spec;
}

/// Some random specs ask for more than 63 bits: the next one then.
std::unique_ptr<DotUnit> random_unit(std::mt19937_64& random) {
  for (;;) {
    try {
      return make_float_dot_unit(random_spec(random));
    } catch (const SpecError&) {
    }
  }
}

/// Codes of every kind: anything finite; near the top; subnormal; about unit size with zeros.
std::vector<std::byte> random_codes(const Format& format, std::size_t n, std::mt19937_64& random) {
  const auto& f = dynamic_cast<const FloatFormat&>(format);
  const FloatLayout& l = f.layout();
  const std::uint64_t style = below(random, 4);
  std::vector<std::byte> codes(n * format.container_bytes());
  for (std::size_t i = 0; i < n; ++i) {
    std::uint64_t magnitude = below(random, std::uint64_t{l.largest_finite} + 1);
    if (style == 1) magnitude = l.largest_finite - below(random, 2);
    if (style == 2) magnitude = below(random, std::uint64_t{2} << l.mantissa_bits);
    if (style == 3) {
      const auto field = static_cast<std::uint64_t>(std::max(l.bias - static_cast<int>(below(random, 4)), 0));
      magnitude =
          below(random, 8) == 0 ? 0 : (field << l.mantissa_bits) | below(random, std::uint64_t{1} << l.mantissa_bits);
    }
    magnitude = std::min<std::uint64_t>(magnitude, l.largest_finite);
    const Code sign = static_cast<Code>(below(random, style == 1 ? 8 : 2) == 0) << (format.bits() - 1);
    store_code(codes.data(), i, format.container_bytes(), sign | static_cast<Code>(magnitude));
  }
  return codes;
}

/// Adds several groups of random shape with both implementations; false at the first difference.
bool kernel_equals_reference(const DotUnit& unit, std::mt19937_64& random, std::uint64_t& saturations) {
  const DotSpec& spec = unit.spec();
  const auto lanes = static_cast<unsigned>(pick<std::uint64_t>(random, {1, 5, 32, 33, 1 + below(random, 70)}));
  const auto rows = static_cast<unsigned>(1 + below(random, 3));
  const std::size_t psum_stride = lanes + below(random, 3);
  std::vector<Psum> expected(rows * psum_stride, Psum{7, 9});
  for (std::size_t row = 0; row < rows; ++row)
    std::fill_n(expected.begin() + static_cast<long>(row * psum_stride), lanes, Psum{});
  std::vector<Psum> actual = expected;
  for (int group = 0; group < 4; ++group) {
    const auto elements = static_cast<unsigned>(group == 2 ? 1 + below(random, spec.vector_size) : spec.vector_size);
    const std::size_t a_stride = elements + below(random, 4), b_stride = elements + below(random, 4);
    const auto a = random_codes(*spec.a, lanes * a_stride, random);
    const auto b = random_codes(*spec.b, rows * b_stride, random);
    const GroupBlock block{a.data(), b.data(), a_stride, b_stride, lanes, rows, elements, below(random, 2) == 0};
    const std::uint64_t counted = unit.accumulate_reference(block, expected.data(), psum_stride);
    if (unit.accumulate(block, actual.data(), psum_stride) != counted || actual != expected) return false;
    saturations += counted;
  }
  return true;
}

/// Kernels use the named instruction set while this lives.
struct TargetScope {
  explicit TargetScope(const std::string& target) { force_simd_target(target); }
  TargetScope(const TargetScope&) = delete;
  TargetScope& operator=(const TargetScope&) = delete;
  ~TargetScope() { force_simd_target(""); }
};

}  // namespace

TEST_CASE("the float kernel equals the reference on every target", "[float_kernel]") {
  const std::vector<std::string> targets = supported_simd_targets();
  REQUIRE_FALSE(targets.empty());
  for (const std::string& target : targets) {
    const TargetScope scope(target);
    std::mt19937_64 random(11);
    std::uint64_t saturations = 0;
    for (int i = 0; i < 500; ++i) {
      const auto unit = random_unit(random);
      if (!kernel_equals_reference(*unit, random, saturations)) {
        FAIL(target << ": random unit " << i << " (" << unit->spec().a->name() << " x " << unit->spec().b->name()
                    << ", V = " << unit->spec().vector_size << ")");
      }
    }
    CHECK(saturations > 0);
  }
}

TEST_CASE("the units of the default machine equal the reference on every target", "[float_kernel]") {
  for (const std::string& target : supported_simd_targets()) {
    const TargetScope scope(target);
    std::mt19937_64 random(12);
    std::uint64_t saturations = 0;
    for (const FormatPtr& format : float_formats()) {
      for (const int kind : {0, 1, 2}) {
        DotSpec spec;
        spec.a = spec.b = format;
        if (kind == 0) spec.accumulator.floating = FloatAccumulator{};
        if (kind == 1) spec.accumulator.floating = FloatAccumulator{5, 10, Rounding::kNearestEven, 7};
        if (kind == 2) spec.accumulator.fixed = FixedAccumulator{};
        const auto unit = make_float_dot_unit(spec);
        for (int i = 0; i < 4; ++i) {
          if (!kernel_equals_reference(*unit, random, saturations)) {
            FAIL(target << ": " << format->name() << " kind " << kind);
          }
        }
      }
    }
  }
}

TEST_CASE("tensors quantise as their elements do on every target", "[float_kernel]") {
  for (const std::string& target : supported_simd_targets()) {
    const TargetScope scope(target);
    std::mt19937_64 random(13);
    for (const FormatPtr& format : float_formats()) {
      const auto& f = dynamic_cast<const FloatFormat&>(*format);
      const unsigned bytes = format->container_bytes();
      for (const double scale : {1.0, 0.3}) {
        std::vector<double> x(2003);
        for (double& value : x) value = random_double(random, -f.layout().bias - 30, f.layout().bias + 20);
        // Exact codes and the middles between two of them; then what is neither.
        for (std::size_t i = 0; i < 1000; ++i) {
          const auto code = static_cast<Code>(below(random, f.layout().largest_finite));
          x[i] = (f.decode(code, 1.0) + (i % 2 == 0 ? f.decode(code, 1.0) : f.decode(code + 1, 1.0))) / 2;
        }
        const double infinity = std::numeric_limits<double>::infinity();
        const double ends[] = {0.0, -0.0, infinity, -infinity, 5e-324, -1e-310, 1.7e308, f.largest_value()};
        std::copy(std::begin(ends), std::end(ends), x.begin() + 1000);
        std::vector<std::byte> codes(x.size() * bytes);
        const std::uint64_t clipped = format->quantize(x, scale, codes.data());
        std::uint64_t expected_clipped = 0;
        for (std::size_t i = 0; i < x.size(); ++i) {
          const Encoded expected = format->encode(x[i], scale);
          expected_clipped += expected.clipped ? 1U : 0U;
          if (load_code(codes.data(), i, bytes) != expected.code) FAIL(target << " " << f.name() << " x = " << x[i]);
        }
        CHECK(clipped == expected_clipped);
      }
    }
  }
}

TEST_CASE("an empty block changes nothing", "[float_kernel]") {
  DotSpec spec;
  spec.a = spec.b = float_format_ptr("fp8_e4m3");
  spec.accumulator.floating = FloatAccumulator{};
  const auto unit = make_float_dot_unit(spec);
  Psum psum{3, 4};
  CHECK(unit->accumulate(GroupBlock{}, &psum, 1) == 0);
  CHECK(psum == Psum{3, 4});
}
