// SPDX-License-Identifier: Apache-2.0
// The whole machine in odd corners: tiny buffers, PE grids, split K, transposed operands, zero fills, wide outputs.
// Every run checks the machine's laws and, with data, every output.
#include <catch2/catch.hpp>

#include "sim/support/error.hpp"
#include "sim/systemc/data_run.hpp"
#include "sim/systemc/engine.hpp"
#include "sim/workload/vector_lowering.hpp"
#include "tests/support/plans.hpp"

namespace lnsim {
namespace {

/// A PE of 4 lanes x 4 elements, T = 3, with buffers of exactly one working set and channels of depth 2.
Accelerator tiny_machine() {
  Accelerator machine = test::default_machine();
  machine.pe.lanes = 4;
  machine.pe.vector_size = 4;
  machine.pe.hold_rows = 3;
  machine.pe.buffer_a_bytes = 4 * 4;
  machine.pe.buffer_b_bytes = 3 * 4;
  machine.pe.ppu_width = 2;
  machine.global_buffer.bytes = 8 * 512;
  machine.global_buffer.word_bytes = 8;
  machine.network.link_bytes = 4;
  machine.transposer.bytes_per_cycle = 4;
  machine.dram.burst_bytes = 8;
  machine.dram.latency_ns = 20;
  machine.queue_depth = 2;
  return machine;
}

void stop_if_stuck(std::uint64_t cycle) {
  if (cycle > 3000000) throw std::runtime_error("the machine is stuck");
}

TraceEntry run(const LayerPass& pass, const Accelerator& machine, const MappingPin& pin = {},
               const std::string& scheme = "lns8") {
  LayerPass named = pass;
  named.layer = "layer";
  const PassPlan plan = test::plan_of(named, machine, scheme, pin);
  const TraceEntry entry = systemc::simulate_pass_with_data(plan, {}, stop_if_stuck);
  CHECK(entry.cycles == systemc::simulate_pass(plan, stop_if_stuck).cycles);
  return entry;
}

MappingPin pin_of(Side side, std::array<Dim, 3> order, std::uint64_t m, std::uint64_t n, std::uint64_t k,
                  std::uint64_t block) {
  MappingPin pin;
  pin.operand_a = side;
  pin.order = order;
  pin.m = m;
  pin.n = n;
  pin.k = k;
  pin.block = block;
  return pin;
}

}  // namespace

TEST_CASE("buffers of one working set and channels of depth 2 do not deadlock the machine") {
  const TraceEntry entry = run(test::gemm_pass(30, 20, 50), tiny_machine());
  CHECK(entry.macs == 30 * 20 * 50);
}

TEST_CASE("PE columns with unequal shares, several blocks and buffers of one block do not deadlock the machine") {
  // Column 0 has two row chunks, column 1 one; blocks of two lane groups fill buffer A, chunks fill buffer B.
  Accelerator machine = tiny_machine();
  machine.pe_array.columns = 2;
  machine.pe.buffer_a_bytes = 8 * 2 * 4;
  machine.pe.buffer_b_bytes = 3 * 2 * 4;
  run(test::gemm_pass(32, 9, 8), machine, pin_of(Side::kM, {Dim::kN, Dim::kM, Dim::kK}, 32, 9, 8, 8));
}

TEST_CASE("PE rows with unequal shares store no chunk before it has drained") {
  Accelerator machine = tiny_machine();
  machine.pe_array.rows = 2;
  machine.pe.buffer_a_bytes = machine.pe.buffer_b_bytes = 4096;
  run(test::gemm_pass(12, 30, 8), machine, pin_of(Side::kM, {Dim::kN, Dim::kM, Dim::kK}, 12, 30, 8, 12));
}

TEST_CASE("an array of PEs does the work of one PE in less time, with the same bits") {
  Accelerator machine = test::default_machine();
  machine.pe.lanes = machine.pe.vector_size = 8;
  machine.pe.hold_rows = 4;
  const LayerPass pass = test::gemm_pass(128, 128, 64);
  const std::uint64_t one = run(pass, machine).cycles;
  machine.pe_array.rows = 2;
  machine.pe_array.columns = 2;
  const TraceEntry four = run(pass, machine);
  CHECK(four.cycles < one);
  CHECK(four.issued_macs >= four.macs);
  std::uint64_t lanes = 0;
  for (const auto& [cause, cycles] : four.stalls.at("lanes")) lanes += cycles;
  CHECK(lanes == 4 * four.cycles);
}

TEST_CASE("operands that are not contiguous along k pass the transposer, A's and B's") {
  const Linear linear{40, 24, 36, false, ""};
  Accelerator machine = tiny_machine();
  machine.global_buffer.word_bytes = machine.network.link_bytes = 16;  // 4 vectors a word
  CHECK(run(linear_forward(linear, 1), machine).counts[Action::kTransposerAVectors] == 0);
  MappingPin pin;
  pin.operand_a = Side::kM;
  const TraceEntry igrad = run(linear_input_grad(linear, 1), machine, pin);
  CHECK(igrad.counts[Action::kTransposerAVectors] > 0);
  CHECK(igrad.counts[Action::kTransposerAVectors] == igrad.counts[Action::kBufferAWriteVectors]);
  CHECK(igrad.counts[Action::kTransposerBVectors] == 0);
  const TraceEntry wgrad = run(linear_weight_grad(linear, 1), machine, pin);
  CHECK(wgrad.counts[Action::kTransposerAVectors] == wgrad.counts[Action::kBufferAWriteVectors]);
  CHECK(wgrad.counts[Action::kTransposerBVectors] == wgrad.counts[Action::kBufferBWriteVectors]);
}

TEST_CASE("a K split keeps partial sums resident or spills them raw: the bits are the same") {
  Accelerator machine = tiny_machine();
  machine.pe.buffer_a_bytes = machine.pe.buffer_b_bytes = 1024;
  const LayerPass pass = test::gemm_pass(16, 12, 64);
  for (const std::string scheme : {"lns8", "fp8", "int8", "fp32"}) {
    INFO(scheme);
    const TraceEntry resident = run(pass, machine, pin_of(Side::kM, {Dim::kM, Dim::kN, Dim::kK}, 8, 6, 16, 8), scheme);
    // Three continuations of every output.
    CHECK(resident.counts[Action::kCollectorPreloads] == 3 * 16 * 12);
    CHECK(resident.counts[Action::kPpuPartials] == 3 * 16 * 12);
    const TraceEntry spilled = run(pass, machine, pin_of(Side::kM, {Dim::kK, Dim::kM, Dim::kN}, 8, 6, 16, 8), scheme);
    CHECK(spilled.counts[Action::kCollectorPreloads] == 3 * 16 * 12);
    const std::uint64_t sums = 8 * 6 * (scheme == "lns8" || scheme == "int8" ? 3 : 4);  // bytes of a spilled tile
    CHECK(spilled.counts[Action::kDramWriteBursts] >= resident.counts[Action::kDramWriteBursts] + 3 * 4 * sums / 8);
    run(pass, machine, pin_of(Side::kN, {Dim::kM, Dim::kK, Dim::kN}, 8, 6, 16, 4), scheme);
  }
}

TEST_CASE("the input gradient of a strided 1 x 1 convolution writes its zeros") {
  Conv2d conv;
  conv.in_channels = conv.out_channels = 8;
  conv.height = conv.width = 6;
  conv.stride = {2};
  Accelerator machine = tiny_machine();
  machine.pe.buffer_a_bytes = machine.pe.buffer_b_bytes = 1024;
  // All 8 channels in one tile: a pixel is a burst, which tiles of fewer channels would write several times.
  const TraceEntry entry =
      run(conv_input_grad(conv, 2), machine, pin_of(Side::kM, {Dim::kM, Dim::kN, Dim::kK}, 8, 18, 8, 8));
  const std::uint64_t elements = 2 * 8 * 6 * 6;
  CHECK(entry.counts[Action::kDramWriteBursts] == elements / 8);
  // Three quarters of them without a read of the global buffer; 8 bytes of a pixel are one burst and one word.
  CHECK(entry.counts[Action::kGlobalBufferStoreWords] == elements / 4 / 8);
}

TEST_CASE("outputs of every width arrive: words of a tile follow its bits") {
  for (const std::string& scheme : test::data_scheme_names()) {
    INFO(scheme);
    Accelerator machine = tiny_machine();
    machine.pe.buffer_a_bytes = machine.pe.buffer_b_bytes = 4096;
    MappingPin whole;
    whole.m = whole.n = whole.k = 1000;
    const TraceEntry entry = run(test::gemm_pass(8, 9, 16), machine, whole, scheme);
    const unsigned bits = test::shipped_scheme(scheme).activation->bits();
    CHECK(entry.counts[Action::kDramWriteBursts] == (8 * 9 * bits + 63) / 64);
    CHECK(entry.counts[Action::kGlobalBufferDrainWords] >= 8 * 9 * bits / 32);
  }
}

TEST_CASE("a statistics pass counts every output once") {
  LayerPass pass = test::gemm_pass(8, 9, 16);
  pass.statistics_channels = 8;
  Accelerator machine = tiny_machine();
  machine.pe.statistics_channels = 8;
  CHECK(run(pass, machine).counts[Action::kPpuStatistics] == 72);
  machine.pe.statistics_channels = 7;
  CHECK(run(pass, machine).counts[Action::kPpuStatistics] == 0);
}

TEST_CASE("every block's busy and blocked cycles are the cycles of the pass, in GEMMs and in sweeps") {
  Accelerator machine = tiny_machine();
  machine.pe_array.rows = 2;
  const LayerPass gemm = test::gemm_pass(30, 20, 50);
  Relu relu;
  relu.shape = {50, 30};
  LayerPass sweep = *vector_pass(relu, PassKind::kForward, 1, {});
  // Blocks that are there once per PE, or that sum over their links or streams.
  const std::map<std::string, std::uint64_t> instances = {
      {"lanes", 2}, {"buffer_a", 2}, {"buffer_b", 2}, {"collector", 2}, {"ppu", 2}, {"network", 3}, {"transposer", 2}};
  for (const LayerPass& pass : {gemm, sweep}) {
    const TraceEntry entry = systemc::simulate_pass(test::plan_of(pass, machine));
    CHECK_FALSE(entry.stalls.empty());
    for (const auto& [module, causes] : entry.stalls) {
      INFO(module);
      std::uint64_t sum = 0;
      for (const auto& [cause, cycles] : causes) sum += cycles;
      const auto found = instances.find(module);
      CHECK(sum == (found == instances.end() ? 1 : found->second) * entry.cycles);
    }
  }
}

TEST_CASE("a sweep bound by the unit takes its beats, one bound by DRAM its bytes") {
  Relu relu;
  relu.shape = {32, 1024};
  Accelerator machine = test::ample_machine();
  const LayerPass pass = *vector_pass(relu, PassKind::kForward, 1, {});
  const TraceEntry unit = systemc::simulate_pass(test::plan_of(pass, machine));
  CHECK(unit.stalls.at("vector_unit").at("busy") == 1024);
  CHECK(unit.cycles >= 1024);
  CHECK(unit.cycles <= 1024 + 60);
  machine.dram.bandwidth_bytes_per_second = 400000000;
  const TraceEntry dram = systemc::simulate_pass(test::plan_of(pass, machine));
  const std::uint64_t bytes = 32768 + 32768 + 4096;
  CHECK(dram.cycles >= bytes);
  CHECK(dram.cycles <= bytes + 1024 + 60);
  CHECK(dram.bound_by == "dram");
}

TEST_CASE("a DRAM slower than any buffer's cycles counts exactly: its ticks do not overflow") {
  // Bandwidth and clock share no factor: a cycle is 10^15 - 1 ticks, which 64 bits hold for 18446 cycles only.
  Accelerator machine = test::ample_machine();
  machine.dram.bandwidth_bytes_per_second = 999999999999999;
  const PassPlan plan = test::plan_of(test::gemm_pass(256, 256, 512), machine);
  const auto run = systemc::run_gemms(schedule_gemms(plan));
  Accelerator round = machine;
  round.dram.bandwidth_bytes_per_second = 1000000000000000;
  CHECK(run.cycles > 32768);
  CHECK(run.cycles == systemc::run_gemms(schedule_gemms(test::plan_of(test::gemm_pass(256, 256, 512), round))).cycles);
}

TEST_CASE("words hold as many whole vectors as fit, the last of a unit what is left") {
  // 5 vectors of 4 bytes in words of 16: 4 and 1, so buffer A has 4 after the first word.
  Accelerator machine = tiny_machine();
  machine.pe.lanes = 5;
  machine.pe.buffer_a_bytes = 64;
  machine.global_buffer.word_bytes = machine.network.link_bytes = 16;
  const TraceEntry entry = run(test::gemm_pass(5, 3, 4), machine);
  CHECK(entry.counts[Action::kGlobalBufferAWords] + entry.counts[Action::kGlobalBufferBWords] == 3);
}

TEST_CASE("a run can be interrupted from its progress callback") {
  const PassPlan plan = test::plan_of(test::gemm_pass(64, 64, 64), test::default_machine());
  struct Stop {};
  CHECK_THROWS_AS(systemc::simulate_pass(plan, [](std::uint64_t) { throw Stop{}; }), Stop);
  // And the next run is not disturbed.
  CHECK(systemc::simulate_pass(plan).cycles > 0);
}

}  // namespace lnsim
