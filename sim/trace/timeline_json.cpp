// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/timeline_json.hpp"

#include <fmt/format.h>

#include <iterator>
#include <map>

#include "sim/support/json.hpp"

namespace lnsim {
namespace {

constexpr int kProcess = 1;
constexpr std::uint64_t kPassThread = 1;

const char* word_of(TimelineTrack track) {
  switch (track) {
    case TimelineTrack::kDramRead: return "read";
    case TimelineTrack::kDramWrite: return "write";
    case TimelineTrack::kLanes: return "tile";
    case TimelineTrack::kCollector: return "drain";
    case TimelineTrack::kVectorUnit:
    case TimelineTrack::kUpdateUnit: break;
  }
  return "chunk";
}

/// Reads and writes of a channel share its track; lanes and collector of a PE have one each, side by side.
std::uint64_t thread_of(TimelineTrack track, std::uint64_t unit) {
  switch (track) {
    case TimelineTrack::kDramRead:
    case TimelineTrack::kDramWrite: return 100 + unit;
    case TimelineTrack::kLanes: return 1000 + 2 * unit;
    case TimelineTrack::kCollector: return 1001 + 2 * unit;
    case TimelineTrack::kVectorUnit: return 10;
    case TimelineTrack::kUpdateUnit: break;
  }
  return 11;
}

std::string name_of(TimelineTrack track, std::uint64_t unit) {
  switch (track) {
    case TimelineTrack::kDramRead:
    case TimelineTrack::kDramWrite: return fmt::format("DRAM channel {}", unit);
    case TimelineTrack::kLanes: return fmt::format("PE {} lanes", unit);
    case TimelineTrack::kCollector: return fmt::format("PE {} drain", unit);
    case TimelineTrack::kVectorUnit: return "vector unit";
    case TimelineTrack::kUpdateUnit: break;
  }
  return "update unit";
}

class TimelineWriter {
 public:
  explicit TimelineWriter(const Trace& trace) {
    fmt::format_to(std::back_inserter(text_), "{{\"displayTimeUnit\":\"ns\",\"otherData\":{},\n\"traceEvents\":[\n",
                   Json{{"schema", "lnsim.timeline/1"},
                        {"time_unit", "core cycles"},
                        {"workload", trace.workload},
                        {"clock_hz", trace.clock_hz}}
                       .dump());
    name_thread(kPassThread, "passes");
  }

  void pass(const PassTimeline& pass) {
    const TraceEntry& entry = *pass.entry;
    const Json arguments = {{"repeat", entry.repeat},
                            {"bound_by", entry.bound_by},
                            {"macs", entry.macs},
                            {"issued_macs", entry.issued_macs},
                            {"detailed", pass.detailed}};
    slice(Json(entry.layer + " " + std::string(pass_name(entry.pass))).dump(), kPassThread, now_, entry.cycles,
          arguments.dump());
    for (const TimelineEvent& event : pass.events) {
      const std::uint64_t thread = thread_of(event.track, event.unit);
      if (threads_.emplace(thread, true).second) name_thread(thread, name_of(event.track, event.unit));
      slice(fmt::format("\"{} {}\"", word_of(event.track), event.number), thread, now_ + event.begin,
            event.end - event.begin, {});
    }
    now_ += entry.cycles;
  }

  std::string finish() {
    text_ += "\n]}\n";
    return std::move(text_);
  }

 private:
  void slice(const std::string& name, std::uint64_t thread, std::uint64_t begin, std::uint64_t cycles,
             const std::string& arguments) {
    fmt::format_to(next(), R"({{"name":{},"ph":"X","pid":{},"tid":{},"ts":{},"dur":{})", name, kProcess, thread, begin,
                   cycles);
    if (!arguments.empty()) fmt::format_to(std::back_inserter(text_), R"(,"args":{})", arguments);
    text_ += '}';
  }
  void name_thread(std::uint64_t thread, const std::string& name) {
    fmt::format_to(next(), R"({{"name":"thread_name","ph":"M","pid":{},"tid":{},"args":{{"name":"{}"}}}})", kProcess,
                   thread, name);
    fmt::format_to(next(), R"({{"name":"thread_sort_index","ph":"M","pid":{},"tid":{},"args":{{"sort_index":{}}}}})",
                   kProcess, thread, thread);
  }
  std::back_insert_iterator<std::string> next() {
    if (any_) text_ += ",\n";
    any_ = true;
    return std::back_inserter(text_);
  }

  std::string text_;
  bool any_ = false;
  std::uint64_t now_ = 0;
  std::map<std::uint64_t, bool> threads_;
};

}  // namespace

std::string write_timeline(const Trace& trace, const std::vector<PassTimeline>& passes) {
  TimelineWriter writer(trace);
  for (const PassTimeline& pass : passes) writer.pass(pass);
  return writer.finish();
}

}  // namespace lnsim
