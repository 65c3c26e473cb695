// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lnsim {

/// Every counted action of every component. The energy model has a price for each; the trace names each once.
enum class Action : std::uint8_t {
  kDramReadBursts,
  kDramWriteBursts,
  kDramActivates,
  kDramRefreshes,
  kDramBackgroundCycles,
  kDmaReadBursts,
  kDmaWriteBursts,
  kGlobalBufferFillWords,
  kGlobalBufferStoreWords,
  kGlobalBufferAWords,
  kGlobalBufferBWords,
  kGlobalBufferDrainWords,
  kGlobalBufferPreloadWords,
  kGlobalBufferVectorReadWords,
  kGlobalBufferVectorWriteWords,
  kNetworkAWordHops,
  kNetworkBWordHops,
  kNetworkDrainWordHops,
  kNetworkPreloadWordHops,
  kTransposerAVectors,
  kTransposerBVectors,
  kBufferAWriteVectors,
  kBufferAReadVectors,
  kBufferBWriteVectors,
  kBufferBReadVectors,
  kOperandRegisterAVectors,
  kOperandRegisterBVectors,
  kLanesVectorMacs,
  kLanesGatedVectorMacs,
  kCollectorAccumulates,
  kCollectorDrains,
  kCollectorPreloads,
  kPpuOutputs,
  kPpuPartials,
  kPpuStatistics,
  kVectorDecodes,
  kVectorEncodes,
  kVectorAdd,
  kVectorMultiply,
  kVectorCompare,
  kVectorExp,
  kVectorReciprocal,
  kVectorRsqrt,
  kVectorTanh,
  kUpdateWeights,
  kUpdateParameters,
  kUpdateAccumulates,
  kUpdateDecodes,
  kUpdateEncodes,
  kControllerSteps,
  kCount,
};

struct ActionInfo {
  std::string_view component;
  std::string_view action;
  std::string_view text;  ///< what one count is
};

/// Names and meanings, in the order of Action.
[[nodiscard]] const std::array<ActionInfo, static_cast<std::size_t>(Action::kCount)>& action_table();

/// Counts of one pass, indexed by Action.
class Counts {
 public:
  std::uint64_t& operator[](Action action) { return values_[static_cast<std::size_t>(action)]; }
  std::uint64_t operator[](Action action) const { return values_[static_cast<std::size_t>(action)]; }
  Counts& operator+=(const Counts& other);
  friend bool operator==(const Counts&, const Counts&) = default;

 private:
  std::array<std::uint64_t, static_cast<std::size_t>(Action::kCount)> values_{};
};

}  // namespace lnsim
