// SPDX-License-Identifier: Apache-2.0
// Speed of the engine without a clock, in this process: whole training iterations (ResNet-50, BERT-Large, a GPT of a
// trillion parameters) split into lowering, mapping, schedules, simulation and pricing, the best of several repeats;
// and as ratios ten times the batch, and the banked DRAM model.
//   bench_fast [repeats [workload [batch [passes [memory]]]]]   passes: 1 prints the slowest passes too
//   memory: a preset in configs/dram, for the banked model
#include <time.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/arch/dram_preset.hpp"
#include "sim/fast/machine.hpp"
#include "sim/report/pricing.hpp"
#include "sim/schedule/pass_entry.hpp"
#include "sim/schedule/pass_plan.hpp"
#include "sim/workload/lower.hpp"
#include "sim/workload/network.hpp"

namespace {

using namespace lnsim;

const std::string kRoot = LNSIM_SOURCE_DIR;

/// Processor time, so that what else runs on the machine counts little.
double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

template <class Action>
double seconds(const Action& action) {
  const double begin = processor_seconds();
  action();
  return processor_seconds() - begin;
}

enum Part : std::size_t {
  kLowering,
  kKeys,
  kGemmSchedules,
  kSweepSchedules,
  kGemms,
  kSweeps,
  kEntries,
  kPricing,
  kParts
};
constexpr std::array<const char*, kParts> kNames{"lowering",
                                                 "distinct passes",
                                                 "mapping and GEMM schedules",
                                                 "sweep schedules",
                                                 "simulation of GEMMs",
                                                 "simulation of sweeps",
                                                 "entries",
                                                 "pricing"};
using Times = std::array<double, kParts>;

struct Sizes {
  std::uint64_t passes = 0, gemm_passes = 0, sweep_passes = 0;
  std::uint64_t steps = 0, chunks = 0, jobs = 0, tiles = 0, groups = 0, cycles = 0;
};

report::Pricing read_pricing(const std::string& family) {
  report::Pricing pricing;
  pricing.technology = energy::read_technology(kRoot + "/configs/technology/45nm.json");
  pricing.grid = carbon::find_grid(carbon::read_grids(kRoot + "/configs/grids/grid_intensity.csv"), "USA");
  pricing.run = carbon::read_run(kRoot + "/configs/runs/" +
                                 (family == "transformer" ? "bert_pretrain" : "imagenet_90") + ".json");
  pricing.pue = carbon::read_default_pue(kRoot + "/configs/grids/data/pue.json");
  return pricing;
}

struct Slow {
  double seconds, schedule;
  std::string text;
};

/// One iteration, part by part; sizes and slow passes are of the last repeat.
class Iteration {
 public:
  /// batch: times that of the workload's file. memory: a preset of the banked model, or none.
  Iteration(const std::string& workload, std::uint64_t batch, const std::string& memory = {}) {
    network_ = read_network(read_json_file(kRoot + "/workloads/" + workload + ".json"));
    if (batch != 0) network_.batch = batch;
    context_.accelerator = read_accelerator(read_json_file(kRoot + "/configs/accelerators/lns_madam.json"));
    if (!memory.empty()) {
      context_.accelerator.dram = read_dram_preset(read_json_file(kRoot + "/configs/dram/" + memory + ".json")).dram;
      context_.accelerator.dram.model = DramModel::kBanked;
    }
    context_.scheme = read_scheme(read_json_file(kRoot + "/configs/schemes/lns8.json"));
    context_.family = network_.family;
    context_.clock_hz = 400000000;
    context_.write_machine_text();
    pricing_ = read_pricing(network_.family);
  }

  Times run() {
    Times times{};
    sizes = {};
    slow.clear();
    std::vector<PassPlan> plans;
    times[kLowering] = seconds([&] {
      LowerOptions options;
      options.batch = network_.batch;
      for (const LayerPass& pass : lower(network_, options)) plans.push_back(plan_pass(pass, context_));
    });
    std::map<std::string, std::size_t> distinct;
    std::vector<std::size_t> unit(plans.size());
    times[kKeys] = seconds([&] {
      for (std::size_t i = 0; i < plans.size(); ++i)
        unit[i] = distinct.try_emplace(plans[i].timing_key(), i).first->second;
    });
    Trace trace = describe();
    std::vector<TraceEntry> entries(plans.size());
    for (std::size_t i = 0; i < plans.size(); ++i) {
      if (unit[i] == i) simulate(plans[i], entries[i], times);
    }
    times[kEntries] += seconds([&] {
      for (std::size_t i = 0; i < plans.size(); ++i) {
        trace.entries.push_back(entries[unit[i]]);
        trace.entries.back().repeat = plans[i].pass.repeat;
      }
    });
    times[kPricing] = seconds([&] { (void)report::price_trace(std::move(trace), pricing_); });
    return times;
  }

  [[nodiscard]] std::uint64_t batch() const { return network_.batch; }

  Sizes sizes;
  std::vector<Slow> slow;

 private:
  Trace describe() const {
    Trace trace;
    trace.version = "0";
    trace.engine = "fast";
    trace.workload = network_.name;
    trace.family = network_.family;
    trace.accelerator = context_.accelerator;
    trace.scheme = context_.scheme;
    trace.clock_hz = context_.clock_hz;
    trace.batch = network_.batch;
    trace.micro_batches = 1;
    return trace;
  }

  void simulate(const PassPlan& plan, TraceEntry& entry, Times& times) {
    std::optional<GemmSchedule> schedule;
    std::optional<SweepSchedule> chunks;
    std::optional<RunResult> gemms, sweeps;
    const Times before = times;
    if (!plan.pass.gemms.empty()) {
      times[kGemmSchedules] += seconds([&] { schedule.emplace(schedule_gemms(plan, GemmSchedule::Form::kShort)); });
      times[kGemms] += seconds([&] { gemms = fast::run_gemms(*schedule); });
      ++sizes.gemm_passes;
      sizes.steps += schedule->total_steps();
      sizes.jobs += schedule->jobs().size();
      sizes.tiles += schedule->total_tiles();
      for (const Step& step : schedule->steps()) sizes.groups += step.tiles * schedule->shape(step).groups;
    }
    if (!plan.sweeps.empty()) {
      times[kSweepSchedules] += seconds([&] { chunks.emplace(schedule_sweeps(plan, SweepSchedule::Form::kShort)); });
      times[kSweeps] += seconds([&] { sweeps = fast::run_sweeps(*chunks); });
      ++sizes.sweep_passes;
      sizes.chunks += chunks->chunks();
    }
    times[kEntries] += seconds([&] {
      entry = make_entry(plan, schedule ? &*schedule : nullptr, gemms ? &*gemms : nullptr, sweeps ? &*sweeps : nullptr);
    });
    ++sizes.passes;
    sizes.cycles += entry.cycles;
    const double simulation = times[kGemms] - before[kGemms] + times[kSweeps] - before[kSweeps];
    const double prepared =
        times[kGemmSchedules] - before[kGemmSchedules] + times[kSweepSchedules] - before[kSweepSchedules];
    std::string text = plan.where();
    if (schedule) {
      const Step& step = schedule->steps().front();
      text += ": " + std::to_string(schedule->total_steps()) + " steps, " + std::to_string(schedule->total_tiles()) +
              " tiles of " + std::to_string(schedule->shape(step).groups) + " K-groups, " +
              write_mapping(schedule->mapping(step)).dump();
    }
    if (chunks) text += ", " + std::to_string(chunks->chunks()) + " chunks";
    slow.push_back({simulation, prepared, text});
  }

  Network network_;
  PlanContext context_;
  report::Pricing pricing_;
};

Times best_of(Iteration& iteration, int repeats) {
  Times best;
  best.fill(1e9);
  for (int i = 0; i < repeats; ++i) {
    const Times times = iteration.run();
    for (std::size_t part = 0; part < kParts; ++part) best[part] = std::min(best[part], times[part]);
  }
  return best;
}

double sum(const Times& times) {
  double all = 0;
  for (const double seconds : times) all += seconds;
  return all;
}

/// What more data and more detail cost, as ratios in one run.
void measure_ratios(const std::string& workload, int repeats) {
  Iteration plain(workload, 0);
  const double base = sum(best_of(plain, repeats));
  Iteration large(workload, 10 * plain.batch());
  std::printf("%s: ten times the batch costs %.2f times as much\n", workload.c_str(),
              sum(best_of(large, repeats)) / base);
  Iteration banked(workload, 0, "lpddr4x_4266");
  std::printf("%s: banked DRAM costs %.1f times as much as the bandwidth model\n", workload.c_str(),
              sum(best_of(banked, 1)) / base);
}

void measure(const std::string& workload, int repeats, std::uint64_t batch, bool passes, const std::string& memory) {
  Iteration iteration(workload, batch, memory);
  const Times best = best_of(iteration, repeats);
  const Sizes& sizes = iteration.sizes;
  std::printf(
      "%s: %llu distinct passes, %llu with GEMMs (%llu steps, %llu jobs, %llu tiles, %llu K-groups), %llu with sweeps "
      "(%llu chunks), %llu cycles\n",
      workload.c_str(), sizes.passes + 0ULL, sizes.gemm_passes + 0ULL, sizes.steps + 0ULL, sizes.jobs + 0ULL,
      sizes.tiles + 0ULL, sizes.groups + 0ULL, sizes.sweep_passes + 0ULL, sizes.chunks + 0ULL, sizes.cycles + 0ULL);
  double all = 0;
  for (std::size_t part = 0; part < kParts; ++part) {
    std::printf("  %-28s %9.3f ms\n", kNames[part], best[part] * 1e3);
    all += best[part];
  }
  std::printf("  %-28s %9.3f ms\n", "all", all * 1e3);
  std::printf("  %.3f ns per K-group, %.0f passes of GEMMs per second\n",
              best[kGemms] * 1e9 / static_cast<double>(sizes.groups),
              static_cast<double>(sizes.gemm_passes) / best[kGemms]);
  if (!passes) return;
  std::vector<Slow> slow = iteration.slow;
  std::sort(slow.begin(), slow.end(), [](const Slow& x, const Slow& y) { return x.seconds > y.seconds; });
  for (std::size_t i = 0; i < slow.size() && i < 12; ++i) {
    std::printf("  %8.3f ms simulated, %8.3f ms prepared: %s\n", slow[i].seconds * 1e3, slow[i].schedule * 1e3,
                slow[i].text.c_str());
  }
  std::sort(slow.begin(), slow.end(), [](const Slow& x, const Slow& y) { return x.schedule > y.schedule; });
  for (std::size_t i = 0; i < slow.size() && i < 12; ++i) {
    std::printf("  %8.3f ms simulated, %8.3f ms prepared: %s\n", slow[i].seconds * 1e3, slow[i].schedule * 1e3,
                slow[i].text.c_str());
  }
}

}  // namespace

int main(int argc, char** argv) {
  const int repeats = argc > 1 ? std::atoi(argv[1]) : 5;
  const std::uint64_t batch = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 0;
  if (argc > 2) {
    measure(argv[2], repeats, batch, argc > 4 && std::atoi(argv[4]) != 0, argc > 5 ? argv[5] : "");
  } else {
    for (const char* workload : {"resnet50", "bert_large_seq128", "gpt_1t"}) measure(workload, repeats, 0, false, "");
    for (const char* workload : {"resnet50", "bert_large_seq128"}) measure_ratios(workload, repeats);
  }
  return 0;
}
