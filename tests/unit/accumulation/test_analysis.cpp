// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "sim/accumulation/analysis.hpp"
#include "sim/numerics/format.hpp"
#include "tests/unit/workload/networks.hpp"

namespace lnsim {
namespace {

constexpr const char* kStrided =
    R"({"name": "c", "input_gradient": true, "conv2d": {"in_channels": 8, "out_channels": 16, "height": 8, "width": 8,
        "kernel": [3], "stride": [2], "padding": [1]}})";

std::vector<AccumulationRow> rows_of(const AccumulationAnalysis& analysis, PassKind pass) {
  std::vector<AccumulationRow> rows;
  for (const AccumulationRow& row : analysis.rows) {
    if (row.pass == pass) rows.push_back(row);
  }
  return rows;
}

}  // namespace

TEST_CASE("each GEMM is as long as the products of one of its outputs") {
  const AccumulationAnalysis analysis = analyse_accumulation(lower(test::network_of(kStrided)), {});
  const auto forward = rows_of(analysis, PassKind::kForward);
  REQUIRE(forward.size() == 1);
  CHECK(forward[0].length == 8 * 3 * 3);
  const auto weight_grad = rows_of(analysis, PassKind::kWeightGrad);
  REQUIRE(weight_grad.size() == 1);
  CHECK(weight_grad[0].length == 2 * 4 * 4);
}

TEST_CASE("the phases of a strided input gradient are rows by their taps") {
  const AccumulationAnalysis analysis = analyse_accumulation(lower(test::network_of(kStrided)), {});
  std::map<std::uint64_t, std::uint64_t> gemms;
  for (const AccumulationRow& row : rows_of(analysis, PassKind::kInputGrad)) gemms[row.length] += row.gemms;
  // A 3-tap kernel at stride 2: one tap on one phase of each axis, two on the other.
  CHECK(gemms == std::map<std::uint64_t, std::uint64_t>{{16 * 1, 1}, {16 * 2, 2}, {16 * 4, 1}});
}

TEST_CASE("rows have the answers of the library for their length") {
  AccumulationOptions options;
  options.product_mantissa = 7;
  options.chunk = 16;
  options.non_zero_ratio = 0.5;
  const AccumulationAnalysis analysis = analyse_accumulation(lower(test::shipped("lenet")), options);
  REQUIRE(!analysis.rows.empty());
  unsigned widest = 0;
  for (const AccumulationRow& row : analysis.rows) {
    numerics::Accumulation sum{7, row.length, {}, 0.5};
    CHECK(row.plain.bits == numerics::least_mantissa(sum));
    CHECK(row.plain.kept.vrr == numerics::retention(sum, row.plain.bits).vrr);
    sum.chunk = 16;
    CHECK(row.chunked.bits == numerics::least_mantissa(sum));
    CHECK(row.chunked.kept.ln_v == numerics::retention(sum, row.chunked.bits).ln_v);
    widest = std::max(widest, row.plain.bits);
  }
  REQUIRE(analysis.knees.size() == widest);
  CHECK(analysis.knees.back().bits == widest);
  for (const AccumulationRow& row : analysis.rows) CHECK(row.length <= analysis.knees[row.plain.bits - 1].plain);
}

TEST_CASE("options out of range are refused") {
  AccumulationOptions options;
  options.product_mantissa = 0;
  CHECK_THROWS_AS(analyse_accumulation(lower(test::shipped("lenet")), options), numerics::SpecError);
  options = {};
  options.chunk = 0;
  CHECK_THROWS_AS(analyse_accumulation(lower(test::shipped("lenet")), options), numerics::SpecError);
}

}  // namespace lnsim
