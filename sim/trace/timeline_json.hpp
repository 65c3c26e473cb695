// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "sim/trace/timeline.hpp"
#include "sim/trace/trace_file.hpp"

namespace lnsim {

/// A pass in a timeline: with its events, or as a whole alone.
struct PassTimeline {
  const TraceEntry* entry = nullptr;
  std::vector<TimelineEvent> events;
  bool detailed = false;
};

/// Chrome's trace format (one JSON object with "traceEvents"), which Perfetto and chrome://tracing open. A microsecond
/// there is a core cycle here. Passes follow each other, each once, however often it is repeated; a slice per pass with
/// its counts, and below it tracks of DRAM channels, PEs, vector and update unit.
[[nodiscard]] std::string write_timeline(const Trace& trace, const std::vector<PassTimeline>& passes);

}  // namespace lnsim
