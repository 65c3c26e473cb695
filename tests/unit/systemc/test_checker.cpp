// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "sim/schedule/walks.hpp"
#include "sim/support/error.hpp"
#include "sim/systemc/data_run.hpp"
#include "sim/workload/gemm_lowering.hpp"

namespace lnsim::systemc {
namespace {

Accelerator shipped_machine() {
  return read_accelerator(read_json_file(std::string(LNSIM_SOURCE_DIR) + "/configs/accelerators/lns_madam.json"));
}

/// 2 x 2 PEs with so little memory that sums are split along k.
Accelerator tight_machine() {
  Accelerator machine = shipped_machine();
  machine.pe_array = {2, 2};
  machine.pe.buffer_a_bytes = 8192;
  machine.pe.buffer_b_bytes = 4096;
  machine.global_buffer.bytes = 65536;
  return machine;
}

PassPlan plan_of(std::uint64_t m, std::uint64_t n, std::uint64_t k, const Accelerator& machine,
                 const std::string& scheme = "lns8") {
  PlanContext context;
  context.accelerator = machine;
  context.scheme = read_scheme(read_json_file(std::string(LNSIM_SOURCE_DIR) + "/configs/schemes/" + scheme + ".json"));
  context.family = "cnn";
  context.clock_hz = 400000000;
  LayerPass pass = linear_forward(Linear{k, m, n, false, ""}, 1);
  pass.layer = "gemm";
  return plan_pass(pass, context);
}

bool splits_k(const PassPlan& plan) {
  const GemmSchedule schedule = schedule_gemms(plan);
  return std::any_of(schedule.steps().begin(), schedule.steps().end(), [](const Step& step) { return !step.last_k; });
}

DataSummary run(const PassPlan& plan, bool full) {
  DataOptions options;
  options.full_reference = full;
  DataSummary summary;
  (void)simulate_pass_with_data(plan, options, {}, &summary);
  return summary;
}

/// Whether a run with a fault is found wrong; `fired` is set if data came past the site often enough.
bool found_wrong(const PassPlan& plan, FaultSite site, std::uint64_t occasion, unsigned bit, bool full, bool& fired) {
  FaultInjector faults(site, occasion, bit);
  DataOptions options;
  options.full_reference = full;
  options.faults = &faults;
  bool wrong = false;
  try {
    (void)simulate_pass_with_data(plan, options);
  } catch (const SimulationError&) {
    wrong = true;
  }
  fired = faults.fired();
  return wrong;
}

/// Number of faults that were found, of several at different times; both ways of checking must agree on each.
unsigned agreed_finds(const PassPlan& plan, FaultSite site, unsigned bit) {
  unsigned found = 0;
  for (const std::uint64_t occasion : {0U, 1U, 2U, 3U, 5U, 8U, 13U}) {
    bool fired = false;
    bool fired_full = false;
    const bool wrong = found_wrong(plan, site, occasion, bit, false, fired);
    const bool wrong_full = found_wrong(plan, site, occasion, bit, true, fired_full);
    INFO("site " << static_cast<int>(site) << " occasion " << occasion);
    CHECK(wrong == wrong_full);
    CHECK(fired == fired_full);
    CHECK((!wrong || fired));
    found += wrong ? 1U : 0U;
  }
  return found;
}

/// A bit that matters: of a code, or of an accumulator.
unsigned telling_bit(FaultSite site, bool splits) {
  const bool sums = site == FaultSite::kCollector || (splits && site == FaultSite::kGlobalBufferOut);
  return sums ? 20 : 6;
}

}  // namespace

TEST_CASE("A run without faults evaluates no tile twice and counts what the full reference counts") {
  const std::string scheme = GENERATE(as<std::string>(), "lns8", "int8", "fp8", "bf16");
  for (const bool tight : {false, true}) {
    const PassPlan plan = plan_of(70, 45, tight ? 2000 : 100, tight ? tight_machine() : shipped_machine(), scheme);
    const DataSummary fast = run(plan, false);
    const DataSummary full = run(plan, true);
    CHECK(fast.evaluated == 0);
    CHECK(fast.outputs == full.outputs);
    CHECK(fast.saturations == full.saturations);
    CHECK(fast.clipped == full.clipped);
  }
}

TEST_CASE("The checker and the full reference give the same verdict on a flipped bit anywhere in the machine") {
  const auto site =
      GENERATE(FaultSite::kGlobalBufferA, FaultSite::kGlobalBufferB, FaultSite::kGlobalBufferOut, FaultSite::kBufferA,
               FaultSite::kBufferB, FaultSite::kOperandRegisters, FaultSite::kRowRegister, FaultSite::kCollector);
  const PassPlan plan = plan_of(70, 45, 100, shipped_machine());
  CHECK(agreed_finds(plan, site, telling_bit(site, false)) > 0);
}

TEST_CASE("A flipped bit in the operand registers is found whichever chunk of B meets it") {
  const PassPlan plan = plan_of(70, 45, 100, shipped_machine());
  const GemmSchedule schedule = schedule_gemms(plan);
  std::uint64_t groups = 0;
  std::uint64_t first_chunk = 0;
  for (PeWalk walk(schedule, 0, 0); !walk.done(); walk.next()) {
    groups += walk.tile().groups;
    if (walk.tile().first_chunk) first_chunk += walk.tile().groups;
  }
  REQUIRE(first_chunk < groups);
  // The largest exponent bit of lane 0's first code: it changes the code of an output, whatever the group.
  for (std::uint64_t group = 0; group < groups; ++group) {
    bool fired = false;
    INFO("K-group " << group << " of " << groups << ", the first chunk has " << first_chunk);
    CHECK(found_wrong(plan, FaultSite::kOperandRegisters, group, 6, false, fired));
    CHECK(fired);
  }
}

TEST_CASE("The checker finds dropped K-groups and exchanged tiles") {
  const auto site = GENERATE(FaultSite::kDropGroup, FaultSite::kSwapTiles);
  const PassPlan plan = plan_of(70, 45, 100, shipped_machine());
  CHECK(agreed_finds(plan, site, 0) > 0);
}

TEST_CASE("The checker finds faults in sums that are continued in a later K-step") {
  const auto site =
      GENERATE(FaultSite::kGlobalBufferA, FaultSite::kBufferB, FaultSite::kOperandRegisters, FaultSite::kCollector,
               FaultSite::kGlobalBufferOut, FaultSite::kDropGroup, FaultSite::kSwapTiles);
  const PassPlan plan = plan_of(70, 45, 2000, tight_machine());
  REQUIRE(splits_k(plan));
  CHECK(agreed_finds(plan, site, telling_bit(site, true)) > 0);
}

}  // namespace lnsim::systemc
