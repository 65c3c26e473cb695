// SPDX-License-Identifier: Apache-2.0
#include "sim/numerics/chunked.hpp"

#include <string>

namespace lnsim::numerics {
namespace {

void check_shape(const AccumulatorSpec& spec, unsigned vector_size) {
  if (spec.fixed.has_value() == spec.floating.has_value()) {
    throw SpecError("an accumulator is either fixed or float");
  }
  const bool outer = spec.outer_fixed.has_value() || spec.outer_floating.has_value();
  if (spec.outer_fixed && spec.outer_floating) throw SpecError("an outer accumulator is either fixed or float");
  if (outer && !spec.chunk) throw SpecError("an outer accumulator needs a chunk length");
  if (spec.chunk && (*spec.chunk == 0 || *spec.chunk % vector_size != 0)) {
    throw SpecError("chunk " + std::to_string(*spec.chunk) + " is not a multiple of the vector size " +
                    std::to_string(vector_size));
  }
  if (spec.floating && spec.outer_fixed) throw SpecError("a float accumulator cannot have a fixed outer one");
  if (spec.outer_fixed && spec.outer_fixed->guard) throw SpecError("an outer accumulator has no guard bits of its own");
}

}  // namespace

FixedRange::FixedRange(unsigned bits) {
  if (bits < 2 || bits > 62) throw SpecError("accumulator bits " + std::to_string(bits) + ", expected 2..62");
  highest = (std::int64_t{1} << (bits - 1)) - 1;
  lowest = -highest - 1;
}

ChunkedAccumulator::ChunkedAccumulator(const AccumulatorSpec& spec, unsigned vector_size, int lsb)
    : lsb_(lsb), chunked_(spec.chunk.has_value()) {
  check_shape(spec, vector_size);
  if (spec.fixed) {
    inner_fixed_.emplace(spec.fixed->bits);
    bits_ = spec.fixed->bits;
  } else {
    inner_float_.emplace(*spec.floating);
    bits_ = inner_float_->bits();
  }
  if (!chunked_) return;
  if (spec.outer_floating) {
    outer_float_.emplace(*spec.outer_floating);
  } else if (spec.outer_fixed) {
    outer_fixed_.emplace(spec.outer_fixed->bits);
  } else {
    outer_fixed_ = inner_fixed_;
    outer_float_ = inner_float_;
  }
  if (outer_float_) {
    bits_ += outer_float_->bits();
  } else {
    bits_ += spec.outer_fixed ? spec.outer_fixed->bits : spec.fixed->bits;
  }
}

bool ChunkedAccumulator::end_chunk(Psum& psum) const {
  if (!chunked_) return false;
  bool saturated = false;
  if (outer_fixed_) {
    saturated = outer_fixed_->add(psum.outer, psum.inner);
  } else if (inner_fixed_) {
    saturated = outer_float_->add(psum.outer, psum.inner, lsb_);
  } else {
    const DotUnit::Exact value = inner_float_->exact(psum.inner);
    saturated = outer_float_->add(psum.outer, value.mantissa, value.exponent);
  }
  psum.inner = 0;
  return saturated;
}

DotUnit::Exact ChunkedAccumulator::exact(const Psum& psum) const {
  if (result_fixed()) return {chunked_ ? psum.outer : psum.inner, lsb_};
  return chunked_ ? outer_float_->exact(psum.outer) : inner_float_->exact(psum.inner);
}

std::int64_t ChunkedAccumulator::integer(const Psum& psum) const {
  if (!result_fixed()) return 0;
  return chunked_ ? psum.outer : psum.inner;
}

}  // namespace lnsim::numerics
