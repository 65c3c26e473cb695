// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "sim/support/text.hpp"
#include "sim/workload/gemm_lowering.hpp"

namespace lnsim {

TEST_CASE("every role, pass and vector operation has a name") {
  CHECK(role_name(Role::kWeight) == "weight");
  CHECK(role_name(Role::kIndex) == "index");
  CHECK(pass_name(PassKind::kForward) == "forward");
  CHECK(pass_name(PassKind::kUpdate) == "update");
  CHECK(vector_op_name(VectorOp::kAdd) == "add");
  CHECK(vector_op_name(VectorOp::kTanh) == "tanh");
}

TEST_CASE("passes of equal work are equal under other names and repeats") {
  LayerPass one = linear_forward({8, 4, 2, true, ""}, 3);
  LayerPass other = one;
  other.layer = "encoder.query";
  other.repeat = 12;
  CHECK(one.same_work(other));
  CHECK_FALSE(one.same_work(linear_forward({8, 4, 2, false, ""}, 3)));
  CHECK_FALSE(one.same_work(linear_forward({8, 4, 2, true, ""}, 4)));
}

TEST_CASE("MACs beyond 64 bits are refused, not wrapped") {
  Gemm gemm;
  gemm.m = gemm.n = gemm.k = 1ULL << 22;
  CHECK_THROWS_AS(gemm.macs(), OverflowError);
}

TEST_CASE("a window that starts in the padding has fewer valid taps") {
  const WindowAxis axis{4, 3, 1, 1, 1, 1};
  CHECK(axis.out() == 4);
  CHECK(axis.valid_taps() == 2 + 3 + 3 + 2);
  CHECK(axis.covered() == 4);
  const WindowAxis gaps{7, 1, 3, 1, 0, 0};
  CHECK(gaps.valid_taps() == 3);
  CHECK(gaps.covered() == 3);
}

}  // namespace lnsim
