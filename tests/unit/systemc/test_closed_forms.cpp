// SPDX-License-Identifier: Apache-2.0
// The whole machine against closed forms, with every resource but one ample.
#include <catch2/catch.hpp>

#include "sim/systemc/engine.hpp"
#include "tests/support/plans.hpp"

namespace lnsim {
namespace {

RunResult run_gemms_of(const LayerPass& pass, const Accelerator& machine, const std::string& scheme = "lns8",
                       const MappingPin& pin = {}) {
  return systemc::run_gemms(schedule_gemms(test::plan_of(pass, machine, scheme, pin)));
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
  const auto few = run_gemms_of(test::gemm_pass(lanes, rows, 32 * 64), machine, scheme, whole());
  const auto many = run_gemms_of(test::gemm_pass(lanes, rows, 32 * 128), machine, scheme, whole());
  const auto since_first = [](const RunResult& result) { return result.cycles - result.stalls.at("lanes").at("fill"); };
  const std::uint64_t more = since_first(many) - since_first(few);
  CHECK(more % 64 == 0);
  return more / 64;
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
  const Accelerator machine = test::ample_machine();
  const RunResult result = run_gemms_of(test::gemm_pass(256, 256, 256), machine);
  const std::uint64_t compute = 256ULL * 256 * 256 / (32 * 32);
  CHECK(result.cycles >= compute);
  CHECK(result.cycles <= 16700);
  const auto& lanes = result.stalls.at("lanes");
  CHECK(lanes.at("busy") == compute);
  for (const char* cause : {"operand_a", "operand_b", "collector", "accumulate_latency"}) {
    INFO(cause);
    CHECK(lanes.at(cause) == 0);
  }
  CHECK(lanes.at("fill") + lanes.at("drain") == result.cycles - compute);
}

TEST_CASE("prologue and drain of one output tile, cycle by cycle") {
  Accelerator machine = test::ample_machine();
  machine.pe.buffer_b_bytes = 64 * 1024;
  const std::uint64_t groups = 4;
  const RunResult result = run_gemms_of(test::gemm_pass(32, 16, 32 * groups), machine, "lns8", whole());
  const auto& lanes = result.stalls.at("lanes");
  CHECK(lanes.at("busy") == groups * 16);
  // With words of 8192 bytes each operand is one word, and a word takes a cycle of the DRAM's bus.
  //   8 start: claim of A; + 4 request: issued in 12, seen by DRAM in 13, written to the global buffer in 14
  //   seen by the port of A in 15, read in 2, on the link in 17, one hop: written in buffer A in 18
  //   seen in 19, read in 19 .. 34 (2 vectors a cycle); first row in 35
  // B's claim is looked at in the cycle after A was issued, so it is 5 cycles later; it is needed only in 35.
  CHECK(lanes.at("fill") == 35);
  // Last issue in 35 + 63 = 98. Datapath 4 + accumulate 1: tile complete in 103; drained 32 sums a cycle in 103 .. 118;
  // the PPU takes them in 104 .. 119, and with the last of 512 bytes the only link word is made; 6 later, in 125, it is
  // on the drain link, one hop, written to the global buffer in 126; the DMA issues its store in 127; DRAM sees it in
  // 128, has its data 2 later, in 130, and the write is done at 131.
  CHECK(result.cycles == 131);
  CHECK(result.counts[Action::kGlobalBufferDrainWords] == 1);
  CHECK(lanes.at("drain") == 131 - 99);
}

TEST_CASE("every latency of the path adds its cycles once") {
  const auto cycles = [](const std::function<void(Accelerator&)>& change) {
    Accelerator machine = test::ample_machine();
    machine.pe.buffer_b_bytes = 64 * 1024;
    change(machine);
    return run_gemms_of(test::gemm_pass(32, 16, 128), machine, "lns8", whole()).cycles;
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
  const RunResult result = run_gemms_of(test::gemm_pass(64, 64, 512), machine, "lns8", whole());
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
  const RunResult result = run_gemms_of(test::gemm_pass(64, 64, 4096), machine, "lns8", whole());
  const std::uint64_t bursts = (2 * 64 * 4096 + 64 * 64) / 64;
  const double cycles =
      static_cast<double>(bursts) * 64 * 400e6 / static_cast<double>(machine.dram.bandwidth_bytes_per_second);
  CHECK(static_cast<double>(result.stalls.at("dram").at("busy")) >= cycles);
  CHECK(static_cast<double>(result.stalls.at("dram").at("busy")) <= cycles + 30);
}

TEST_CASE("narrow ports and transposers bound a pass by their words") {
  Accelerator machine = test::ample_machine();
  machine.pe.buffer_a_bytes = machine.pe.buffer_b_bytes = 1U << 20U;
  machine.network.link_bytes = 8;  // a vector of 32 bytes takes 4 words
  const auto forward = run_gemms_of(test::gemm_pass(32, 16, 4096), machine, "lns8", whole());
  const std::uint64_t a_words = 32 * 128 * 4;
  CHECK(forward.counts[Action::kGlobalBufferAWords] == a_words);
  CHECK(forward.cycles >= a_words);
  CHECK(forward.cycles <= a_words + 300);
  machine.network.link_bytes = 32;
  machine.transposer.bytes_per_cycle = 8;  // a word takes 4 cycles
  const Linear linear{4096, 16, 32, false, ""};
  const auto turned = run_gemms_of(linear_weight_grad(linear, 1), machine, "lns8", {});
  CHECK(turned.counts[Action::kTransposerAVectors] + turned.counts[Action::kTransposerBVectors] ==
        turned.counts[Action::kGlobalBufferAWords] + turned.counts[Action::kGlobalBufferBWords]);
}

}  // namespace lnsim
