// SPDX-License-Identifier: Apache-2.0
#include "sim/numerics/simd_targets.hpp"

#include <hwy/highway.h>
#include <hwy/targets.h>

#include <stdexcept>

namespace lnsim::numerics {

std::vector<std::string> supported_simd_targets() {
  std::vector<std::string> names;
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) names.emplace_back(hwy::TargetName(target));
  return names;
}

void force_simd_target(std::string_view name) {
  hwy::SetSupportedTargetsForTest(0);
  if (name.empty()) return;
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    if (name == hwy::TargetName(target)) return hwy::SetSupportedTargetsForTest(target);
  }
  throw std::invalid_argument("instruction set " + std::string(name) + " is not supported here");
}

}  // namespace lnsim::numerics
