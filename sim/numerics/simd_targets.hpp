// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lnsim::numerics {

/// Instruction sets that the kernels are compiled for and this machine has, best first ("AVX3_DL", "AVX2", ...).
[[nodiscard]] std::vector<std::string> supported_simd_targets();

/// Makes every kernel use that instruction set from now on, or the best one again for an empty name. For tests and
/// benchmarks; throws std::invalid_argument for a name that is not supported. Not thread-safe.
void force_simd_target(std::string_view name);

}  // namespace lnsim::numerics
