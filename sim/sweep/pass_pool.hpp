// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/schedule/pass_plan.hpp"
#include "sim/trace/trace.hpp"

namespace lnsim {

/// How far a pool of passes has come.
struct PoolProgress {
  std::string what;          ///< layer and pass that is being simulated
  double fraction = 0;       ///< of the whole work, 0..1, by estimated cycles
  std::uint64_t cycles = 0;  ///< simulated so far
  std::uint64_t passes_done = 0;
  std::uint64_t passes = 0;  ///< distinct ones
};
using PoolCallback = std::function<void(const PoolProgress&)>;

/// Two engines with one answer: without a clock (docs/machine.md, tile by tile), and cycle by cycle in SystemC.
enum class Engine : std::uint8_t { kFast, kSystemc };
[[nodiscard]] constexpr const char* engine_name(Engine engine) { return engine == Engine::kFast ? "fast" : "systemc"; }

/// Simulated passes by timing_key(), for callers that simulate many similar networks one after the other. What is kept
/// is dropped when there are too many. Not thread-safe.
class PassCache {
 public:
  /// Entries that are kept at most; one takes a few kilobytes.
  explicit PassCache(std::size_t most = kMost) : most_(most) {}
  /// Null if the pass is not there; valid until the next call of keep().
  [[nodiscard]] const TraceEntry* find(const std::string& key) const {
    const auto found = entries_.find(key);
    return found == entries_.end() ? nullptr : &found->second;
  }
  void keep(const std::string& key, const TraceEntry& entry) {
    if (entries_.size() >= most_) entries_.clear();
    entries_.emplace(key, entry);
  }

 private:
  static constexpr std::size_t kMost = 4096;
  std::size_t most_;
  std::unordered_map<std::string, TraceEntry> entries_;
};

struct PoolOptions {
  Engine engine = Engine::kFast;
  std::uint64_t jobs = 1;  ///< processes of the clocked engine; 0: one per core
  /// Move real codes and check them (clocked engine): then every pass is simulated, not only distinct ones.
  bool data = false;
  std::uint64_t seed = 1;
  std::string tensors{};       ///< folder with NumPy files for --data, or ""
  PassCache* cache = nullptr;  ///< of the fast engine: passes that are there are not simulated, others are kept
};

/// Simulates passes: on the fast engine in this process; on the clocked one with one process per job (SystemC has one
/// simulation per process): with one job in this process, otherwise in forked ones, the longest passes first. Passes of
/// equal timing_key() are simulated once and copied, with each one's own name, repeats and formats, so plans of several
/// schemes belong in one call. The result does not depend on the number of jobs. Entries are in the order of the plans;
/// a pass without work has 0 cycles. Throws what the simulation of the earliest failing pass throws: InputError,
/// OverflowError, SimulationError; std::system_error where processes cannot be made. The other processes are ended
/// first.
[[nodiscard]] std::vector<TraceEntry> run_passes(const std::vector<PassPlan>& plans, const PoolOptions& options,
                                                 const PoolCallback& progress = {});

/// Rough cycles of a pass: what the lanes, the units and the DRAM need for it. For progress and order only.
[[nodiscard]] double estimated_cycles(const PassPlan& plan);

}  // namespace lnsim
