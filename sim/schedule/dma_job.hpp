// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>

#include "sim/schedule/burst_list.hpp"

namespace lnsim {

/// Regions of the global buffer: banks that serve one kind of tile. Vector passes use kA for inputs, kOut for outputs.
enum class Region : std::uint8_t { kA, kB, kOut };
inline constexpr std::size_t kRegions = 3;

enum class JobKind : std::uint8_t {
  kParameters,  ///< DRAM straight into the PPUs: biases
  kLoad,        ///< DRAM to global buffer; claims its space first
  kStore,       ///< global buffer to DRAM; frees space with its last transfer where free_bytes > 0
  kDirect,      ///< to DRAM without a read of the global buffer: zeros, channel statistics
};

/// Part of a write that may leave once `drained` tiles of the whole pass have been written to the global buffer.
struct StoreChunk {
  std::uint64_t drained = 0;
  std::uint64_t bursts = 0;
  BurstList addresses = {};
};

using StoreChunks = boost::container::small_vector<StoreChunk, 1>;

/// One transfer in the DMA's fixed order.
struct DmaJob {
  JobKind kind = JobKind::kLoad;
  Region region = Region::kA;
  std::uint32_t step = 0;
  std::uint64_t bursts = 0;       ///< loads
  std::uint64_t claim_bytes = 0;  ///< loads
  std::uint64_t claim_id = 0;     ///< loads: position in the region's order of claims
  StoreChunks chunks;             ///< stores and direct writes, one transfer each
  std::uint64_t free_bytes = 0;   ///< stores
  bool partial_sums = false;      ///< raw accumulators instead of tensor elements
  BurstList addresses = {};       ///< loads
};

}  // namespace lnsim
