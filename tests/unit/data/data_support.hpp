// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/data/code_tensor.hpp"
#include "sim/numerics/dot_unit.hpp"
#include "sim/numerics/lns.hpp"
#include "sim/workload/gemm_lowering.hpp"
#include "tests/unit/workload/conv_cases.hpp"

namespace lnsim::test {

/// Passes of random small convolutions, linear layers and matmuls.
inline LayerPass random_pass(Random& random) {
  const std::uint64_t batch = random.between(1, 3);
  const std::uint64_t kind = random.between(0, 2);
  if (random.between(0, 3) > 0) {
    const Conv2d conv = random_conv(random);
    if (kind == 0) return conv_forward(conv, batch);
    return kind == 1 ? conv_input_grad(conv, batch) : conv_weight_grad(conv, batch);
  }
  if (random.flip()) {
    const Linear linear{random.between(1, 40), random.between(1, 9), random.between(1, 4), false, ""};
    if (kind == 0) return linear_forward(linear, batch);
    return kind == 1 ? linear_input_grad(linear, batch) : linear_weight_grad(linear, batch);
  }
  const auto layout = [&] { return random.flip() ? MatmulLayout::kBatchFirst : MatmulLayout::kBatchInside; };
  const Matmul matmul{random.between(1, 3),
                      random.between(1, 9),
                      random.between(1, 9),
                      random.between(1, 40),
                      random.flip(),
                      random.flip(),
                      layout(),
                      layout(),
                      layout()};
  if (kind == 0) return matmul_forward(matmul, batch);
  return kind == 1 ? matmul_input_grad_a(matmul, batch) : matmul_input_grad_b(matmul, batch);
}

/// Input and output tensors of a pass in one format each, inputs filled with made values.
inline std::vector<CodeTensor> tensors_of(const LayerPass& pass, const numerics::FormatPtr& format,
                                          std::uint64_t seed) {
  std::vector<CodeTensor> tensors;
  for (const Tensor& tensor : pass.tensors) {
    const SyntheticTensor made(seed, "layer", tensor.name, {DistributionKind::kNormal, 1.0});
    tensors.push_back(quantise(made, tensor.elements, format));
  }
  return tensors;
}

inline numerics::FormatPtr lns8() { return numerics::make_lns(8, 8, numerics::ZeroMode::kZeroCode); }

/// Units of several kinds, formats equal on both sides.
inline numerics::DotSpec spec_of(const numerics::FormatPtr& format, unsigned vector_size, std::uint64_t chunk = 0) {
  numerics::DotSpec spec;
  spec.a = format;
  spec.b = format;
  spec.vector_size = vector_size;
  if (format->kind() == numerics::FormatKind::kFloat) {
    spec.accumulator.floating = numerics::FloatAccumulator{};
  } else {
    spec.accumulator.fixed = numerics::FixedAccumulator{};
    if (format->kind() == numerics::FormatKind::kLns) spec.tree_fraction_bits = 0;
  }
  if (chunk > 0) spec.accumulator.chunk = chunk;
  return spec;
}

}  // namespace lnsim::test
