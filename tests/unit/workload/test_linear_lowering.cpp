// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "sim/workload/gemm_lowering.hpp"
#include "tests/unit/workload/conv_cases.hpp"
#include "tests/unit/workload/evaluate.hpp"

namespace lnsim {
namespace {

using test::Values;

struct MatmulCase {
  Matmul op;
  std::uint64_t batch = 1;
};

MatmulCase random_matmul(test::Random& random) {
  const auto layout = [&] { return random.flip() ? MatmulLayout::kBatchFirst : MatmulLayout::kBatchInside; };
  Matmul op{random.between(1, 3),
            random.between(1, 5),
            random.between(1, 5),
            random.between(1, 5),
            random.flip(),
            random.flip(),
            layout(),
            layout(),
            layout()};
  return {op, random.between(1, 3)};
}

/// Element of a matrix in a [sample][count][row][column] or [sample][row][count][column] tensor.
std::uint64_t place(const Matmul& op, MatmulLayout layout, std::uint64_t rows, std::uint64_t columns, bool transposed,
                    std::uint64_t sample, std::uint64_t index, std::uint64_t row, std::uint64_t column) {
  if (transposed) {
    std::swap(rows, columns);
    std::swap(row, column);
  }
  const bool inside = layout == MatmulLayout::kBatchInside;
  const std::uint64_t outer = inside ? row : index;
  const std::uint64_t middle = inside ? index : row;
  return ((sample * (inside ? rows : op.count) + outer) * (inside ? op.count : rows) + middle) * columns + column;
}

struct Gradients {
  Values y, da, db;
};

Gradients reference(const MatmulCase& matmul, const Values& a, const Values& b, const Values& dy) {
  const Matmul& op = matmul.op;
  Gradients ref{Values(dy.size()), Values(a.size()), Values(b.size())};
  for (std::uint64_t sample = 0; sample < matmul.batch; ++sample)
    for (std::uint64_t index = 0; index < op.count; ++index)
      for (std::uint64_t m = 0; m < op.m; ++m)
        for (std::uint64_t n = 0; n < op.n; ++n)
          for (std::uint64_t k = 0; k < op.k; ++k) {
            const std::uint64_t at_a = place(op, op.a_layout, op.m, op.k, op.transpose_a, sample, index, m, k);
            const std::uint64_t at_b = place(op, op.b_layout, op.k, op.n, op.transpose_b, sample, index, k, n);
            const std::uint64_t at_y = place(op, op.out_layout, op.m, op.n, false, sample, index, m, n);
            ref.y[at_y] += a[at_a] * b[at_b];
            ref.da[at_a] += dy[at_y] * b[at_b];
            ref.db[at_b] += dy[at_y] * a[at_a];
          }
  return ref;
}

}  // namespace

TEST_CASE("matmul passes compute the products and both gradients for every layout and transpose") {
  test::Random random(21);
  for (int i = 0; i < 300; ++i) {
    const MatmulCase matmul = random_matmul(random);
    INFO("case " << i);
    const LayerPass forward = matmul_forward(matmul.op, matmul.batch);
    const Values a = test::ramp(forward.tensors[0].elements, 1);
    const Values b = test::ramp(forward.tensors[1].elements, 2);
    const Values dy = test::ramp(forward.tensors[2].elements, 3);
    const Gradients ref = reference(matmul, a, b, dy);
    REQUIRE(test::evaluate(forward, a, b) == ref.y);
    REQUIRE(test::evaluate(matmul_input_grad_a(matmul.op, matmul.batch), dy, b) == ref.da);
    REQUIRE(test::evaluate(matmul_input_grad_b(matmul.op, matmul.batch), a, dy) == ref.db);
  }
}

TEST_CASE("all three matmul passes have the same MACs") {
  test::Random random(22);
  for (int i = 0; i < 100; ++i) {
    const MatmulCase matmul = random_matmul(random);
    const std::uint64_t macs = matmul.batch * matmul.op.count * matmul.op.m * matmul.op.n * matmul.op.k;
    CHECK(matmul_forward(matmul.op, matmul.batch).macs() == macs);
    CHECK(matmul_input_grad_a(matmul.op, matmul.batch).macs() == macs);
    CHECK(matmul_input_grad_b(matmul.op, matmul.batch).macs() == macs);
  }
}

TEST_CASE("linear passes are those of a 1x1 convolution") {
  const Linear linear{5, 7, 6, false, ""};
  Conv2d conv;
  conv.in_channels = 5;
  conv.out_channels = 7;
  conv.height = 6;
  const Values weight = test::ramp(35, 1);
  const Values x = test::ramp(2 * 6 * 5, 2);
  const Values dy = test::ramp(2 * 6 * 7, 3);
  CHECK(test::evaluate(linear_forward(linear, 2), weight, x) == test::evaluate(conv_forward(conv, 2), weight, x));
  CHECK(test::evaluate(linear_input_grad(linear, 2), weight, dy) ==
        test::evaluate(conv_input_grad(conv, 2), weight, dy));
  CHECK(test::evaluate(linear_weight_grad(linear, 2), dy, x) == test::evaluate(conv_weight_grad(conv, 2), dy, x));
}

TEST_CASE("a bias is a parameter tensor that the PPU adds") {
  const LayerPass pass = linear_forward({5, 7, 1, true, ""}, 2);
  CHECK(pass.bias_channels == 7);
  CHECK(pass.tensors.back() == Tensor{"bias", Role::kParameter, 7, 0});
}

}  // namespace lnsim
