// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cmath>

#include "sim/numerics/dot_unit.hpp"
#include "sim/numerics/lns.hpp"
#include "tests/unit/numerics/golden_csv.hpp"
#include "tests/unit/numerics/random_dots.hpp"

using namespace lnsim::numerics;
using namespace lnsim::numerics::test;

namespace {

FormatPtr golden_format(GoldenRow& row) {
  const unsigned bits = row.natural();
  const unsigned gamma = row.natural();
  return make_lns(bits, gamma, row.text() == "zero_code" ? ZeroMode::kZeroCode : ZeroMode::kMinCode);
}

DotSpec golden_spec(GoldenRow& row) {
  DotSpec spec;
  spec.a = golden_format(row);
  spec.b = golden_format(row);
  spec.vector_size = row.natural();
  spec.conversion.lut_entries = row.natural();
  spec.conversion.fraction_bits = row.natural();
  FixedAccumulator accumulator;
  accumulator.bits = row.natural();
  accumulator.guard = row.natural();
  accumulator.rounding = row.text() == "rhe" ? Rounding::kNearestEven : Rounding::kFloor;
  spec.accumulator.fixed = accumulator;
  const std::string tree = row.text();
  spec.tree_exact = tree == "exact";
  if (!spec.tree_exact) spec.tree_fraction_bits = static_cast<unsigned>(std::stoul(tree));
  spec.conversion.structure = row.text() == "bin_trees" ? LnsStructure::kBinTrees : LnsStructure::kPerElement;
  return spec;
}

std::vector<std::byte> golden_codes(GoldenRow& row, const Format& format) {
  const auto& lns = dynamic_cast<const LnsFormat&>(format);
  const auto signs = row.naturals();
  const auto exponents = row.naturals();
  std::vector<std::byte> codes(signs.size() * format.container_bytes());
  for (std::size_t i = 0; i < signs.size(); ++i) {
    store_code(codes.data(), i, format.container_bytes(),
               lns.code(signs[i] == 1, static_cast<std::int32_t>(exponents[i])));
  }
  return codes;
}

DotSpec default_spec() {
  DotSpec spec;
  spec.a = spec.b = make_lns(8, 8, ZeroMode::kZeroCode);
  spec.accumulator.fixed = FixedAccumulator{24, std::nullopt, Rounding::kFloor};
  return spec;
}

/// One product in a fresh accumulator, in binary64: every intermediate is an integer below 2^53 or a power of two away
/// from one. Not how the units compute it.
double expected_product(const DotSpec& spec, unsigned code_a, unsigned code_b) {
  const auto& a = dynamic_cast<const LnsFormat&>(*spec.a);
  const auto& b = dynamic_cast<const LnsFormat&>(*spec.b);
  if (a.decode(code_a, 1.0) == 0.0 || b.decode(code_b, 1.0) == 0.0) return 0.0;
  const double gamma = std::max(a.gamma(), b.gamma());
  const double p = a.exponent(code_a) * gamma / a.gamma() + b.exponent(code_b) * gamma / b.gamma();
  const double full = a.max_exponent() * gamma / a.gamma() + b.max_exponent() * gamma / b.gamma();
  const double lam =
      std::floor(full / gamma) + 1 + *spec.accumulator.fixed->guard - (spec.accumulator.fixed->bits - 1.0);
  const double q = std::floor(p / gamma);
  const double bins = spec.conversion.lut_entries;
  const double i = std::floor((p - q * gamma) / gamma * bins);
  const double t = p - q * gamma - i * gamma / bins;
  const double fraction = spec.conversion.fraction_bits;
  const double constant = std::floor(std::exp2(i / bins + fraction) + 0.5);
  // In accumulator LSBs: linear * 2^(q - log2 gamma - lam), constant * 2^-C.
  double linear = std::ldexp((gamma + t) / gamma, static_cast<int>(q - lam));
  double d = 0.0;
  const double tree = spec.tree_exact ? 1000.0 : spec.tree_fraction_bits.value_or(0);
  const bool per_element = spec.conversion.structure == LnsStructure::kPerElement;
  if (per_element) linear *= constant * std::exp2(-fraction);
  if (!spec.tree_exact) linear = std::floor(std::ldexp(linear, static_cast<int>(tree))) * std::exp2(-tree);
  if (!per_element) linear *= constant * std::exp2(-fraction);
  if (a.negative(code_a) != b.negative(code_b)) linear = -linear;
  d = spec.accumulator.fixed->rounding == Rounding::kFloor ? std::floor(linear) : std::nearbyint(linear);
  const double highest = std::exp2(spec.accumulator.fixed->bits - 1.0);
  return std::min(std::max(d, -highest), highest - 1.0);
}

void check_all_products(DotSpec spec) {
  spec.vector_size = 1;
  const auto unit = make_dot_unit(spec);
  const std::size_t m = std::size_t{1} << spec.a->bits();
  const std::size_t n = std::size_t{1} << spec.b->bits();
  std::vector<std::byte> a(m);
  std::vector<std::byte> b(n);
  for (std::size_t i = 0; i < m; ++i) a[i] = static_cast<std::byte>(i);
  for (std::size_t i = 0; i < n; ++i) b[i] = static_cast<std::byte>(i);
  std::vector<Psum> psums(m * n);
  gemm(*unit, a.data(), b.data(), m, n, 1, psums.data());
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t i = 0; i < m; ++i) {
      const double actual = static_cast<double>(unit->accumulator_integer(psums[j * m + i]));
      const double expected = expected_product(unit->spec(), static_cast<unsigned>(i), static_cast<unsigned>(j));
      if (actual != expected) {
        INFO(describe(spec) << " codes " << i << " " << j);
        REQUIRE(actual == expected);
      }
    }
  }
  SUCCEED();
}

}  // namespace

TEST_CASE("All products of two LNS8 codes match an oracle in binary64", "[lns]") {
  for (const LnsStructure structure : {LnsStructure::kPerElement, LnsStructure::kBinTrees}) {
    for (const unsigned entries : {8U, 4U, 1U}) {
      for (const int tree : {-1, 0, 3}) {
        DotSpec spec = default_spec();
        spec.conversion = {structure, entries, 8};
        spec.tree_exact = tree < 0;
        if (tree >= 0) spec.tree_fraction_bits = static_cast<unsigned>(tree);
        spec.accumulator.fixed->rounding = tree == 3 ? Rounding::kNearestEven : Rounding::kFloor;
        check_all_products(spec);
        spec.a = make_lns(8, 8, ZeroMode::kMinCode);
        check_all_products(spec);
      }
    }
  }
}

TEST_CASE("All products of LNS8 and LNS(5,1) codes match an oracle in binary64", "[lns]") {
  DotSpec spec = default_spec();
  spec.b = make_lns(5, 1, ZeroMode::kZeroCode);
  check_all_products(spec);
  std::swap(spec.a, spec.b);
  spec.conversion.structure = LnsStructure::kBinTrees;
  spec.conversion.lut_entries = 2;
  check_all_products(spec);
}

TEST_CASE("LNS dot products match those of an independent generator", "[lns][golden]") {
  for (GoldenRow& row : golden_rows("lns_dot.csv")) {
    const DotSpec spec = golden_spec(row);
    const auto unit = make_dot_unit(spec);
    const auto a = golden_codes(row, *spec.a);
    const auto b = golden_codes(row, *spec.b);
    const long long acc = row.integer();
    const long long saturations = row.integer();
    const std::size_t length = a.size() / spec.a->container_bytes();
    for (const bool reference : {true, false}) {
      Psum psum;
      const std::uint64_t counted = gemm(*unit, a.data(), b.data(), 1, 1, length, &psum, reference);
      INFO(describe(spec) << ", K " << length << (reference ? " reference" : " kernel"));
      REQUIRE(unit->accumulator_integer(psum) == acc);
      REQUIRE(static_cast<long long>(counted) == saturations);
    }
    REQUIRE(unit->exact(Psum{1, 0}).exponent == row.integer());
    REQUIRE(unit->log2_unit() == row.number());
  }
}

TEST_CASE("With the exact tree both structures agree bit for bit", "[lns]") {
  Random random(17);
  for (int i = 0; i < 200; ++i) {
    DotSpec spec = random_lns_spec(random);
    spec.tree_fraction_bits.reset();
    spec.tree_exact = true;
    std::unique_ptr<DotUnit> bins;
    std::unique_ptr<DotUnit> element;
    try {
      spec.conversion.structure = LnsStructure::kBinTrees;
      bins = make_dot_unit(spec);
      spec.conversion.structure = LnsStructure::kPerElement;
      element = make_dot_unit(spec);
    } catch (const SpecError&) {
      continue;  // too wide when exact
    }
    const auto a = random_codes(random, *spec.a, 70, 50);
    const auto b = random_codes(random, *spec.b, 70, 50);
    Psum first;
    Psum second;
    gemm(*bins, a.data(), b.data(), 1, 1, 70, &first);
    gemm(*element, a.data(), b.data(), 1, 1, 70, &second);
    INFO(describe(spec));
    REQUIRE(first == second);
  }
}

TEST_CASE("The default LNS unit has the documented alignment and defaults", "[lns]") {
  const auto unit = make_dot_unit(default_spec());
  CHECK(*unit->spec().accumulator.fixed->guard == 6);
  CHECK(*unit->spec().tree_fraction_bits == 0);
  CHECK(unit->exact(Psum{1, 0}).exponent == 15);
  CHECK(unit->log2_unit() == -31.75);
  CHECK(unit->psum_bits() == 24);
  // A full-scale product is 1 with unit scales: r = 6 of 8 at C = 8 is 431 / 256 of 2^31.
  Psum psum;
  const auto code = static_cast<std::byte>(127);
  gemm(*unit, &code, &code, 1, 1, 1, &psum);
  CHECK(unit->accumulator_integer(psum) == (431LL * 8 << 31) >> 26);
  CHECK(unit->value(psum, 3.0, 0.5) == Approx(1.5).epsilon(2e-3));
}

TEST_CASE("Zero elements contribute nothing, each operand by its own zero mode", "[lns]") {
  DotSpec spec = default_spec();
  spec.b = make_lns(8, 8, ZeroMode::kMinCode);
  spec.accumulator.fixed->bits = 48;  // the smallest product still counts
  const auto unit = make_dot_unit(spec);
  const auto sum = [&](unsigned a, unsigned b) {
    Psum psum;
    const auto code_a = static_cast<std::byte>(a);
    const auto code_b = static_cast<std::byte>(b);
    gemm(*unit, &code_a, &code_b, 1, 1, 1, &psum);
    return unit->accumulator_integer(psum);
  };
  CHECK(sum(0, 127) == 0);
  CHECK(sum(128, 255) == 0);
  CHECK(sum(127, 0) > 0);
  CHECK(sum(127, 128) < 0);
}

TEST_CASE("Saturation happens per group", "[lns]") {
  DotSpec spec = default_spec();
  spec.accumulator.fixed->guard = 0;
  spec.vector_size = 1;
  const auto unit = make_dot_unit(spec);
  const std::vector<std::byte> a(3, std::byte{127});
  const std::vector<std::byte> b = {std::byte{127}, std::byte{127}, std::byte{255}};
  Psum psum;
  CHECK(gemm(*unit, a.data(), b.data(), 1, 1, 3, &psum) == 1);
  CHECK(unit->accumulator_integer(psum) < (1 << 23) - 1);
}

TEST_CASE("An LNS unit rejects what does not belong to it", "[lns]") {
  CHECK_NOTHROW(make_dot_unit(default_spec()));
  const auto rejects = [](auto change) {
    DotSpec spec = default_spec();
    change(spec);
    CHECK_THROWS_AS(make_dot_unit(spec), SpecError);
  };
  rejects([](DotSpec& s) { s.conversion.lut_entries = 3; });
  rejects([](DotSpec& s) { s.conversion.lut_entries = 16; });
  rejects([](DotSpec& s) { s.conversion.lut_entries = 0; });
  rejects([](DotSpec& s) { s.accumulator.fixed->rounding = Rounding::kTowardZero; });
  rejects([](DotSpec& s) { s.accumulator.fixed->bits = 1; });
  rejects([](DotSpec& s) { s.accumulator.fixed->bits = 63; });
  rejects([](DotSpec& s) { s.accumulator.fixed.reset(); });
  rejects([](DotSpec& s) { s.accumulator.chunk = 32; });
  rejects([](DotSpec& s) { s.accumulator.floating = FloatAccumulator{}; });
  rejects([](DotSpec& s) { s.window = 24; });
  rejects([](DotSpec& s) { s.vector_size = 0; });
  rejects([](DotSpec& s) { s.b = find_format("int8"); });
  rejects([](DotSpec& s) {
    s.tree_exact = true;
    s.tree_fraction_bits = 0;
  });
}

TEST_CASE("An LNS unit accepts sums of exactly 63 bits and rejects 64", "[lns]") {
  // 1 + W + b + (C + 1) + ceil(log2 V) + 1 with W = 32, b = 3, V = 32.
  DotSpec spec = default_spec();
  spec.tree_exact = true;
  spec.conversion.fraction_bits = 63 - (1 + 32 + 3 + 1 + 5 + 1);
  CHECK_NOTHROW(make_dot_unit(spec));
  ++spec.conversion.fraction_bits;
  CHECK_THROWS_AS(make_dot_unit(spec), SpecError);
}
