// SPDX-License-Identifier: Apache-2.0
#include "sim/fast/machine.hpp"

#include <algorithm>
#include <optional>

#include "sim/fast/dma.hpp"
#include "sim/fast/global_buffer.hpp"
#include "sim/fast/jump.hpp"
#include "sim/fast/sweep_jump.hpp"
#include "sim/schedule/laws.hpp"

namespace lnsim::fast {
namespace {

/// DRAM, DMA and the counters of the global buffer: what GEMM passes and sweeps share.
struct MemorySide {
  template <class Schedule>
  explicit MemorySide(const Schedule& schedule)
      : dram(schedule.config()), buffer(dram, schedule.jobs()), dma(schedule.config(), schedule.jobs(), buffer, dram) {
    for (const Region region : {Region::kA, Region::kB, Region::kOut}) {
      buffer.space_of(region).set_capacity(schedule.region_bytes(region));
    }
  }

  void report(RunResult& result) const {
    dram.report(result);
    dma.report(result);
    for (const RegionSpace& space : buffer.space) {
      LNSIM_CHECK(space.balanced(), "global buffer: bytes claimed are not bytes freed");
    }
  }

  Dram dram;
  BufferState buffer;
  Dma dma;
};

/// The machine on the GEMMs of a pass.
class GemmMachine {
 public:
  explicit GemmMachine(const GemmSchedule& schedule)
      : schedule_(schedule),
        memory_(schedule),
        shapes_(schedule),
        pes_(make_pes(shapes_)),
        a_(shapes_, Region::kA, memory_.buffer, pes_),
        b_(shapes_, Region::kB, memory_.buffer, pes_),
        preload_(schedule, memory_.buffer, pes_),
        claims_(schedule, memory_.buffer),
        drain_(schedule, memory_.buffer, pes_, claims_) {}

  void watch(Timeline& timeline) {
    memory_.dram.watch(timeline);
    for (std::size_t pe = 0; pe < pes_.size(); ++pe) pes_[pe].watch(timeline, pe);
  }
  /// Nothing if the machine never came into step in a loop of which turns are not listed.
  std::optional<RunResult> run(Skips skips, SkippedTiles* skipped);

 private:
  static std::deque<Lanes> make_pes(Shapes& shapes);
  bool advance();
  [[nodiscard]] bool done() const {
    return memory_.dma.done() && drain_.done() && a_.done() && b_.done() && preload_.done() && claims_.done();
  }
  void report(RunResult& result) const;
  void report_pes(RunResult& result) const;

  const GemmSchedule& schedule_;
  MemorySide memory_;
  Shapes shapes_;
  std::deque<Lanes> pes_;
  OperandPort a_, b_;
  PreloadPort preload_;
  OutputClaims claims_;
  NetworkDrain drain_;
};

std::deque<Lanes> GemmMachine::make_pes(Shapes& shapes) {
  std::deque<Lanes> pes;
  const PeArrayParams& array = shapes.schedule.config().accelerator.pe_array;
  for (std::uint64_t row = 0; row < array.rows; ++row) {
    for (std::uint64_t column = 0; column < array.columns; ++column) pes.emplace_back(shapes, row, column);
  }
  return pes;
}

// Every block goes on as far as what it needs is known; the order in which they are asked changes no time. Only the
// drain link waits at every turn of a loop until nobody else can go on, so that at these points the state depends on
// the machine alone and recurs when the machine does.
bool GemmMachine::advance() {
  bool any = false;
  for (bool moved = true; moved; any |= moved) {
    moved = a_.advance();
    moved |= b_.advance();
    for (Lanes& pe : pes_) moved |= pe.advance();
    moved |= preload_.advance();
    moved |= claims_.advance();
    moved |= memory_.dma.advance();
  }
  return drain_.advance() || any;
}

std::optional<RunResult> GemmMachine::run(Skips skips, SkippedTiles* skipped) {
  Jumps jump({schedule_, memory_.dram, memory_.buffer, memory_.dma, a_, b_, preload_, claims_, drain_, pes_},
             skips == Skips::kAll);
  const bool looks = skips != Skips::kNothing && memory_.dram.recurs();
  while (!done()) {
    LNSIM_CHECK(advance(), "the machine cannot go on: " + memory_.dma.state() + ", " + a_.state() + ", " + b_.state() +
                               ", " + drain_.state() + ", " + preload_.state());
    if (!looks) continue;
    while (jump.look()) {
    }
    if (jump.missed()) return std::nullopt;
  }
  if (skipped != nullptr) *skipped = {jump.tiles(), jump.remembered_tiles()};
  RunResult result;
  result.cycles = memory_.dram.last_write_done();  // E1
  report(result);
  check_gemm_laws(schedule_, result);
  return result;
}

void GemmMachine::report(RunResult& result) const {
  memory_.report(result);
  result.counts[Action::kControllerSteps] += schedule_.total_steps();
  result.stalls["controller"] = {{"busy", 0}, {"wait", result.cycles}};
  a_.report(result);
  b_.report(result);
  preload_.report(result);
  drain_.report(result);
  Stalls<1> links;
  links.busy(a_.link().words + b_.link().words + preload_.link().words);
  links.report(result.stalls, "network", {"empty"}, 3 * result.cycles);
  Stalls<1> transposers = a_.transposer().stalls();
  transposers.add(b_.transposer().stalls());
  transposers.report(result.stalls, "transposer", {"empty"}, 2 * result.cycles);
  report_pes(result);
}

void GemmMachine::report_pes(RunResult& result) const {
  Stalls<6> lanes;
  Stalls<3> buffer_a, buffer_b, collector, ppu;
  Counts& counts = result.counts;
  for (const Lanes& pe : pes_) {
    lanes.add(pe.stalls());
    buffer_a.add(pe.buffer_a().stalls());
    buffer_b.add(pe.buffer_b().stalls());
    collector.add(pe.collector().stalls());
    ppu.add(pe.collector().ppu().stalls());
    counts += pe.counts();
    counts[Action::kBufferAReadVectors] += pe.buffer_a().reads;
    counts[Action::kBufferBReadVectors] += pe.buffer_b().reads;
    result.useful_macs += pe.useful_macs();
    result.lanes_busy_cycles = std::max(result.lanes_busy_cycles, pe.stalls().busy_cycles());
  }
  // Every vector that is read is loaded into a register.
  counts[Action::kOperandRegisterAVectors] += counts[Action::kBufferAReadVectors];
  counts[Action::kOperandRegisterBVectors] += counts[Action::kBufferBReadVectors];
  if (schedule_.pass().statistics_channels != 0) counts[Action::kPpuStatistics] += counts[Action::kPpuOutputs];
  const PeParams& pe = schedule_.config().accelerator.pe;
  result.issued_macs = lanes.busy_cycles() * pe.lanes * pe.vector_size;

  const std::uint64_t cycles = result.cycles * pes_.size();
  lanes.report(result.stalls, "lanes", {"fill", "operand_a", "operand_b", "collector", "accumulate_latency", "drain"},
               cycles);
  buffer_a.report(result.stalls, "buffer_a", {"empty", "held", "done"}, cycles);
  buffer_b.report(result.stalls, "buffer_b", {"empty", "held", "done"}, cycles);
  collector.report(result.stalls, "collector", {"compute", "ppu", "done"}, cycles);
  ppu.report(result.stalls, "ppu", {"collector", "network", "done"}, cycles);
}

}  // namespace

RunResult run_gemms(const GemmSchedule& schedule, Skips skips, SkippedTiles* skipped, Timeline* timeline) {
  if (timeline != nullptr) {
    LNSIM_CHECK(!schedule.is_short(), "a timeline needs a whole schedule");
    GemmMachine machine(schedule);
    machine.watch(*timeline);
    return machine.run(Skips::kNothing, skipped).value();
  }
  if (skips == Skips::kAll || !schedule.is_short()) {
    if (const auto result = GemmMachine(schedule).run(skips, skipped)) return *result;
  }
  return run_gemms(skips == Skips::kAll ? schedule.longer() : schedule.whole(), skips, skipped);
}

RunResult run_sweeps(const SweepSchedule& schedule, Timeline* timeline) {
  MemorySide memory(schedule);
  StreamUnit unit(schedule, memory.buffer);
  if (timeline != nullptr) {
    memory.dram.watch(*timeline);
    unit.watch(*timeline);
  }
  SweepJumps jumps({schedule, memory.dram, memory.buffer, memory.dma, unit});
  while (!unit.done() || !memory.dma.done()) {
    bool moved = memory.dma.advance();
    moved |= unit.advance();
    LNSIM_CHECK(moved, "the machine cannot go on: " + memory.dma.state() + ", " + unit.state());
    if (timeline == nullptr) jumps.look();
  }
  if (timeline == nullptr && !jumps.complete()) {
    // It never came into step among the chunks that are listed.
    return run_sweeps(schedule.longer());
  }
  RunResult result;
  result.cycles = std::max(memory.dram.last_write_done(), unit.end());  // E1
  memory.report(result);
  result.counts[Action::kControllerSteps] += schedule.chunks();
  result.stalls["controller"] = {{"busy", 0}, {"wait", result.cycles}};
  unit.report(result);
  return result;
}

}  // namespace lnsim::fast
