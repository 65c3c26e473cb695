// SPDX-License-Identifier: Apache-2.0
// Schedules that list only some turns of long loops give what whole ones give without a single jump.
#include <catch2/catch.hpp>

#include "sim/fast/machine.hpp"
#include "sim/workload/lower.hpp"
#include "sim/workload/network.hpp"
#include "tests/support/machine_cases.hpp"

namespace lnsim {
namespace {

/// A GEMM whose loops over tiles have many turns, tiles of whole bursts, on a machine that takes them.
std::optional<PassPlan> long_loops(test::Choices& choices, const std::string& scheme) {
  Accelerator machine = test::random_machine(choices);
  machine.pe.vector_size = 8;
  machine.pe.buffer_a_bytes = 32 * choices.between(2 * machine.pe.lanes, 20 * machine.pe.lanes);
  machine.pe.buffer_b_bytes = 32 * choices.between(2 * machine.pe.hold_rows, 20 * machine.pe.hold_rows);
  machine.dram.burst_bytes = 8;
  machine.global_buffer.word_bytes = 8 * choices.between(1, 6);
  machine.global_buffer.bytes = machine.global_buffer.banks * choices.between(2000, 9000);
  const std::uint64_t m = 8 * choices.between(1, 2), n = 8 * choices.between(1, 2), k = 8 * choices.between(1, 3);
  // One or two of the loops are long.
  const auto turns = [&] { return choices.flip() ? choices.between(1, 3) : choices.between(30, 50); };
  const std::uint64_t rest = choices.between(0, 7);
  LayerPass pass;
  if (choices.flip()) {
    pass = test::gemm_pass(m * turns(), n * turns(), k * turns() + (choices.flip() ? rest : 0));
  } else {
    Matmul matmul;
    matmul.count = turns();
    matmul.m = m, matmul.n = n * choices.between(1, 3), matmul.k = k;
    matmul.transpose_a = choices.flip(), matmul.transpose_b = choices.flip();
    pass = matmul_forward(matmul, turns());
  }
  pass.layer = "long";
  MappingPin pin;
  std::array<Dim, 3> order{Dim::kM, Dim::kN, Dim::kK};
  std::swap(order[0], order[choices.between(0, 2)]);
  std::swap(order[1], order[choices.between(1, 2)]);
  pin.order = order;
  pin.m = std::min(pass.gemms[0].m, m), pin.n = std::min(pass.gemms[0].n, n), pin.k = std::min(pass.gemms[0].k, k);
  if (choices.flip()) pin.block = machine.pe.lanes * choices.between(1, 3);
  PassPlan plan = test::plan_of(pass, machine, scheme, pin);
  try {
    (void)schedule_gemms(plan);
    return plan;
  } catch (const InputError&) {
    return std::nullopt;
  }
}

}  // namespace

TEST_CASE("a short GEMM schedule gives what the whole one gives without jumps") {
  int shortened = 0, jumped = 0;
  for (std::uint64_t seed = 0; seed < 130; ++seed) {
    test::Choices choices(seed);
    const std::string scheme = test::scheme_names()[choices.between(0, test::scheme_names().size() - 1)];
    const std::optional<PassPlan> plan = long_loops(choices, scheme);
    if (!plan) continue;
    const GemmSchedule brief = schedule_gemms(*plan, GemmSchedule::Form::kShort);
    if (!brief.is_short()) continue;
    ++shortened;
    INFO("seed " << seed << "\n" << test::describe_case(*plan, scheme));
    const GemmSchedule whole = schedule_gemms(*plan);
    REQUIRE(brief.total_steps() == whole.steps().size());
    fast::SkippedTiles skipped;
    const RunResult result = fast::run_gemms(brief, fast::Skips::kAll, &skipped);
    REQUIRE(result == fast::run_gemms(whole, fast::Skips::kNothing));
    const GemmSchedule longer = brief.longer();
    REQUIRE(longer.steps().size() >= brief.steps().size());
    REQUIRE(fast::run_gemms(longer) == result);
    if (skipped.jumped > 0) ++jumped;
  }
  CHECK(shortened > 30);
  CHECK(jumped > shortened / 2);
}

TEST_CASE("steps that go as earlier ones give what they give tile by tile") {
  const Network network = read_network(read_json_file(std::string(LNSIM_SOURCE_DIR) + "/workloads/resnet50.json"));
  LowerOptions options;
  options.batch = 12;
  int passes = 0, known = 0;
  for (const LayerPass& pass : lower(network, options)) {
    if (pass.gemms.empty()) continue;
    const GemmSchedule whole = schedule_gemms(test::plan_of(pass, test::default_machine(), "lns8"));
    constexpr std::uint64_t kMostTiles = 20000;  // looked at one by one
    if (whole.total_tiles() > kMostTiles) continue;
    INFO(pass.layer << ' ' << pass_name(pass.kind));
    fast::SkippedTiles skipped;
    REQUIRE(fast::run_gemms(whole, fast::Skips::kKnownSteps, &skipped) ==
            fast::run_gemms(whole, fast::Skips::kNothing));
    ++passes;
    if (skipped.remembered > 0) ++known;
  }
  CHECK(passes > 60);
  CHECK(known > passes / 2);
}

TEST_CASE("steps that go as earlier ones wait for words as they did, whatever the bandwidth") {
  const Network network = read_network(read_json_file(std::string(LNSIM_SOURCE_DIR) + "/workloads/resnet50.json"));
  LowerOptions options;
  options.batch = 12;
  int known = 0;
  for (const LayerPass& pass : lower(network, options)) {
    if (pass.gemms.empty()) continue;
    for (const std::uint64_t megabytes : {400U, 900U, 1600U, 3000U, 7000U}) {
      Accelerator machine = test::default_machine();
      machine.dram.bandwidth_bytes_per_second = megabytes * 1000000;
      const PassPlan plan = test::plan_of(pass, machine, "lns8");
      const GemmSchedule whole = schedule_gemms(plan);
      constexpr std::uint64_t kMostTiles = 6000;  // looked at one by one
      if (whole.total_tiles() > kMostTiles) continue;
      INFO(pass.layer << ' ' << pass_name(pass.kind) << ", " << megabytes << " MB/s");
      fast::SkippedTiles skipped;
      REQUIRE(fast::run_gemms(whole, fast::Skips::kAll, &skipped) == fast::run_gemms(whole, fast::Skips::kNothing));
      if (skipped.remembered > 0) ++known;
    }
  }
  CHECK(known > 60);
}

TEST_CASE("a short sweep schedule gives what the whole one gives") {
  int shortened = 0, interrupted = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    test::Choices choices(seed);
    PassConfig config;
    config.accelerator = test::random_machine(choices);
    config.accelerator.dram.burst_bytes = 8;
    config.accelerator.global_buffer.word_bytes = 8 * choices.between(1, 6);
    config.accelerator.global_buffer.bytes = config.accelerator.global_buffer.banks * choices.between(1500, 9000);
    config.clock_hz = 400000000;
    std::vector<SweepWork> sweeps;
    for (std::uint64_t i = choices.between(1, 2); i > 0; --i) {
      SweepWork sweep;
      sweep.name = "sweep";
      sweep.elements = choices.between(20000, choices.flip() ? 100000 : 600000);
      const auto stream = [&] {
        // A short one is moved with a few chunks alone, which are not like those between them.
        const std::uint64_t elements = choices.between(0, 4) == 0 ? choices.between(1, 50) : sweep.elements;
        return StreamSpec{elements, static_cast<unsigned>(choices.between(1, 33))};
      };
      for (std::uint64_t j = choices.between(1, 3); j > 0; --j) sweep.reads.push_back(stream());
      for (std::uint64_t j = choices.between(0, 2); j > 0; --j) sweep.writes.push_back(stream());
      sweeps.push_back(sweep);
    }
    const SweepSchedule brief(sweeps, config, "test", SweepSchedule::Form::kShort);
    if (brief.stretches().empty()) continue;
    ++shortened;
    if (brief.stretches().size() > sweeps.size()) ++interrupted;
    INFO("seed " << seed);
    const SweepSchedule whole(sweeps, config, "test");
    REQUIRE(brief.chunks() == whole.steps().size());
    const RunResult result = fast::run_sweeps(whole);
    REQUIRE(fast::run_sweeps(brief) == result);
    const SweepSchedule longer = brief.longer();
    REQUIRE(longer.steps().size() >= brief.steps().size());
    REQUIRE(fast::run_sweeps(longer) == result);
  }
  CHECK(shortened > 90);
  CHECK(interrupted > 12);
}

}  // namespace lnsim
