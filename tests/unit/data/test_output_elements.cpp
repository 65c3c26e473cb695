// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <vector>

#include "sim/data/output_elements.hpp"
#include "tests/unit/data/data_support.hpp"

using namespace lnsim;
using lnsim::test::Random;
using lnsim::test::random_pass;

TEST_CASE("output elements are those of the view", "[data]") {
  Random random(31);
  for (int round = 0; round < 400; ++round) {
    const LayerPass pass = random_pass(random);
    for (const Gemm& gemm : pass.gemms) {
      const OutputElements elements(gemm.out);
      for (std::uint64_t m = 0; m < gemm.m; ++m) {
        for (std::uint64_t n = 0; n < gemm.n; ++n) REQUIRE(elements.element(m, n) == gemm.out.element(m, n));
      }
    }
  }
}

TEST_CASE("the outputs of all GEMMs and batches of a pass meet each element once", "[data]") {
  Random random(32);
  for (int round = 0; round < 200; ++round) {
    const LayerPass pass = random_pass(random);
    std::uint64_t expected = pass.tensors[2].elements;
    for (const StreamUse& fill : pass.zero_fills) expected -= fill.elements;
    std::vector<int> met(pass.tensors[2].elements, 0);
    for (const Gemm& gemm : pass.gemms) {
      const OutputElements elements(gemm.out);
      for (std::uint64_t index = 0; index < gemm.count(); ++index) {
        const auto offset = static_cast<std::uint64_t>(batch_offsets(gemm, index).out);
        for (std::uint64_t m = 0; m < gemm.m; ++m) {
          for (std::uint64_t n = 0; n < gemm.n; ++n) ++met[elements.element(m, n) + offset];
        }
      }
    }
    std::uint64_t once = 0;
    for (const int times : met) {
      REQUIRE(times <= 1);
      once += times == 1 ? 1U : 0U;
    }
    CHECK(once == expected);
  }
}
