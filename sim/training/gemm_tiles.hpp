// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "sim/numerics/dot_unit.hpp"
#include "sim/training/arithmetic.hpp"
#include "sim/training/workers.hpp"
#include "sim/workload/pass.hpp"

namespace lnsim::training {

/// All GEMMs of a pass through the unit, bit by bit as numerics::gemm() defines them: each sum runs over ascending k in
/// groups of V, whatever the number of threads. The real values of the accumulators, scales included, go to `out` by
/// the output views. Returns the saturating accumulator updates.
/// Operands with block scales are read in blocks along K: those of the tensor where reads_blocks() says so, otherwise
/// its values quantised anew, at the tensor's scale (docs/block_formats.md, section 5).
std::uint64_t bit_true_gemms(const LayerPass& pass, const Values& a, const Values& b, const numerics::DotUnit& unit,
                             std::span<double> out, Workers& workers);

/// The same on real operands in binary64, each sum over ascending k. For checks: element by element.
void binary64_gemms(const LayerPass& pass, std::span<const double> a, std::span<const double> b, std::span<double> out,
                    Workers& workers);

}  // namespace lnsim::training
