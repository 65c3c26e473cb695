// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "sim/data/merged_digits.hpp"
#include "sim/data/output_elements.hpp"
#include "sim/data/view_gather.hpp"
#include "sim/numerics/format.hpp"
#include "tests/unit/data/data_support.hpp"

using namespace lnsim;
using lnsim::test::Random;
using lnsim::test::random_pass;

namespace {

/// A tensor whose every code tells its element (as far as it fits the container) and is never 0.
std::vector<std::byte> numbered(std::uint64_t elements, unsigned bytes) {
  std::vector<std::byte> codes(elements * bytes);
  for (std::uint64_t i = 0; i < elements; ++i) {
    const auto code = static_cast<numerics::Code>(bytes == 1 ? i % 251 + 1 : bytes == 2 ? i % 65521 + 1 : i + 1);
    numerics::store_code(codes.data(), i, bytes, code);
  }
  return codes;
}

struct Request {
  std::uint64_t row, k_begin;
  unsigned count;
};

/// True if gathering equals OperandView::element() for the request.
bool agrees(ViewGather& gather, const OperandView& view, const std::vector<std::byte>& codes, unsigned bytes,
            const Request& request, std::int64_t batch_offset) {
  constexpr std::byte kGuard{0xA5};
  std::vector<std::byte> out(request.count * bytes + 8, kGuard);
  gather.gather(codes.data(), request.row, request.k_begin, request.count, batch_offset, out.data());
  for (unsigned i = 0; i < request.count; ++i) {
    const auto element = view.element(request.row, request.k_begin + i);
    const numerics::Code expected =
        element ? numerics::load_code(codes.data(), *element + static_cast<std::uint64_t>(batch_offset), bytes) : 0;
    if (numerics::load_code(out.data(), i, bytes) != expected) return false;
  }
  for (std::size_t i = request.count * bytes; i < out.size(); ++i) {
    if (out[i] != kGuard) return false;  // wrote behind the vector
  }
  return true;
}

}  // namespace

TEST_CASE("gathered codes are those of the view's elements, in any order of rows and k", "[data]") {
  Random random(20240);
  for (int round = 0; round < 1500; ++round) {
    const LayerPass pass = random_pass(random);
    for (const Gemm& gemm : pass.gemms) {
      const bool second = random.flip();
      const OperandView& view = second ? gemm.b : gemm.a;
      const unsigned bytes = 1U << random.between(0, 2);
      const auto codes = numbered(pass.tensors[view.tensor].elements, bytes);
      ViewGather gather(view, bytes);
      for (int i = 0; i < 40; ++i) {
        const std::uint64_t k_begin = random.between(0, gemm.k - 1);
        const Request request{random.between(0, view.row_count() - 1), k_begin,
                              static_cast<unsigned>(random.between(1, std::min<std::uint64_t>(gemm.k - k_begin, 70)))};
        const BatchOffsets offsets = batch_offsets(gemm, random.between(0, gemm.count() - 1));
        INFO("round " << round << " row " << request.row << " k " << request.k_begin << " + " << request.count);
        REQUIRE(agrees(gather, view, codes, bytes, request, second ? offsets.b : offsets.a));
      }
    }
  }
}

TEST_CASE("rows one after the other are gathered as rows at random", "[data]") {
  Random random(99);
  for (int round = 0; round < 300; ++round) {
    const LayerPass pass = random_pass(random);
    if (pass.gemms.empty()) continue;
    const Gemm& gemm = pass.gemms.front();
    for (const OperandView* view : {&gemm.a, &gemm.b}) {
      const auto codes = numbered(pass.tensors[view->tensor].elements, 1);
      ViewGather gather(*view, 1);
      for (std::uint64_t k = 0; k < gemm.k; k += 16) {
        for (std::uint64_t row = 0; row < view->row_count(); ++row) {
          const auto count = static_cast<unsigned>(std::min<std::uint64_t>(16, gemm.k - k));
          REQUIRE(agrees(gather, *view, codes, 1, {row, k, count}, 0));
        }
      }
    }
  }
}

TEST_CASE("a block of rows is gathered as its rows one by one", "[data]") {
  constexpr std::byte kGuard{0xA5};
  Random random(512);
  int transposed = 0;
  for (int round = 0; round < 1500; ++round) {
    const LayerPass pass = random_pass(random);
    for (const Gemm& gemm : pass.gemms) {
      const bool second = random.flip();
      const OperandView& view = second ? gemm.b : gemm.a;
      const unsigned bytes = 1U << random.between(0, 2);
      const auto codes = numbered(pass.tensors[view.tensor].elements, bytes);
      ViewGather gather(view, bytes);
      transposed += gather.transposes() ? 1 : 0;
      for (int i = 0; i < 8; ++i) {
        const std::uint64_t row = random.between(0, view.row_count() - 1);
        const std::uint64_t rows = random.between(1, std::min<std::uint64_t>(view.row_count() - row, 40));
        const std::uint64_t k = random.between(0, gemm.k - 1);
        const std::uint64_t count = random.between(1, std::min<std::uint64_t>(gemm.k - k, 150));
        const BatchOffsets offsets = batch_offsets(gemm, random.between(0, gemm.count() - 1));
        const std::int64_t offset = second ? offsets.b : offsets.a;
        const std::size_t stride = (count + random.between(0, 5)) * bytes;
        std::vector<std::byte> out(rows * stride, kGuard);
        gather.gather_rows(codes.data(), row, rows, k, count, offset, out.data(), stride);
        std::vector<std::byte> expected(rows * stride, kGuard);
        for (std::uint64_t r = 0; r < rows; ++r) {
          for (std::uint64_t j = 0; j < count; ++j) {
            const auto element = view.element(row + r, k + j);
            const auto place = element ? *element + static_cast<std::uint64_t>(offset) : 0;
            numerics::store_code(expected.data() + r * stride, j, bytes,
                                 element ? numerics::load_code(codes.data(), place, bytes) : 0);
          }
        }
        INFO("round " << round << " rows " << row << " + " << rows << " k " << k << " + " << count);
        REQUIRE(out == expected);
      }
    }
  }
  CHECK(transposed > 100);
}

TEST_CASE("channels of a padded convolution's weight gradient are transposed in whole squares and edges", "[data]") {
  Conv2d conv;
  conv.in_channels = 72;
  conv.out_channels = 50;
  conv.height = 9;
  conv.width = 7;
  conv.kernel = {3, 3};
  conv.padding = {1};
  const LayerPass pass = conv_weight_grad(conv, 2);
  const Gemm& gemm = pass.gemms.front();
  for (const OperandView* view : {&gemm.a, &gemm.b}) {
    const auto codes = numbered(pass.tensors[view->tensor].elements, 1);
    ViewGather gather(*view, 1);
    REQUIRE(gather.transposes());
    for (std::uint64_t row = 0; row < view->row_count(); row += 37) {
      const std::uint64_t rows = std::min<std::uint64_t>(37, view->row_count() - row);
      std::vector<std::byte> out(rows * gemm.k);
      gather.gather_rows(codes.data(), row, rows, 0, gemm.k, 0, out.data(), gemm.k);
      for (std::uint64_t i = 0; i < out.size(); ++i) {
        const auto element = view->element(row + i / gemm.k, i % gemm.k);
        REQUIRE(out[i] == (element ? codes[*element] : std::byte{0}));
      }
    }
  }
}

TEST_CASE("a convolution without padding on whole pixels is one long run", "[data]") {
  Conv2d conv;
  conv.in_channels = 8;
  conv.out_channels = 4;
  conv.height = 6;
  conv.width = 5;
  const OperandView view = conv_forward(conv, 2).gemms.front().b;
  CHECK_FALSE(meets_padding(view));
  CHECK(merge_digits(view.rows, view.h_stride, view.w_stride, false).size() == 1);
  CHECK(merge_digits(view.ks, view.h_stride, view.w_stride, false).size() == 1);
  conv.kernel = {3, 3};
  conv.padding = {1};
  CHECK(meets_padding(conv_forward(conv, 2).gemms.front().b));
}

TEST_CASE("containers of codes have 1, 2 or 4 bytes", "[data]") {
  OperandView view;
  view.rows = {{1, 1, 0, 0}};
  view.ks = {{1, 1, 0, 0}};
  CHECK_THROWS_AS(ViewGather(view, 3), std::invalid_argument);
}
