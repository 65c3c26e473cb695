// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/fast/machine.hpp"
#include "sim/support/json.hpp"
#include "sim/trace/trace.hpp"
#include "tests/support/pass_case.hpp"

namespace lnsim::test {

/// What the cases of a run have been: how many of each class. Classes are names such as "layer conv2d", "ragged M",
/// "lanes most: collector" (the lanes' largest stall), "stall ppu network" (occurs at all).
class Coverage {
 public:
  void add(const PassCase& made, const TraceEntry& entry, const fast::SkippedTiles& skipped);
  void add_discarded() { ++discarded_; }
  void add(const Coverage& other);

  /// Table for a person: classes, share of cases, target.
  [[nodiscard]] std::string table() const;
  /// Classes below their target, one line each; empty if the coverage holds.
  [[nodiscard]] std::string shortfalls() const;

  [[nodiscard]] Json write() const;
  [[nodiscard]] static Coverage read(const Json& json);

 private:
  [[nodiscard]] double least_percent(double target) const;
  [[nodiscard]] double percent(const std::string& name) const;
  [[nodiscard]] std::uint64_t median_tiles() const;
  /// Every known class with the percentage of cases that it must reach.
  [[nodiscard]] std::vector<std::pair<std::string, double>> targets() const;

  std::uint64_t cases_ = 0;
  std::uint64_t discarded_ = 0;
  std::map<std::string, std::uint64_t> classes_;
  std::vector<std::uint64_t> tiles_;  // of each case with GEMMs
};

}  // namespace lnsim::test
