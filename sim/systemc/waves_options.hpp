// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lnsim::systemc {

/// What goes into a waveform.
struct WavesOptions {
  std::vector<std::string> modules;                          ///< patterns of module names; empty: all
  std::uint64_t first_cycle = 0;                             ///< of the pass
  std::uint64_t last_cycle = ~std::uint64_t{0};              ///< inclusive
  std::uint64_t most_bytes = std::uint64_t{64} * (1 << 20);  ///< recording ends before the file is larger
};

}  // namespace lnsim::systemc
