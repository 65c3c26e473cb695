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

numerics::BlockDotSpec block_dot_spec(const DotProductParams& params, const numerics::Format& a,
                                      const numerics::Format& b, unsigned vector_size) {
  const numerics::DotSpec elements = dot_spec(params, a.block()->element_ptr(), b.block()->element_ptr(), vector_size);
  numerics::BlockDotSpec spec;
  spec.a = a.block();
  spec.b = b.block();
  spec.vector_size = vector_size;
  spec.conversion = elements.conversion;
  spec.tree_fraction_bits = elements.tree_fraction_bits;
  spec.tree_exact = elements.tree_exact;
  spec.window = elements.window;
  spec.accumulator = elements.accumulator;
  return spec;
}

unsigned accumulator_bits(const DotProductParams& params, const numerics::FormatPtr& a, const numerics::FormatPtr& b,
                          unsigned vector_size) {
  if (!a->block() && !b->block()) return numerics::make_dot_unit(dot_spec(params, a, b, vector_size))->psum_bits();
  if (!a->block() || !b->block()) throw numerics::SpecError("only one of the operands has block scales");
  return numerics::make_block_dot_unit(block_dot_spec(params, *a, *b, vector_size))->psum_bits();
}

}  // namespace lnsim
