// SPDX-License-Identifier: Apache-2.0
// Both engines on random passes and random banked memories: every cycle, stall and count is the same.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>

#include "sim/arch/dram_preset.hpp"
#include "sim/fast/engine.hpp"
#include "sim/systemc/engine.hpp"
#include "tests/support/banked_dram.hpp"
#include "tests/support/machine_cases.hpp"

namespace lnsim {
namespace {

std::uint64_t number_of(const char* variable, std::uint64_t otherwise) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// The differences as text; empty if there are none.
std::string compare(const PassPlan& plan) {
  const TraceEntry fast = fast::simulate_pass(plan), clocked = systemc::simulate_pass(plan);
  std::string text;
  for (const std::string& line : differences(fast, clocked)) text += line + "\n";
  return text;
}

PassPlan banked(PassPlan plan, const BankedDram& dram) {
  Accelerator& machine = plan.config.accelerator;
  const std::uint64_t bursts = machine.global_buffer.word_bytes / machine.dram.burst_bytes;
  test::use_banked(machine, dram);
  machine.global_buffer.word_bytes = machine.dram.burst_bytes * bursts;
  return plan;
}

bool fits(const PassPlan& plan) {
  try {
    (void)schedule_gemms(plan);
    return true;
  } catch (const InputError&) {
    return false;
  }
}

}  // namespace

// LNSIM_DRAM_CASES and LNSIM_DRAM_SEED widen the search.
TEST_CASE("both engines agree on random GEMM passes with random banked memories") {
  const std::uint64_t first = number_of("LNSIM_DRAM_SEED", 0), count = number_of("LNSIM_DRAM_CASES", 150);
  std::uint64_t cases = 0;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    test::Choices choices(seed);
    const auto made = test::random_case(choices);
    if (!made) continue;
    test::Choices memory(seed + 1000000);
    const std::uint64_t longest = memory.between(0, 2) * 40 + 3;
    const std::uint64_t burst = made->plan.config.accelerator.dram.burst_bytes;
    const PassPlan plan = banked(made->plan, test::random_banked(memory, burst, longest));
    if (!fits(plan)) continue;  // another bandwidth may mean another mapping
    INFO("seed " << seed << "\n" << test::describe_case(plan, made->scheme));
    REQUIRE(compare(plan) == "");
    ++cases;
  }
  CHECK(cases > count / 3);
}

TEST_CASE("both engines agree on random sweeps with random banked memories") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    test::Choices choices(seed);
    Accelerator machine = test::random_machine(choices);
    const std::uint64_t bursts = machine.global_buffer.word_bytes / machine.dram.burst_bytes;
    test::use_banked(machine, test::random_banked(choices, machine.dram.burst_bytes));
    machine.global_buffer.word_bytes = machine.dram.burst_bytes * bursts;
    PassPlan plan;
    plan.pass.layer = "random";
    plan.config.accelerator = machine;
    for (std::uint64_t i = choices.between(1, 2); i > 0; --i) {
      SweepWork sweep;
      sweep.name = "sweep";
      sweep.elements = choices.between(1, 3000);
      for (std::uint64_t j = choices.between(1, 3); j > 0; --j) {
        sweep.reads.push_back({choices.between(1, sweep.elements), static_cast<unsigned>(choices.between(1, 33))});
      }
      for (std::uint64_t j = choices.between(0, 3); j > 0; --j) {
        sweep.writes.push_back({choices.between(1, sweep.elements), static_cast<unsigned>(choices.between(1, 33))});
      }
      plan.sweeps.push_back(sweep);
    }
    INFO("seed " << seed << "\n" << write_accelerator(machine).dump());
    REQUIRE(compare(plan) == "");
  }
}

TEST_CASE("both engines agree with every shipped memory") {
  const std::filesystem::path folder = std::filesystem::path(LNSIM_SOURCE_DIR) / "configs/dram";
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  CHECK(files.size() >= 7);
  for (const auto& file : files) {
    INFO(file.string());
    Accelerator machine = test::default_machine();
    machine.dram = read_dram_preset(read_json_file(file)).dram;
    machine.dram.model = DramModel::kBanked;
    const LayerPass pass = linear_weight_grad(Linear{300, 200, 150, false, ""}, 2);
    CHECK(compare(test::plan_of(pass, machine, "bf16")) == "");
    CHECK(compare(test::plan_of(test::gemm_pass(128, 64, 4096), machine)) == "");
  }
}

}  // namespace lnsim
