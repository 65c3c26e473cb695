// SPDX-License-Identifier: Apache-2.0
// The whole machine against times worked out by hand from docs/machine.md.
#include <catch2/catch.hpp>

#include <functional>

#include "sim/fast/engine.hpp"
#include "tests/support/plans.hpp"

namespace lnsim {
namespace {

using Causes = std::map<std::string, std::uint64_t>;

RunResult run(const LayerPass& pass, const Accelerator& machine, const std::string& scheme = "lns8",
              const MappingPin& pin = {}) {
  return fast::run_gemms(schedule_gemms(test::plan_of(pass, machine, scheme, pin)));
}

/// The whole GEMM as one step, operand A on the m side.
MappingPin whole() {
  MappingPin pin;
  pin.operand_a = Side::kM;
  pin.m = pin.n = pin.k = 1U << 30U;
  return pin;
}

/// Cycles that the lanes spend per K-group of a GEMM of one output tile: what 64 more groups cost once the first has
/// issued.
std::uint64_t cycles_per_group(std::uint64_t lanes, std::uint64_t rows, std::uint64_t a_port, std::uint64_t accumulate,
                               bool floating) {
  Accelerator machine = test::ample_machine();
  machine.pe.buffer_a_bytes = machine.pe.buffer_b_bytes = 1U << 20U;
  machine.pe.a_port_vectors = a_port;
  (floating ? machine.pe.accumulate_cycles_float : machine.pe.accumulate_cycles_fixed) = accumulate;
  const std::string scheme = floating ? "bf16" : "lns8";
  const RunResult few = run(test::gemm_pass(lanes, rows, 32 * 64), machine, scheme, whole());
  const RunResult many = run(test::gemm_pass(lanes, rows, 32 * 128), machine, scheme, whole());
  const auto since_first = [](const RunResult& result) { return result.cycles - result.stalls.at("lanes").at("fill"); };
  const std::uint64_t more = since_first(many) - since_first(few);
  CHECK(more % 64 == 0);
  return more / 64;
}

SweepSchedule sweep(std::uint64_t elements, const Accelerator& machine, bool writes = true) {
  SweepWork work;
  work.name = "sweep";
  work.elements = elements;
  work.reads = {{elements, 8}};
  if (writes) work.writes = {{elements, 8}};
  PassConfig config;
  config.accelerator = machine;
  return {{work}, config, "sweep"};
}

}  // namespace

TEST_CASE("a K-group takes max(t_eff, ceil(l_eff / a_port), accumulate) cycles in all three regimes") {
  CHECK(cycles_per_group(32, 16, 2, 1, false) == 16);  // both 16
  CHECK(cycles_per_group(8, 16, 2, 1, false) == 16);   // rows
  CHECK(cycles_per_group(8, 11, 2, 1, false) == 11);
  CHECK(cycles_per_group(32, 4, 2, 1, false) == 16);  // the port of buffer A
  CHECK(cycles_per_group(29, 4, 3, 1, false) == 10);
  CHECK(cycles_per_group(32, 4, 32, 9, false) == 9);  // the accumulator
  CHECK(cycles_per_group(32, 2, 32, 3, true) == 3);
  CHECK(cycles_per_group(1, 1, 1, 1, false) == 1);
}

TEST_CASE("a GEMM of 256^3 on 32 x 32 with T = 16 takes its compute cycles, a prologue and a drain") {
  const RunResult result = run(test::gemm_pass(256, 256, 256), test::ample_machine());
  const std::uint64_t compute = 256ULL * 256 * 256 / (32 * 32);
  CHECK(result.cycles >= compute);
  CHECK(result.cycles <= 16700);
  const Causes& lanes = result.stalls.at("lanes");
  CHECK(lanes.at("busy") == compute);
  for (const char* cause : {"operand_a", "operand_b", "collector", "accumulate_latency"}) {
    INFO(cause);
    CHECK(lanes.at(cause) == 0);
  }
  // As VALIDATION.md itemises them.
  CHECK(lanes.at("fill") == 35);
  CHECK(lanes.at("drain") == 39);
  CHECK(result.cycles == compute + 35 + 39);
}

TEST_CASE("one output tile, cycle by cycle, with every stall of every block") {
  Accelerator machine = test::ample_machine();
  machine.pe.buffer_b_bytes = 64 * 1024;
  const RunResult result = run(test::gemm_pass(32, 16, 32 * 4), machine, "lns8", whole());
  // With words of 8192 bytes each operand is one word, which DRAM moves in one cycle.
  //   A: claimed in 8 (start), issued in 12, started in 13, written in 14. Port in 15 .. 18 (a word per K-group); on
  //   the
  //      link in 17 .. 20, a hop, written in 18 .. 21. Read in 19 .. 34, active in 35.
  //   B: claimed in 13, issued in 17, written in 19. Port in 20 .. 23, link in 22 .. 25, written in 23 .. 26.
  // Rows in 35 .. 98, each group's reads of A under the rows of the one before. Complete in 98 + 4 + 1 = 103. Drained
  // in 103 .. 118, taken by the PPU in 104 .. 119, which with the last completes the only link word: there in 125, in
  // the global buffer in 126. Store issued in 127, 2 cycles of reading, started in 130, done in 131.
  CHECK(result.cycles == 131);
  CHECK(result.stalls.at("dma") ==
        Causes{{"busy", 5}, {"claim", 0}, {"request", 8 + 3 + 3}, {"drain", 109}, {"dram", 0}, {"done", 3}});
  CHECK(result.stalls.at("dram") == Causes{{"busy", 3}, {"idle", 128}});
  CHECK(result.stalls.at("global_buffer_a") ==
        Causes{{"busy", 4}, {"fill", 15}, {"credit", 0}, {"transposer", 0}, {"done", 112}});
  CHECK(result.stalls.at("global_buffer_b") ==
        Causes{{"busy", 4}, {"fill", 20}, {"credit", 0}, {"transposer", 0}, {"done", 107}});
  CHECK(result.stalls.at("global_buffer_preload") == Causes{{"busy", 0}, {"sums", 0}, {"credit", 0}, {"done", 131}});
  CHECK(result.stalls.at("network") == Causes{{"busy", 8}, {"empty", 3 * 131 - 8}});
  CHECK(result.stalls.at("transposer") == Causes{{"busy", 0}, {"empty", 2 * 131}});
  CHECK(result.stalls.at("buffer_a") == Causes{{"busy", 64}, {"empty", 19}, {"held", 0}, {"done", 131 - 83}});
  CHECK(result.stalls.at("buffer_b") == Causes{{"busy", 64}, {"empty", 0}, {"held", 35}, {"done", 131 - 99}});
  CHECK(result.stalls.at("lanes") == Causes{{"busy", 64},
                                            {"fill", 35},
                                            {"operand_a", 0},
                                            {"operand_b", 0},
                                            {"collector", 0},
                                            {"accumulate_latency", 0},
                                            {"drain", 131 - 99}});
  CHECK(result.stalls.at("collector") == Causes{{"busy", 16}, {"compute", 103}, {"ppu", 0}, {"done", 131 - 119}});
  CHECK(result.stalls.at("ppu") == Causes{{"busy", 16}, {"collector", 104}, {"network", 0}, {"done", 131 - 120}});
  CHECK(result.stalls.at("network_drain") == Causes{{"busy", 1}, {"ppu", 125}, {"claim", 0}, {"done", 5}});
  CHECK(result.stalls.at("controller") == Causes{{"busy", 0}, {"wait", 131}});
  CHECK(result.counts[Action::kGlobalBufferDrainWords] == 1);
  CHECK(result.useful_macs == 32 * 16 * 128);
  CHECK(result.lanes_busy_cycles == 64);
}

TEST_CASE("every latency of the path adds its cycles once") {
  const auto cycles = [](const std::function<void(Accelerator&)>& change) {
    Accelerator machine = test::ample_machine();
    machine.pe.buffer_b_bytes = 64 * 1024;
    change(machine);
    return run(test::gemm_pass(32, 16, 128), machine, "lns8", whole()).cycles;
  };
  const std::uint64_t base = cycles([](Accelerator&) {});
  CHECK(cycles([](Accelerator& m) { m.controller.start_cycles += 3; }) == base + 3);
  CHECK(cycles([](Accelerator& m) { m.dma.request_cycles += 3; }) == base + 3);
  CHECK(cycles([](Accelerator& m) { m.dram.latency_ns = 7.5; }) == base + 3);
  CHECK(cycles([](Accelerator& m) { m.global_buffer.read_cycles += 3; }) == base + 6);  // A's read and the store
  CHECK(cycles([](Accelerator& m) { m.network.hop_cycles += 3; }) == base + 6);         // there and back
  CHECK(cycles([](Accelerator& m) { m.pe.datapath_cycles += 3; }) == base + 3);
  CHECK(cycles([](Accelerator& m) { m.pe.accumulate_cycles_fixed += 3; }) == base + 3);
  CHECK(cycles([](Accelerator& m) { m.pe.ppu_cycles += 3; }) == base + 3);
}

TEST_CASE("a pass bound by DRAM takes its bytes over the bandwidth, a latency and a few cycles") {
  Accelerator machine = test::ample_machine();
  machine.pe.buffer_a_bytes = machine.pe.buffer_b_bytes = 1U << 20U;
  machine.dram.bandwidth_bytes_per_second = 400000000;  // a byte per cycle
  machine.dram.latency_ns = 250;                        // 100 cycles
  const RunResult result = run(test::gemm_pass(64, 64, 512), machine, "lns8", whole());
  const std::uint64_t loads = 2 * 64 * 512, stores = 64 * 64;
  CHECK(result.counts[Action::kDramReadBursts] == loads / 64);
  CHECK(result.counts[Action::kDramWriteBursts] == stores / 64);
  CHECK(result.cycles >= loads + 100 + stores);
  // Between the last byte in and the first byte out: the last rows' K-groups and the way through the PE.
  CHECK(result.cycles <= loads + 100 + stores + 16 * 16 * 8);
  CHECK(result.stalls.at("dram").at("busy") == loads + stores);
}

TEST_CASE("a rational bandwidth loses no fraction of a cycle") {
  Accelerator machine = test::ample_machine();
  machine.dram.bandwidth_bytes_per_second = 400000000ULL * 64 / 7 * 3;  // not a whole number of bytes per cycle
  machine.pe.buffer_a_bytes = machine.pe.buffer_b_bytes = 1U << 20U;
  const RunResult result = run(test::gemm_pass(64, 64, 4096), machine, "lns8", whole());
  const std::uint64_t bursts = (2 * 64 * 4096 + 64 * 64) / 64;
  const double cycles =
      static_cast<double>(bursts) * 64 * 400e6 / static_cast<double>(machine.dram.bandwidth_bytes_per_second);
  CHECK(static_cast<double>(result.stalls.at("dram").at("busy")) >= cycles);
  CHECK(static_cast<double>(result.stalls.at("dram").at("busy")) <= cycles + 30);
}

TEST_CASE("narrow links and transposers bound a pass by their words") {
  Accelerator machine = test::ample_machine();
  machine.pe.buffer_a_bytes = machine.pe.buffer_b_bytes = 1U << 20U;
  machine.network.link_bytes = 8;  // a vector of 32 bytes takes 4 words
  const RunResult forward = run(test::gemm_pass(32, 16, 4096), machine, "lns8", whole());
  const std::uint64_t a_words = 32 * 128 * 4;
  CHECK(forward.counts[Action::kGlobalBufferAWords] == a_words);
  CHECK(forward.cycles >= a_words);
  CHECK(forward.cycles <= a_words + 300);
  machine.network.link_bytes = 32;
  machine.transposer.bytes_per_cycle = 8;  // a word takes 4 cycles
  const Linear linear{4096, 16, 32, false, ""};
  const RunResult turned = run(linear_weight_grad(linear, 1), machine);
  const std::uint64_t vectors = turned.counts[Action::kTransposerAVectors] + turned.counts[Action::kTransposerBVectors];
  REQUIRE(vectors > 0);
  CHECK(turned.stalls.at("transposer").at("busy") == vectors);  // a vector is a word
  CHECK(turned.cycles >= vectors / 2 * 4);
}

TEST_CASE("one chunk of a sweep, cycle by cycle") {
  const Accelerator machine = test::default_machine();
  const RunResult result = fast::run_sweeps(sweep(64, machine));
  // Claimed in 8, issued in 12, started in 13, done in 14, written 35.2 ns x 400 MHz = 15 cycles later in 29. Beats in
  // 30 and 31; 8 cycles of pipeline: drained in 38. Store issued in 39, started in 42, done in 43.
  CHECK(result.cycles == 43);
  CHECK(result.stalls.at("vector_unit") == Causes{{"busy", 2}, {"operands", 30}, {"space", 0}, {"drain", 11}});
  CHECK(result.stalls.at("dram") == Causes{{"busy", 2}, {"idle", 41}});
  CHECK(result.stalls.at("dma") ==
        Causes{{"busy", 3}, {"claim", 0}, {"request", 11}, {"drain", 26}, {"dram", 0}, {"done", 3}});
  CHECK(result.counts[Action::kGlobalBufferVectorReadWords] == 1);
  CHECK(result.counts[Action::kGlobalBufferVectorWriteWords] == 1);
}

TEST_CASE("a sweep that writes nothing ends with its last beat") {
  CHECK(fast::run_sweeps(sweep(64, test::default_machine(), false)).cycles == 32);
}

TEST_CASE("a long sweep moves at the rate of DRAM or of its unit") {
  Accelerator machine = test::default_machine();
  const std::uint64_t elements = 1U << 22U;
  machine.dram.bandwidth_bytes_per_second = 400000000ULL * 16;  // 16 bytes a cycle, both ways
  const RunResult slow = fast::run_sweeps(sweep(elements, machine));
  CHECK(slow.cycles >= elements / 8);
  CHECK(slow.cycles <= elements / 8 * 102 / 100);
  machine.dram.bandwidth_bytes_per_second = 400000000ULL * 512;
  const RunResult fast_memory = fast::run_sweeps(sweep(elements, machine));
  CHECK(fast_memory.stalls.at("vector_unit").at("busy") == elements / 32);
  CHECK(fast_memory.cycles <= elements / 32 * 104 / 100);
}

}  // namespace lnsim
