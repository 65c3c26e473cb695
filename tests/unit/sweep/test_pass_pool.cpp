// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "sim/support/error.hpp"
#include "sim/systemc/engine.hpp"
#include "sim/trace/trace_json.hpp"
#include "tests/unit/sweep/experiments.hpp"

namespace lnsim {
namespace {

std::string text_of(const std::vector<Trace>& traces) {
  std::string text;
  for (const Trace& trace : traces) text += dump_json(write_trace(trace));
  return text;
}

/// Plans of every pass of the experiment's first scheme.
std::vector<PassPlan> plans_of(const Experiment& experiment) {
  PlanContext context;
  context.accelerator = experiment.accelerator;
  context.scheme = experiment.schemes.front();
  context.family = experiment.network.family;
  context.clock_hz = experiment.clock_hz;
  context.micro_batches = experiment.micro_batches;
  LowerOptions options;
  options.batch = experiment.batch;
  options.micro_batches = experiment.micro_batches;
  std::vector<PassPlan> plans;
  for (const LayerPass& pass : lower(experiment.network, options)) plans.push_back(plan_pass(pass, context));
  return plans;
}

TEST_CASE("The number of processes does not change a byte of the traces") {
  const Experiment experiment = test::make_experiment("lenet", {"lns8", "fp8"}, 2, 3);
  const auto run = [&](std::uint64_t jobs) {
    return text_of(run_experiment(experiment, {.engine = Engine::kSystemc, .jobs = jobs}).traces);
  };
  const std::string one = run(1);
  for (const std::uint64_t jobs : {2U, 3U, 64U}) CHECK(run(jobs) == one);
}

TEST_CASE("Shared passes equal the same passes simulated alone") {
  // fp8 maps some passes with the operands exchanged, where formats a and b differ.
  for (const char* scheme : {"fp8", "lns8_g5"}) {
    const Experiment experiment = test::make_experiment("lenet", {scheme}, 2);
    std::vector<PassPlan> plans = plans_of(experiment);
    const std::vector<TraceEntry> shared = run_passes(plans, {});
    for (std::size_t i = 0; i < plans.size(); ++i) {
      INFO(scheme << " " << plans[i].where());
      const TraceEntry alone = systemc::simulate_pass(plans[i]);
      CHECK(dump_json(write_entry(shared[i])) == dump_json(write_entry(alone)));
    }
  }
}

TEST_CASE("A verified layer is simulated on both engines, and its distinct passes are counted") {
  Experiment experiment = test::make_experiment("lenet", {"lns8", "fp8"}, 2);
  experiment.verify = {"conv*"};
  const ExperimentResult result = run_experiment(experiment, {});
  CHECK(result.verification.passes > 4);
  CHECK(result.verification.cycles > 1000);
  experiment.verify = {"no such layer"};
  CHECK_THROWS_AS(run_experiment(experiment, {}), InputError);
}

TEST_CASE("A fast entry that differs from the clocked one is an error that names pass and numbers") {
  const std::vector<PassPlan> plans = plans_of(test::make_experiment("mlp", {"lns8"}, 2));
  std::vector<TraceEntry> entries = run_passes(plans, {});
  ++entries.back().cycles;
  entries.back().stalls["dma"]["done"] += 7;
  try {
    (void)verify_passes(plans, entries, 1);
    FAIL("no error");
  } catch (const SimulationError& error) {
    const std::string message = error.what();
    CHECK(message.find(plans.back().where()) != std::string::npos);
    CHECK(message.find("cycles: ") != std::string::npos);
    CHECK(message.find("dma done: ") != std::string::npos);
  }
}

TEST_CASE("A pass shared by two schemes has each scheme's own formats") {
  const Experiment experiment = test::make_experiment("mlp", {"fp16", "bf16"}, 4);
  const std::vector<Trace> traces = run_experiment(experiment, {}).traces;
  for (std::size_t i = 0; i < traces[0].entries.size(); ++i) {
    const TraceEntry& fp16 = traces[0].entries[i];
    const TraceEntry& bf16 = traces[1].entries[i];
    CHECK(fp16.cycles == bf16.cycles);
    if (fp16.gemms.empty()) continue;
    CHECK(fp16.formats.a == "fp16");
    CHECK(bf16.formats.a == "bf16");
  }
}

TEST_CASE("Distinct passes are simulated once, and progress ends at the whole") {
  const Experiment experiment = test::make_experiment("mlp", {"lns8"}, 4);
  std::vector<PassPlan> plans = plans_of(experiment);
  const std::size_t count = plans.size();
  for (std::size_t i = 0; i < count; ++i) plans.push_back(plans[i]);
  for (const std::uint64_t jobs : {1U, 2U}) {
    PoolProgress last;
    double before = 0;
    bool rises = true;
    (void)run_passes(plans, {.engine = Engine::kSystemc, .jobs = jobs}, [&](const PoolProgress& now) {
      rises = rises && now.fraction >= before - 1e-9;
      before = now.fraction;
      last = now;
    });
    CHECK(rises);
    CHECK(last.fraction == Approx(1.0));
    CHECK(last.passes_done == last.passes);
    CHECK(last.passes <= count);
    CHECK(last.cycles > 0);
  }
}

TEST_CASE("Runs with data do not depend on the number of processes") {
  Experiment experiment = test::make_experiment("mlp", {"lns8"}, 2);
  experiment.passes = {"weight_grad"};
  const auto run = [&](std::uint64_t jobs) {
    return text_of(
        run_experiment(experiment, {.engine = Engine::kSystemc, .jobs = jobs, .data = true, .seed = 7}).traces);
  };
  const std::string one = run(1);
  CHECK(run(2) == one);
  CHECK(one.find("\"outputs\"") != std::string::npos);
}

TEST_CASE("A pass that does not fit the machine is bad input, by the same message with any number of processes") {
  Experiment experiment = test::make_experiment("lenet", {"lns8"}, 2);
  experiment.accelerator.global_buffer.bytes = 1024;
  std::vector<std::string> messages;
  for (const std::uint64_t jobs : {1U, 2U, 5U}) {
    try {
      (void)run_experiment(experiment, {.engine = Engine::kSystemc, .jobs = jobs});
      messages.emplace_back("no error");
    } catch (const InputError& error) {
      messages.emplace_back(error.what());
    }
  }
  INFO(messages[0]);
  CHECK(messages[0].find("conv2 forward") != std::string::npos);
  CHECK(messages[1] == messages[0]);
  CHECK(messages[2] == messages[0]);
}

}  // namespace
}  // namespace lnsim
