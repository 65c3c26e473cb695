// SPDX-License-Identifier: Apache-2.0
#include "sim/systemc/machine.hpp"

#include <algorithm>
#include <deque>

#include "sim/schedule/laws.hpp"
#include "sim/support/error.hpp"
#include "sim/systemc/buffer_a.hpp"
#include "sim/systemc/buffer_b.hpp"
#include "sim/systemc/collector.hpp"
#include "sim/systemc/context.hpp"
#include "sim/systemc/controller.hpp"
#include "sim/systemc/dma.hpp"
#include "sim/systemc/dram.hpp"
#include "sim/systemc/global_buffer.hpp"
#include "sim/systemc/lanes.hpp"
#include "sim/systemc/network.hpp"
#include "sim/systemc/operand_registers.hpp"
#include "sim/systemc/ppu.hpp"
#include "sim/systemc/stream_unit.hpp"
#include "sim/systemc/transposer.hpp"
#include "sim/systemc/waves.hpp"

namespace lnsim::systemc {
namespace {

/// Bytes of data that travel with words; all 0 when only counts move.
struct Payloads {
  std::size_t a_vector = 0, b_vector = 0;  ///< one vector
  std::size_t a_word = 0, b_word = 0;      ///< the vectors of one operand word
  std::size_t tile = 0;                    ///< an output tile as raw accumulators
};

Payloads payloads(const GemmSchedule& schedule, const RunData* data) {
  Payloads bytes;
  if (data == nullptr) return bytes;
  const PeParams& pe = schedule.config().accelerator.pe;
  const auto vectors_per_word = [&](unsigned bits) {
    return std::max<std::uint64_t>(1, schedule.link_bytes() / schedule.config().vector_bytes(bits));
  };
  bytes.a_vector = pe.vector_size * data->tensors.a_container;
  bytes.b_vector = pe.vector_size * data->tensors.b_container;
  bytes.a_word = bytes.a_vector * vectors_per_word(schedule.config().a_bits);
  bytes.b_word = bytes.b_vector * vectors_per_word(schedule.config().b_bits);
  bytes.tile = pe.lanes * pe.hold_rows * sizeof(numerics::Psum);
  return bytes;
}

std::deque<PeLinks> make_pes(const GemmSchedule& schedule, const Payloads& bytes) {
  std::deque<PeLinks> pes;
  const PeArrayParams& array = schedule.config().accelerator.pe_array;
  for (std::uint64_t row = 0; row < array.rows; ++row) {
    for (std::uint64_t column = 0; column < array.columns; ++column) {
      pes.emplace_back(schedule, row, column, bytes.a_word, bytes.b_word, bytes.tile);
    }
  }
  return pes;
}

sc_core::sc_time period(const PassConfig& config) {
  return {1e12 / static_cast<double>(config.clock_hz), sc_core::SC_PS};
}

/// DRAM, DMA and the counters of the global buffer: what GEMM passes and sweeps share.
struct MemorySide {
  MemorySide(const PassConfig& config, const std::vector<DmaJob>& jobs, DataPlane* data)
      : clock("clock", period(config)),
        requests(config.accelerator.queue_depth, 1),
        fills(dram_fill_slots(config), 1),
        writes_done(dram_write_slots(config), 1),
        dram("dram", clock, config, DramLinks{requests, fills, writes_done}),
        dma("dma", clock, config, jobs, buffer, {requests, fills, writes_done}, data) {}

  void report(RunResult& result) {
    dram.report(result.counts, result.stalls, result.cycles);
    dma.report(result.counts, result.stalls, result.cycles);
  }

  Clock clock;
  GlobalBufferState buffer;
  Channel<TransferRequest> requests;
  Channel<FillWord> fills;
  Channel<WriteDone> writes_done;
  Dram dram;
  Dma dma;
};

void run_clock(Clock& clock) {
  clock.start();
  sc_core::sc_start();
  if (clock.error()) std::rethrow_exception(clock.error());
}

/// With the signals of the memory side; null if nobody asked.
std::unique_ptr<Waves> make_waves(MemorySide& memory, const Observers& observers) {
  if (observers.waves == nullptr) return nullptr;
  auto waves = std::make_unique<Waves>(memory.clock, *observers.waves);
  memory.dram.add_signals(*waves);
  static constexpr const char* kRegionNames[] = {"a", "b", "out"};
  for (const Region region : {Region::kA, Region::kB, Region::kOut}) {
    const auto index = static_cast<std::size_t>(region);
    const RegionSpace& space = memory.buffer.space[index];
    const std::string module = "global_buffer";
    waves->add(module, std::string(kRegionNames[index]) + "_bytes", 32,
               [&space](std::uint64_t) { return space.claimed - space.freed.total(); });
    const Progress& filled = memory.buffer.filled[index];
    waves->add(module, std::string(kRegionNames[index]) + "_words_filled", 32,
               [&filled](std::uint64_t) { return filled.total(); });
  }
  waves->add("global_buffer", "tiles_written", 32, [&](std::uint64_t) { return memory.buffer.drained.total(); });
  return waves;
}

void take_waveform(Waves* waves, const Observers& observers) {
  if (waves == nullptr) return;
  *observers.waveform = waves->text();
  if (observers.waves_truncated != nullptr) *observers.waves_truncated = waves->truncated();
}

/// Laws that hold for every run: space is freed as claimed, and every block's cycles add up.
void check_memory_laws(const MemorySide& memory, const RunResult& result) {
  for (const RegionSpace& space : memory.buffer.space) {
    LNSIM_CHECK(space.claimed == space.freed.total(), "global buffer: bytes claimed are not bytes freed");
  }
  LNSIM_CHECK(result.counts[Action::kDramReadBursts] == result.counts[Action::kDmaReadBursts] &&
                  result.counts[Action::kDramWriteBursts] == result.counts[Action::kDmaWriteBursts],
              "DRAM and DMA count different bursts");
}

}  // namespace

RunResult run_gemms(const GemmSchedule& schedule, const RunData* data, const ProgressCallback& progress,
                    const Observers& observers) {
  const ScopedContext context;
  const PassConfig& config = schedule.config();
  const std::uint64_t depth = config.accelerator.queue_depth;
  const Payloads bytes = payloads(schedule, data);
  FaultInjector* faults = data != nullptr ? data->faults : nullptr;
  std::unique_ptr<DataPlane> plane;
  if (data != nullptr) plane = std::make_unique<DataPlane>(schedule, data->tensors, faults);

  MemorySide memory(config, schedule.jobs(), plane.get());
  for (const Region region : {Region::kA, Region::kB, Region::kOut}) {
    memory.buffer.space[static_cast<std::size_t>(region)].capacity = schedule.region_bytes(region);
  }
  const std::uint64_t read_cycles = config.accelerator.global_buffer.read_cycles;
  const std::uint64_t hop_cycles = config.accelerator.network.hop_cycles;
  Channel<OperandWord> a(depth, read_cycles, bytes.a_word), a_rows(depth, read_cycles, bytes.a_word);
  Channel<OperandWord> b(depth, read_cycles, bytes.b_word), b_rows(depth, read_cycles, bytes.b_word);
  Channel<OperandWord> a_turned(depth, 1, bytes.a_word), b_turned(depth, 1, bytes.b_word);
  Channel<PreloadWord> preload(depth, read_cycles, bytes.tile);
  const PeArrayParams& array = config.accelerator.pe_array;
  Channel<DrainWord> drain(depth, hop_cycles * (array.rows + array.columns - 1), bytes.tile);
  std::deque<PeLinks> pes = make_pes(schedule, bytes);

  Clock& clock = memory.clock;
  GlobalBuffer global_buffer("global_buffer", clock, schedule, memory.buffer, pes,
                             {a, a_rows, b, b_rows, preload, drain}, plane.get());
  Transposer transposer("transposer", clock, schedule, {a_rows, a_turned}, {b_rows, b_turned}, bytes.a_word,
                        bytes.b_word);
  Network network("network", clock, schedule, memory.buffer.space[static_cast<std::size_t>(Region::kOut)],
                  {a, a_turned, b, b_turned, preload, drain}, pes, {bytes.a_word, bytes.b_word});
  BufferA buffer_a("buffer_a", clock, schedule, pes, bytes.a_vector, faults);
  BufferB buffer_b("buffer_b", clock, schedule, pes, bytes.b_vector, faults);
  OperandRegisters registers("operand_registers", clock, schedule, pes, buffer_a, bytes.a_vector, faults);
  Collector collector("collector", clock, schedule, pes, data != nullptr, faults);
  DotProductLanes::DataPath lanes_data;
  Ppu::DataPath ppu_data;
  if (data != nullptr) {
    lanes_data = {data->unit, &registers, &collector, bytes.a_vector, bytes.b_vector, data->checker, faults};
    ppu_data = {data->requantizer, &collector, data->tensors.out_container, data->checker};
  }
  DotProductLanes lanes("lanes", clock, schedule, pes, buffer_b, lanes_data);
  Ppu ppu("ppu", clock, schedule, pes, ppu_data);
  Controller controller(
      "controller", clock, memory.dma, memory.dram, schedule.steps().size(),
      [&] { return memory.dma.activity() + lanes.activity(); }, {}, progress);

  if (observers.timeline != nullptr) {
    memory.dram.watch(*observers.timeline);
    lanes.watch(*observers.timeline);
    collector.watch(*observers.timeline);
  }
  const std::unique_ptr<Waves> waves = make_waves(memory, observers);
  if (waves != nullptr) {
    lanes.add_signals(*waves);
    collector.add_signals(*waves);
  }
  run_clock(clock);
  take_waveform(waves.get(), observers);

  RunResult result;
  result.cycles = controller.cycles();
  memory.report(result);
  controller.report(result.counts, result.stalls, result.cycles);
  global_buffer.report(result.counts, result.stalls, result.cycles);
  transposer.report(result.counts, result.stalls, result.cycles);
  network.report(result.counts, result.stalls, result.cycles);
  buffer_a.report(result.counts, result.stalls, result.cycles);
  buffer_b.report(result.counts, result.stalls, result.cycles);
  registers.report(result.counts);
  lanes.report(result.counts, result.stalls, result.cycles);
  collector.report(result.counts, result.stalls, result.cycles);
  ppu.report(result.counts, result.stalls, result.cycles);
  result.useful_macs = lanes.useful_macs();
  result.issued_macs = lanes.issued_macs();
  result.lanes_busy_cycles = lanes.busiest_pe_cycles();
  result.saturations = lanes.saturations();
  result.activity = lanes.data_activity();
  result.clipped = ppu.clipped();
  check_memory_laws(memory, result);
  check_gemm_laws(schedule, result);
  return result;
}

RunResult run_sweeps(const SweepSchedule& schedule, const ProgressCallback& progress, const Observers& observers) {
  const ScopedContext context;
  const PassConfig& config = schedule.config();
  MemorySide memory(config, schedule.jobs(), nullptr);
  for (const Region region : {Region::kA, Region::kB, Region::kOut}) {
    memory.buffer.space[static_cast<std::size_t>(region)].capacity = schedule.region_bytes(region);
  }
  const bool vector = schedule.unit() == SweepUnit::kVector;
  const StreamUnitParams& params = vector ? config.accelerator.vector_unit : config.accelerator.update_unit;
  const char* name = vector ? "vector_unit" : "update_unit";
  StreamUnit unit(name, memory.clock, schedule, memory.buffer, params.pipeline_cycles, name);
  Controller controller(
      "controller", memory.clock, memory.dma, memory.dram, schedule.steps().size(),
      [&] { return memory.dma.activity() + unit.activity(); }, [&] { return unit.end_cycle(); }, progress);

  if (observers.timeline != nullptr) {
    memory.dram.watch(*observers.timeline);
    unit.watch(*observers.timeline);
  }
  const std::unique_ptr<Waves> waves = make_waves(memory, observers);
  if (waves != nullptr) unit.add_signals(*waves);
  run_clock(memory.clock);
  take_waveform(waves.get(), observers);

  RunResult result;
  result.cycles = controller.cycles();
  memory.report(result);
  controller.report(result.counts, result.stalls, result.cycles);
  unit.report(result.counts, result.stalls, result.cycles);
  check_memory_laws(memory, result);
  return result;
}

}  // namespace lnsim::systemc
