// SPDX-License-Identifier: Apache-2.0
#include "sim/arch/scheme.hpp"

namespace lnsim {

numerics::DotSpec dot_spec(const DotProductParams& params, numerics::FormatPtr a, numerics::FormatPtr b,
                           unsigned vector_size) {
  numerics::DotSpec spec;
  const numerics::FormatKind kind = a->kind();
  spec.a = std::move(a);
  spec.b = std::move(b);
  spec.vector_size = vector_size;
  spec.accumulator = params.accumulator;
  const bool lns = kind == numerics::FormatKind::kLns;
  const bool floating = kind == numerics::FormatKind::kFloat;
  if (lns) spec.conversion = params.conversion;
  if (lns || (floating && params.accumulator.fixed)) {
    spec.tree_exact = params.tree_exact;
    if (!params.tree_exact) spec.tree_fraction_bits = params.tree_fraction_bits.value_or(0);
  }
  if (floating && params.accumulator.floating) spec.window = params.window;
  return spec;
}

unsigned accumulator_bits(const DotProductParams& params, const numerics::FormatPtr& a, const numerics::FormatPtr& b,
                          unsigned vector_size) {
  return numerics::make_dot_unit(dot_spec(params, a, b, vector_size))->psum_bits();
}

}  // namespace lnsim
