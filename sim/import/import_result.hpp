// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "sim/workload/network.hpp"

namespace lnsim {

/// A network from a file of another tool, and what its user should know of the way here.
struct ImportResult {
  Network network;
  std::vector<std::string> repaired;      ///< of the file: what was not as the format has it
  std::vector<std::string> approximated;  ///< of the network: what the format, or ours, cannot say
};

/// What a network became in the format of another tool.
struct ExportResult {
  std::string text;
  std::vector<std::string> left_out;      ///< layers that the format has no words for
  std::vector<std::string> approximated;  ///< layers that it says in another way
};

}  // namespace lnsim
