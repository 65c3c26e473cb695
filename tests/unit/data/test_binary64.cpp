// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "sim/data/binary64.hpp"
#include "tests/unit/data/data_support.hpp"

using namespace lnsim;
using lnsim::test::lns8;
using lnsim::test::Random;
using lnsim::test::random_pass;
using lnsim::test::tensors_of;

namespace {

double plain_output(const Gemm& gemm, const CodeTensor& a, const CodeTensor& b, const BatchOffsets& offsets,
                    std::uint64_t m, std::uint64_t n) {
  const auto value = [](const OperandView& view, const CodeTensor& tensor, std::int64_t offset, std::uint64_t row,
                        std::uint64_t k) {
    const auto element = view.element(row, k);
    const numerics::Code code = element ? tensor.code(*element + static_cast<std::uint64_t>(offset)) : 0;
    return tensor.format->decode(code, 1.0);
  };
  double sum = 0.0;
  for (std::uint64_t k = 0; k < gemm.k; ++k) {
    sum += value(gemm.a, a, offsets.a, m, k) * value(gemm.b, b, offsets.b, n, k);
  }
  return sum * a.scale * b.scale;
}

}  // namespace

TEST_CASE("binary64 outputs are sums over ascending k, whatever the panels", "[data]") {
  Random random(41);
  const std::vector<numerics::FormatPtr> formats = {lns8(), numerics::find_format("int8"),
                                                    numerics::find_format("bf16"), numerics::find_format("fp32")};
  for (int round = 0; round < 80; ++round) {
    const LayerPass pass = random_pass(random);
    const auto tensors = tensors_of(pass, formats[random.between(0, 3)], 12);
    double largest = 0.0;
    for (const Gemm& gemm : pass.gemms) {
      const CodeTensor& a = tensors[gemm.a.tensor];
      const CodeTensor& b = tensors[gemm.b.tensor];
      for (std::uint64_t index = 0; index < gemm.count(); ++index) {
        std::uint64_t seen = 0;
        const auto compare = [&](const Binary64Panel& panel) {
          for (std::size_t n = 0; n < panel.n_count; ++n) {
            for (std::size_t m = 0; m < panel.m_count; ++m) {
              const double expected =
                  plain_output(gemm, a, b, batch_offsets(gemm, index), panel.m_begin + m, panel.n_begin + n);
              REQUIRE(panel.values[n * panel.stride + m] == expected);
              largest = std::max(largest, std::fabs(expected));
              ++seen;
            }
          }
        };
        binary64_panels(gemm, a, b, index, compare, random.flip() ? 64 : kPanelBytes);
        CHECK(seen == gemm.m * gemm.n);
      }
    }
    CHECK(binary64_max(pass, tensors) == largest);
  }
}

TEST_CASE("sums longer than one slice of k are right", "[data]") {
  const LayerPass pass = linear_forward({5000, 3, 2, false, ""}, 1);
  const auto tensors = tensors_of(pass, numerics::find_format("int8"), 13);
  const Gemm& gemm = pass.gemms.front();
  double largest = 0.0;
  for (std::uint64_t m = 0; m < gemm.m; ++m) {
    for (std::uint64_t n = 0; n < gemm.n; ++n) {
      largest = std::max(largest, std::fabs(plain_output(gemm, tensors[0], tensors[1], {}, m, n)));
    }
  }
  CHECK(binary64_max(pass, tensors) == largest);
}

TEST_CASE("the output scale is the usual one of the largest output with headroom", "[data]") {
  CHECK(output_scale(*lns8(), 3.0) == 3.0);
  CHECK(output_scale(*lns8(), 3.0, 2.0) == 6.0);
  CHECK(output_scale(*numerics::find_format("int8"), 127.0, 0.5) == 0.5);
  CHECK(output_scale(*numerics::find_format("fp8_e4m3"), 448.0) == 1.0);
  CHECK(output_scale(*numerics::find_format("bf16"), 1e6) == 1.0);
  CHECK(output_scale(*lns8(), 0.0) == 1.0);
}
