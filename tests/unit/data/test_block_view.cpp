// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/block_view.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "sim/data/output_elements.hpp"
#include "sim/workload/gemm_lowering.hpp"

using namespace lnsim;

namespace {

constexpr std::uint64_t kBlock = 32;

/// By definition: every block along K, of every row and batch index, is a block of the tensor or padding as a whole.
bool all_blocks_are_there(const Gemm& gemm, bool is_a) {
  const OperandView& view = is_a ? gemm.a : gemm.b;
  for (std::uint64_t index = 0; index < gemm.count(); ++index) {
    const BatchOffsets offsets = batch_offsets(gemm, index);
    const auto offset = static_cast<std::uint64_t>(is_a ? offsets.a : offsets.b);
    for (std::uint64_t row = 0; row < view.row_count(); ++row) {
      for (std::uint64_t first = 0; first < gemm.k; first += kBlock) {
        const auto start = view.element(row, first);
        if (start && (*start + offset) % kBlock != 0) return false;
        for (std::uint64_t k = first; k < std::min(first + kBlock, gemm.k); ++k) {
          const auto element = view.element(row, k);
          if (element.has_value() != start.has_value()) return false;
          if (element && *element != *start + (k - first)) return false;
        }
      }
    }
  }
  return true;
}

Conv2d convolution(std::uint64_t in, std::uint64_t out, std::uint64_t groups = 1) {
  Conv2d conv;
  conv.in_channels = in;
  conv.out_channels = out;
  conv.height = 6;
  conv.width = 5;
  conv.kernel = {3};
  conv.stride = {2};
  conv.padding = {1};
  conv.groups = groups;
  return conv;
}

std::vector<LayerPass> passes() {
  std::vector<LayerPass> list;
  for (const Conv2d& conv : {convolution(32, 64), convolution(64, 32, 2), convolution(64, 128, 2), convolution(3, 32),
                             convolution(32, 24), convolution(16, 32), convolution(32, 32, 32)}) {
    list.push_back(conv_forward(conv, 2));
    list.push_back(conv_input_grad(conv, 2));
    list.push_back(conv_weight_grad(conv, 2));
  }
  for (const std::uint64_t in : {64U, 50U, 32U, 20U}) {
    Linear linear;
    linear.in_features = in;
    linear.out_features = in == 64 ? 96 : 10;
    linear.rows = 3;
    list.push_back(linear_forward(linear, 4));
    list.push_back(linear_input_grad(linear, 4));
    list.push_back(linear_weight_grad(linear, 4));
  }
  for (const std::uint64_t k : {64U, 33U}) {
    for (const bool transposed : {false, true}) {
      Matmul matmul;
      matmul.count = 2;
      matmul.m = 5;
      matmul.n = 32;
      matmul.k = k;
      matmul.transpose_b = transposed;
      matmul.a_layout = MatmulLayout::kBatchInside;
      list.push_back(matmul_forward(matmul, 3));
      list.push_back(matmul_input_grad_a(matmul, 3));
      list.push_back(matmul_input_grad_b(matmul, 3));
    }
  }
  return list;
}

}  // namespace

TEST_CASE("an operand reads its tensor's blocks where every block along K is one of them") {
  unsigned there = 0, not_there = 0;
  for (const LayerPass& pass : passes()) {
    for (const Gemm& gemm : pass.gemms) {
      for (const bool is_a : {true, false}) {
        INFO(pass.type << ' ' << pass_name(pass.kind) << ' ' << is_a << " k " << gemm.k);
        const bool reads = reads_blocks(gemm, is_a, kBlock);
        CHECK(reads == all_blocks_are_there(gemm, is_a));
        ++(reads ? there : not_there);
      }
    }
  }
  CHECK(there >= 15);
  CHECK(not_there >= 15);
}

TEST_CASE("the view of the scales finds each block's scale") {
  for (const LayerPass& pass : passes()) {
    for (const Gemm& gemm : pass.gemms) {
      for (const bool is_a : {true, false}) {
        if (!reads_blocks(gemm, is_a, kBlock)) continue;
        INFO(pass.type << ' ' << pass_name(pass.kind) << ' ' << is_a);
        const OperandView& view = is_a ? gemm.a : gemm.b;
        const OperandView scales = scales_view(view, kBlock);
        REQUIRE(scales.row_count() == view.row_count());
        REQUIRE(scales.k_count() == (gemm.k + kBlock - 1) / kBlock);
        for (std::uint64_t row = 0; row < view.row_count(); ++row) {
          for (std::uint64_t block = 0; block < scales.k_count(); ++block) {
            const auto element = view.element(row, block * kBlock);
            const auto scale = scales.element(row, block);
            REQUIRE(scale.has_value() == element.has_value());
            if (element) REQUIRE(*scale == *element / kBlock);
          }
        }
      }
    }
  }
}
