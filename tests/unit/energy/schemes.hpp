// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "energy/accounting.hpp"
#include "sim/arch/scheme.hpp"

namespace lnsim::energy::test {

/// Hand-made schemes: "lns8" (per-element conversion), "lns8_g5", "int8", "fp8", "fp8_fx24", "bf16", "fp16", "fp32".
Scheme make_scheme(const std::string& name);
const std::vector<std::string>& scheme_names();

/// A trace of a GEMM pass, a vector pass and an update whose counts are all different and not zero.
std::vector<TraceEntry> sample_trace(const Scheme& scheme);

inline constexpr Optimizers kSgd{Optimizer::kSgdMomentum, Optimizer::kSgdMomentum};

}  // namespace lnsim::energy::test
