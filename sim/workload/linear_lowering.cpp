// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "sim/workload/gemm_lowering.hpp"

namespace lnsim {
namespace {

std::int64_t step(std::uint64_t value) { return static_cast<std::int64_t>(value); }

/// A plain matrix in a tensor: element = base + row * row_step + k * k_step.
OperandView matrix(std::size_t tensor, std::uint64_t rows, std::uint64_t row_step, std::uint64_t ks,
                   std::uint64_t k_step) {
  OperandView view;
  view.tensor = tensor;
  view.rows = {{rows, step(row_step), 0, 0}};
  view.ks = {{ks, step(k_step), 0, 0}};
  return view;
}

OutputView output(std::size_t tensor, std::uint64_t ms, std::uint64_t m_step, std::uint64_t ns, std::uint64_t n_step) {
  OutputView view;
  view.tensor = tensor;
  view.ms = {{ms, step(m_step), 0, 0}};
  view.ns = {{ns, step(n_step), 0, 0}};
  return view;
}

Gemm gemm_of(OperandView a, OperandView b, OutputView out) {
  Gemm gemm;
  gemm.m = a.row_count();
  gemm.n = b.row_count();
  gemm.k = a.k_count();
  gemm.a = std::move(a);
  gemm.b = std::move(b);
  gemm.out = std::move(out);
  return gemm;
}

LayerPass pass_of(std::string type, PassKind kind, std::vector<Tensor> tensors, Gemm gemm) {
  LayerPass pass;
  pass.type = std::move(type);
  pass.kind = kind;
  pass.tensors = std::move(tensors);
  pass.gemms.push_back(std::move(gemm));
  return pass;
}

/// Steps of one matmul operand or result in its tensor of a whole batch.
struct MatrixSteps {
  std::uint64_t elements, row, column, count, sample;
};

MatrixSteps steps_of(std::uint64_t count, std::uint64_t rows, std::uint64_t columns, bool transposed,
                     MatmulLayout layout, std::uint64_t batch) {
  const std::uint64_t stored_rows = transposed ? columns : rows;
  const std::uint64_t stored_columns = transposed ? rows : columns;
  const bool inside = layout == MatmulLayout::kBatchInside;
  const std::uint64_t line = inside ? count * stored_columns : stored_columns;
  const std::uint64_t next = inside ? stored_columns : stored_rows * stored_columns;
  const std::uint64_t sample = count * rows * columns;
  return {batch * sample, transposed ? 1 : line, transposed ? line : 1, next, sample};
}

struct MatmulSteps {
  MatrixSteps a, b, out;
};

MatmulSteps steps_of(const Matmul& op, std::uint64_t batch) {
  return {steps_of(op.count, op.m, op.k, op.transpose_a, op.a_layout, batch),
          steps_of(op.count, op.k, op.n, op.transpose_b, op.b_layout, batch),
          steps_of(op.count, op.m, op.n, false, op.out_layout, batch)};
}

std::vector<BatchDigit> batch_digits(const Matmul& op, std::uint64_t batch, const MatrixSteps& a, const MatrixSteps& b,
                                     const MatrixSteps& out) {
  std::vector<BatchDigit> digits;
  if (batch > 1) digits.push_back({batch, step(a.sample), step(b.sample), step(out.sample)});
  if (op.count > 1) digits.push_back({op.count, step(a.count), step(b.count), step(out.count)});
  return digits;
}

}  // namespace

LayerPass linear_forward(const Linear& linear, std::uint64_t batch) {
  const std::uint64_t rows = batch * linear.rows;
  const std::uint64_t in = linear.in_features;
  const std::uint64_t out = linear.out_features;
  LayerPass pass = pass_of(
      "linear", PassKind::kForward,
      {{"weight", Role::kWeight, in * out}, {"x", Role::kActivation, rows * in}, {"y", Role::kActivation, rows * out}},
      gemm_of(matrix(0, out, in, in, 1), matrix(1, rows, in, in, 1), output(2, out, 1, rows, out)));
  if (linear.bias) {
    pass.tensors.push_back({"bias", Role::kParameter, out});
    pass.bias_channels = out;
  }
  return pass;
}

LayerPass linear_input_grad(const Linear& linear, std::uint64_t batch) {
  const std::uint64_t rows = batch * linear.rows;
  const std::uint64_t in = linear.in_features;
  const std::uint64_t out = linear.out_features;
  return pass_of(
      "linear", PassKind::kInputGrad,
      {{"weight", Role::kWeight, in * out}, {"dy", Role::kGradient, rows * out}, {"dx", Role::kGradient, rows * in}},
      gemm_of(matrix(0, in, 1, out, in), matrix(1, rows, out, out, 1), output(2, in, 1, rows, in)));
}

LayerPass linear_weight_grad(const Linear& linear, std::uint64_t batch) {
  const std::uint64_t rows = batch * linear.rows;
  const std::uint64_t in = linear.in_features;
  const std::uint64_t out = linear.out_features;
  return pass_of("linear", PassKind::kWeightGrad,
                 {{"dy", Role::kGradient, rows * out},
                  {"x", Role::kActivation, rows * in},
                  {"weight_gradient", Role::kWeightGradient, in * out}},
                 gemm_of(matrix(0, out, 1, rows, out), matrix(1, in, 1, rows, in), output(2, out, in, in, 1)));
}

LayerPass matmul_forward(const Matmul& op, std::uint64_t batch) {
  const auto [a, b, out] = steps_of(op, batch);
  Gemm gemm = gemm_of(matrix(0, op.m, a.row, op.k, a.column), matrix(1, op.n, b.column, op.k, b.row),
                      output(2, op.m, out.row, op.n, out.column));
  gemm.batch = batch_digits(op, batch, a, b, out);
  return pass_of("matmul", PassKind::kForward,
                 {{"a", Role::kActivation, a.elements},
                  {"b", Role::kActivation, b.elements},
                  {"y", Role::kActivation, out.elements}},
                 std::move(gemm));
}

LayerPass matmul_input_grad_a(const Matmul& op, std::uint64_t batch) {
  const auto [a, b, out] = steps_of(op, batch);
  Gemm gemm = gemm_of(matrix(0, op.m, out.row, op.n, out.column), matrix(1, op.k, b.row, op.n, b.column),
                      output(2, op.m, a.row, op.k, a.column));
  gemm.batch = batch_digits(op, batch, out, b, a);
  return pass_of("matmul", PassKind::kInputGradA,
                 {{"dy", Role::kGradient, out.elements},
                  {"b", Role::kActivation, b.elements},
                  {"da", Role::kGradient, a.elements}},
                 std::move(gemm));
}

LayerPass matmul_input_grad_b(const Matmul& op, std::uint64_t batch) {
  const auto [a, b, out] = steps_of(op, batch);
  Gemm gemm = gemm_of(matrix(0, op.k, a.column, op.m, a.row), matrix(1, op.n, out.column, op.m, out.row),
                      output(2, op.k, b.row, op.n, b.column));
  gemm.batch = batch_digits(op, batch, a, out, b);
  return pass_of("matmul", PassKind::kInputGradB,
                 {{"a", Role::kActivation, a.elements},
                  {"dy", Role::kGradient, out.elements},
                  {"db", Role::kGradient, b.elements}},
                 std::move(gemm));
}

}  // namespace lnsim
