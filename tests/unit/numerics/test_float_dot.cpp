// SPDX-License-Identifier: Apache-2.0
// Products, defaults, chunks and refused specifications of the floating-point dot-product units.
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <vector>

#include "sim/numerics/float_dot.hpp"
#include "tests/unit/numerics/test_float_support.hpp"

using namespace lnsim::numerics;
using namespace lnsim::numerics::float_test;

namespace {

DotSpec float_spec(const char* a, const char* b, unsigned vector_size) {
  DotSpec spec;
  spec.a = float_format_ptr(a);
  spec.b = float_format_ptr(b);
  spec.vector_size = vector_size;
  spec.accumulator.floating = FloatAccumulator{};
  return spec;
}

DotSpec fixed_spec(const char* a, const char* b, unsigned vector_size) {
  DotSpec spec = float_spec(a, b, vector_size);
  spec.accumulator.floating.reset();
  spec.accumulator.fixed = FixedAccumulator{};
  return spec;
}

double result(const DotUnit& unit, const Psum& psum) {
  const DotUnit::Exact x = unit.exact(psum);
  return std::ldexp(static_cast<double>(x.mantissa), x.exponent);
}

std::vector<std::byte> finite_bytes(const FloatFormat& format) {
  std::vector<std::byte> codes;
  for (Code code = 0; code < (Code{1} << format.bits()); ++code) {
    if (format.valid(code)) codes.push_back(static_cast<std::byte>(code));
  }
  return codes;
}

/// Adds groups of one output whose codes are given; returns the saturations.
std::uint64_t add(const DotUnit& unit, std::vector<std::byte> a, std::vector<std::byte> b, bool chunk_end, Psum& psum) {
  const GroupBlock block{a.data(), b.data(), a.size(), b.size(), 1, 1, static_cast<unsigned>(a.size()), chunk_end};
  Psum reference = psum;
  const std::uint64_t saturations = unit.accumulate(block, &psum, 1);
  CHECK(unit.accumulate_reference(block, &reference, 1) == saturations);
  CHECK(reference == psum);
  return saturations;
}

constexpr std::byte operator""_c(unsigned long long code) { return static_cast<std::byte>(code); }

}  // namespace

TEST_CASE("all pairs of narrow codes multiply exactly in groups of one", "[float_dot]") {
  for (const char* name_a : {"fp8_e4m3", "fp8_e5m2", "fp6_e2m3", "fp6_e3m2", "fp4_e2m1"}) {
    for (const char* name_b : {"fp8_e4m3", "fp8_e5m2", "fp6_e2m3", "fp6_e3m2", "fp4_e2m1"}) {
      const auto a = finite_bytes(float_format(name_a));
      const auto b = finite_bytes(float_format(name_b));
      const GroupBlock block{a.data(), b.data(), 1, 1, static_cast<unsigned>(a.size()), static_cast<unsigned>(b.size()),
                             1,        false};
      const auto unit = make_float_dot_unit(float_spec(name_a, name_b, 1));
      std::vector<Psum> psums(a.size() * b.size());
      std::vector<Psum> reference(psums.size());
      CHECK(unit->accumulate(block, psums.data(), a.size()) == 0);
      CHECK(unit->accumulate_reference(block, reference.data(), a.size()) == 0);
      CHECK(psums == reference);
      for (std::size_t row = 0; row < b.size(); ++row) {
        for (std::size_t lane = 0; lane < a.size(); ++lane) {
          const double product = unit->spec().a->decode(static_cast<Code>(a[lane]), 1.0) *
                                 unit->spec().b->decode(static_cast<Code>(b[row]), 1.0);
          if (result(*unit, psums[row * a.size() + lane]) != product) FAIL(name_a << " " << name_b << " " << product);
        }
      }
    }
  }
}

TEST_CASE("all pairs of E4M3 codes are truncated to the LSB of a fixed accumulator", "[float_dot]") {
  const auto codes = finite_bytes(float_format("fp8_e4m3"));
  const auto n = static_cast<unsigned>(codes.size());
  DotSpec spec = fixed_spec("fp8_e4m3", "fp8_e4m3", 1);
  spec.accumulator.fixed = FixedAccumulator{16, 0, Rounding::kFloor};
  const auto unit = make_float_dot_unit(spec);
  std::vector<Psum> psums(codes.size() * codes.size());
  unit->accumulate(GroupBlock{codes.data(), codes.data(), 1, 1, n, n, 1, false}, psums.data(), n);
  for (std::size_t row = 0; row < n; ++row) {
    for (std::size_t lane = 0; lane < n; ++lane) {
      const double product =
          spec.a->decode(static_cast<Code>(codes[lane]), 1.0) * spec.b->decode(static_cast<Code>(codes[row]), 1.0);
      const double expected = std::trunc(product / 8.0);  // top = 18: the LSB of 16 bits is 2^3
      if (static_cast<double>(unit->accumulator_integer(psums[row * n + lane])) != expected) FAIL(product);
    }
  }
}

TEST_CASE("a zero operand takes part in the group maximum with exponent field 1", "[float_dot]") {
  DotSpec spec = float_spec("fp8_e4m3", "fp8_e4m3", 2);
  spec.window = 8;
  const auto unit = make_float_dot_unit(spec);
  Psum alone;
  add(*unit, {0x09_c}, {0x09_c}, false, alone);  // 1.125 * 2^-6, squared: all 8 bits fit the window
  CHECK(result(*unit, alone) == 81 * 0x1p-18);
  Psum beside_zero;
  add(*unit, {0x09_c, 0x00_c}, {0x09_c, 0x40_c}, false, beside_zero);  // 0 * 2: exponent 1 + 8, the window moves 7 up
  CHECK(result(*unit, beside_zero) == 0.0);
  Psum padded;
  add(*unit, {0x09_c, 0x00_c}, {0x09_c, 0x00_c}, false, padded);  // 0 * 0 never raises the maximum
  CHECK(padded == alone);
}

TEST_CASE("omitted fields of a float unit get the documented defaults", "[float_dot]") {
  CHECK(make_float_dot_unit(float_spec("fp8_e4m3", "bf16", 32))->spec().window == 24U);
  CHECK(make_float_dot_unit(float_spec("fp8_e4m3", "fp32", 32))->spec().window == 28U);
  DotSpec half = float_spec("fp16", "fp16", 32);
  half.accumulator.floating = FloatAccumulator{5, 10, Rounding::kNearestEven, std::nullopt};
  CHECK(make_float_dot_unit(half)->spec().window == 16U);
  half.a = float_format_ptr("fp32");
  CHECK(make_float_dot_unit(half)->spec().window == 28U);
  const auto fixed = make_float_dot_unit(fixed_spec("fp8_e4m3", "fp8_e5m2", 32));
  CHECK(fixed->spec().accumulator.fixed->guard == 3U);
  CHECK(fixed->spec().tree_fraction_bits == 0U);
  CHECK_NOTHROW(make_float_dot_unit(fixed->spec()));
  CHECK_NOTHROW(make_float_dot_unit(make_float_dot_unit(half)->spec()));
}

TEST_CASE("the raw state has the bits of its accumulators", "[float_dot]") {
  DotSpec spec = float_spec("fp8_e4m3", "fp8_e4m3", 8);
  CHECK(make_float_dot_unit(spec)->psum_bits() == 32);
  spec.accumulator.chunk = 64;
  CHECK(make_float_dot_unit(spec)->psum_bits() == 64);
  spec.accumulator.outer_floating = FloatAccumulator{5, 10, Rounding::kNearestEven, std::nullopt};
  CHECK(make_float_dot_unit(spec)->psum_bits() == 48);
  DotSpec fixed = fixed_spec("fp8_e4m3", "fp8_e4m3", 8);
  CHECK(make_float_dot_unit(fixed)->psum_bits() == 24);
  fixed.accumulator.chunk = 8;
  CHECK(make_float_dot_unit(fixed)->psum_bits() == 48);
  CHECK(make_float_dot_unit(fixed)->spec().accumulator.outer_fixed->bits == 24);
}

TEST_CASE("a chunk end moves the inner accumulator to the outer one", "[float_dot]") {
  DotSpec spec = fixed_spec("fp8_e4m3", "fp8_e4m3", 1);
  spec.accumulator.fixed = FixedAccumulator{8, 0, Rounding::kFloor};  // LSB 2^11: 448 * 448 is 98
  spec.accumulator.chunk = 1;
  spec.accumulator.outer_fixed = FixedAccumulator{9, std::nullopt, Rounding::kFloor};
  const auto unit = make_float_dot_unit(spec);
  Psum psum;
  CHECK(add(*unit, {0x7E_c}, {0x7E_c}, false, psum) == 0);
  CHECK(psum == Psum{98, 0});
  CHECK(unit->accumulator_integer(psum) == 0);
  CHECK(add(*unit, {0x7E_c}, {0x7E_c}, true, psum) == 1);
  CHECK(psum == Psum{0, 127});
  CHECK(add(*unit, {0x7E_c}, {0x7E_c}, true, psum) == 0);
  CHECK(add(*unit, {0x7E_c}, {0x7E_c}, true, psum) == 1);
  CHECK(psum == Psum{0, 255});
  CHECK(unit->accumulator_integer(psum) == 255);
  CHECK(result(*unit, psum) == 255 * 2048.0);
}

TEST_CASE("chunk ends are ignored by units without chunks", "[float_dot]") {
  const auto unit = make_float_dot_unit(float_spec("fp8_e4m3", "fp8_e4m3", 1));
  Psum psum;
  add(*unit, {0x38_c}, {0x38_c}, true, psum);
  CHECK(result(*unit, psum) == 1.0);
  CHECK(psum.outer == 0);
  CHECK(unit->accumulator_integer(psum) == 0);
}

TEST_CASE("specifications that the definitions do not allow are refused", "[float_dot]") {
  const FloatAccumulator any_float{};
  const FixedAccumulator any_fixed{24, std::nullopt, Rounding::kFloor};
  const struct {
    const char* message;
    bool fixed;
    std::function<void(DotSpec&)> change;
  } cases[] = {
      {"no format", false, [](DotSpec& s) { s.a = nullptr; }},
      {"exactly one", false, [&](DotSpec& s) { s.accumulator.fixed = any_fixed; }},
      {"exactly one", false, [](DotSpec& s) { s.accumulator.floating.reset(); }},
      {"vector size", false, [](DotSpec& s) { s.vector_size = 0; }},
      {"belong to a fixed", false, [](DotSpec& s) { s.tree_fraction_bits = 0; }},
      {"belong to a fixed", false, [](DotSpec& s) { s.tree_exact = true; }},
      {"belongs to a float", true, [](DotSpec& s) { s.window = 24; }},
      {"both exact and", true, [](DotSpec& s) { s.tree_exact = true, s.tree_fraction_bits = 1; }},
      {"at least 1", false, [](DotSpec& s) { s.window = 0; }},
      {"exceed 58", false, [](DotSpec& s) { s.window = 54; }},
      {"2..8", false, [](DotSpec& s) { s.accumulator.floating->exponent = 9; }},
      {"1..23", false, [](DotSpec& s) { s.accumulator.floating->mantissa = 0; }},
      {"rounding", false, [](DotSpec& s) { s.accumulator.floating->rounding = Rounding::kFloor; }},
      {"rounding", true, [](DotSpec& s) { s.accumulator.fixed->rounding = Rounding::kTowardZero; }},
      {"2..48", true, [](DotSpec& s) { s.accumulator.fixed->bits = 49; }},
      {"2..48", true, [](DotSpec& s) { s.accumulator.fixed->bits = 1; }},
      {"exceed 63", true, [](DotSpec& s) { s.tree_fraction_bits = 38; }},
      {"needs a chunk", false, [&](DotSpec& s) { s.accumulator.outer_floating = any_float; }},
      {"needs a chunk", true, [&](DotSpec& s) { s.accumulator.outer_fixed = any_fixed; }},
      {"multiple", false, [](DotSpec& s) { s.accumulator.chunk = 0; }},
      {"multiple", false, [](DotSpec& s) { s.accumulator.chunk = 33; }},
      {"float outer", false, [&](DotSpec& s) { s.accumulator.chunk = 32, s.accumulator.outer_fixed = any_fixed; }},
      {"exclude", true,
       [&](DotSpec& s) {
         s.accumulator.chunk = 32, s.accumulator.outer_fixed = any_fixed, s.accumulator.outer_floating = any_float;
       }},
      {"guard is not allowed", true,
       [&](DotSpec& s) {
         s.accumulator.chunk = 32, s.accumulator.outer_fixed = FixedAccumulator{24, 3, Rounding::kFloor};
       }},
      {"2..48", true,
       [&](DotSpec& s) {
         s.accumulator.chunk = 32, s.accumulator.outer_fixed = FixedAccumulator{60, std::nullopt, Rounding::kFloor};
       }},
      {"not a floating-point format", false, [](DotSpec& s) { s.b = find_format("int8"); }},
  };
  for (const auto& entry : cases) {
    DotSpec spec = entry.fixed ? fixed_spec("fp8_e4m3", "fp8_e4m3", 32) : float_spec("fp8_e4m3", "fp8_e4m3", 32);
    CHECK_NOTHROW(make_float_dot_unit(spec));
    entry.change(spec);
    CHECK_THROWS_WITH(make_float_dot_unit(spec), Catch::Matchers::Contains(entry.message));
    CHECK_THROWS_AS(make_float_dot_unit(spec), SpecError);
  }
}

TEST_CASE("an exact tree that needs more than 63 bits is refused", "[float_dot]") {
  DotSpec spec = fixed_spec("fp8_e4m3", "fp8_e4m3", 32);
  spec.tree_exact = true;
  CHECK_NOTHROW(make_float_dot_unit(spec));
  spec.a = spec.b = float_format_ptr("fp32");
  CHECK_THROWS_AS(make_float_dot_unit(spec), SpecError);
}
