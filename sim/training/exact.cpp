// SPDX-License-Identifier: Apache-2.0
#include "sim/training/exact.hpp"

#include "sim/training/gemm_tiles.hpp"

namespace lnsim::training {

void Exact::round(Role /*role*/, std::size_t slot, Values& values, bool /*training*/) {
  (void)checked_max(values.real, slots_[slot]);
}

void Exact::gemm(const LayerPass& pass, const Values& a, const Values& b, std::span<double> out) {
  binary64_gemms(pass, a.real, b.real, out, workers_);
  counts_.macs += pass.macs();
}

}  // namespace lnsim::training
