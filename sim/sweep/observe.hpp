// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "sim/schedule/pass_plan.hpp"
#include "sim/sweep/pass_pool.hpp"
#include "sim/systemc/waves_options.hpp"
#include "sim/trace/trace_file.hpp"

namespace lnsim {

/// A timeline of a trace as write_timeline() writes it, and how much of it is there in detail.
struct MadeTimeline {
  std::string text;
  std::size_t detailed = 0;  ///< passes with their events
  std::size_t passes = 0;    ///< that have work
};

/// Runs the passes of a trace once more, in their order, tile by tile, and gathers their events. A pass whose events
/// are more than are left of `most_events` is shown as a whole alone. `plans` are those of the trace's entries.
[[nodiscard]] MadeTimeline make_timeline(const Trace& trace, std::span<const PassPlan> plans, Engine engine,
                                         std::size_t most_events);

/// The waveform of a pass on the clocked engine, as VCD.
struct MadeWaveform {
  std::string text;
  bool truncated = false;  ///< the file would have been larger than the options allow
};
[[nodiscard]] MadeWaveform make_waveform(const PassPlan& plan, const systemc::WavesOptions& options);

}  // namespace lnsim
