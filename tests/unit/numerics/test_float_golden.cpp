// SPDX-License-Identifier: Apache-2.0
// Golden vectors from rational arithmetic: tests/golden/numerics/generate_float.py.
#include <bit>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "sim/numerics/float_accumulator.hpp"
#include "sim/numerics/float_dot.hpp"
#include "tests/unit/numerics/test_float_support.hpp"

using namespace lnsim::numerics;
using namespace lnsim::numerics::float_test;

namespace {

double from_bits(const std::string& hex) { return std::bit_cast<double>(std::uint64_t{std::stoull(hex, nullptr, 16)}); }

Rounding rounding_of(const std::string& text) {
  return text == "rhe" ? Rounding::kNearestEven : text == "zero" ? Rounding::kTowardZero : Rounding::kFloor;
}

/// float:e:m:rounding:bias
FloatAccumulator float_of(const std::string& text) {
  const auto part = split(text, ':');
  FloatAccumulator acc;
  acc.exponent = static_cast<unsigned>(std::stoul(part[1]));
  acc.mantissa = static_cast<unsigned>(std::stoul(part[2]));
  acc.rounding = rounding_of(part[3]);
  if (part[4] != "-") acc.bias = std::stoi(part[4]);
  return acc;
}

/// fixed:A[:G:rounding]
FixedAccumulator fixed_of(const std::string& text) {
  const auto part = split(text, ':');
  FixedAccumulator acc;
  acc.bits = static_cast<unsigned>(std::stoul(part[1]));
  if (part.size() > 2 && part[2] != "-") acc.guard = static_cast<unsigned>(std::stoul(part[2]));
  if (part.size() > 3) acc.rounding = rounding_of(part[3]);
  return acc;
}

DotSpec spec_of(const std::vector<std::string>& row) {
  DotSpec spec;
  spec.a = float_format_ptr(row[0]);
  spec.b = float_format_ptr(row[1]);
  spec.vector_size = static_cast<unsigned>(std::stoul(row[2]));
  const auto is_float = [](const std::string& text) { return text.substr(0, 5) == "float"; };
  AccumulatorSpec& acc = spec.accumulator;
  if (is_float(row[3])) acc.floating = float_of(row[3]);
  if (!is_float(row[3])) acc.fixed = fixed_of(row[3]);
  if (row[4] != "-") spec.window = static_cast<unsigned>(std::stoul(row[4]));
  if (row[5] == "exact") {
    spec.tree_exact = true;
  } else if (row[5] != "-") {
    spec.tree_fraction_bits = static_cast<unsigned>(std::stoul(row[5]));
  }
  if (row[6] != "-") acc.chunk = std::stoull(row[6]);
  if (row[7] != "-" && is_float(row[7])) acc.outer_floating = float_of(row[7]);
  if (row[7] != "-" && !is_float(row[7])) acc.outer_fixed = fixed_of(row[7]);
  return spec;
}

std::vector<std::byte> codes_of(const Format& format, const std::string& text) {
  const auto words = split(text, ' ');
  std::vector<std::byte> codes(words.size() * format.container_bytes());
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto code = static_cast<Code>(std::stoul(words[i], nullptr, 16));
    REQUIRE(format.valid(code));
    store_code(codes.data(), i, format.container_bytes(), code);
  }
  return codes;
}

struct Result {
  Psum psum;
  std::uint64_t saturations = 0;
};

/// One output over all groups, by accumulate or accumulate_reference.
Result run(const DotUnit& unit, const std::vector<std::byte>& a, const std::vector<std::byte>& b, std::size_t k,
           bool reference) {
  const DotSpec& spec = unit.spec();
  const std::size_t v = spec.vector_size;
  Result result;
  for (std::size_t start = 0; start < k; start += v) {
    const std::size_t end = std::min(k, start + v);
    const bool chunk_end = end == k || (spec.accumulator.chunk && end % *spec.accumulator.chunk == 0);
    const GroupBlock block{a.data() + start * spec.a->container_bytes(),
                           b.data() + start * spec.b->container_bytes(),
                           k,
                           k,
                           1,
                           1,
                           static_cast<unsigned>(end - start),
                           chunk_end};
    result.saturations +=
        reference ? unit.accumulate_reference(block, &result.psum, 1) : unit.accumulate(block, &result.psum, 1);
  }
  return result;
}

/// k:q with k odd or zero, as the generator writes values.
std::string show(DotUnit::Exact x) {
  while (x.mantissa != 0 && x.mantissa % 2 == 0) {
    x.mantissa /= 2;
    ++x.exponent;
  }
  if (x.mantissa == 0) x.exponent = 0;
  return std::to_string(x.mantissa) + ":" + std::to_string(x.exponent);
}

}  // namespace

TEST_CASE("encoding agrees with the golden vectors", "[float_golden]") {
  const auto rows = golden_fields("float_encode.csv");
  REQUIRE(rows.size() > 600);
  for (const auto& row : rows) {
    const FloatFormat& format = float_format(row[0]);
    const double x = from_bits(row[1]);
    INFO(row[0] << " x = " << x);
    const Encoded encoded = format.encode(x, from_bits(row[2]));
    CHECK(encoded.code == static_cast<Code>(std::stoul(row[3], nullptr, 16)));
    CHECK(encoded.clipped == (row[4] == "1"));
    if (row[5] != "0") CHECK(format.usual_scale(std::fabs(x)) == from_bits(row[5]));
  }
}

TEST_CASE("float accumulators agree with the golden vectors", "[float_golden]") {
  const auto rows = golden_fields("float_accumulate.csv");
  REQUIRE(rows.size() >= 500);
  for (const auto& row : rows) {
    INFO(row[0] << ": " << row[1]);
    const FloatAccumulate acc(float_of(row[0]));
    std::int64_t state = 0;
    std::uint64_t saturations = 0;
    for (const std::string& term : split(row[1], ' ')) {
      const auto part = split(term, ':');
      saturations += acc.add(state, std::stoll(part[0]), std::stoi(part[1])) ? 1U : 0U;
    }
    CHECK(show(acc.exact(state)) == row[2]);
    CHECK(saturations == std::stoull(row[3]));
  }
}

TEST_CASE("dot products agree with the golden vectors in scalar and vectorised code", "[float_golden]") {
  const auto rows = golden_fields("float_dot.csv");
  REQUIRE(rows.size() >= 700);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& row = rows[i];
    INFO("row " << i << ": " << row[0] << " " << row[1] << " V=" << row[2] << " " << row[3] << " W=" << row[4]
                << " F=" << row[5] << " chunk=" << row[6] << " outer=" << row[7]);
    const auto unit = make_float_dot_unit(spec_of(row));
    const auto a = codes_of(*unit->spec().a, row[8]);
    const auto b = codes_of(*unit->spec().b, row[9]);
    const std::size_t k = split(row[8], ' ').size();
    for (const bool reference : {true, false}) {
      const Result result = run(*unit, a, b, k, reference);
      CHECK(show(unit->exact(result.psum)) == row[10]);
      CHECK(result.saturations == std::stoull(row[11]));
    }
  }
}
