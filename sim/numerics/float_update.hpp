// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "sim/numerics/float_plan.hpp"
#include "sim/numerics/scale_product.hpp"

namespace lnsim::numerics {

/// Adds one exact group sum to the inner accumulator: S * 2^(e_max - Bias + 2 - W) times `scale` with a float
/// accumulator; with a fixed one T * 2^(lam - F), whose fraction is dropped first (max_exponent and scale are not
/// used). True if it saturated.
bool add_group_sum(const FloatPlan& plan, std::int64_t sum, int max_exponent, const ScaleProduct& scale, Psum& psum);

/// Moves the inner accumulator of a chunked plan to the outer one. True if the outer one saturated.
bool end_chunk(const FloatPlan& plan, Psum& psum);

}  // namespace lnsim::numerics
