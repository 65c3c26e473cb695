// SPDX-License-Identifier: Apache-2.0
// Speed of the mapper: full evaluations (cycles, stalls, counts and energy, as simulate gives them) per second and
// core, on the GEMM passes of a network; candidates that bounds leave out do not count.
//   bench_mapper [budget [workload]]   budget: evaluations per pass
#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "energy/accounting.hpp"
#include "sim/sweep/auto_mapping.hpp"
#include "sim/workload/lower.hpp"
#include "sim/workload/network.hpp"

namespace {

using namespace lnsim;

const std::string kRoot = LNSIM_SOURCE_DIR;

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

void measure(const std::string& workload, std::uint64_t budget) {
  const Network network = read_network(read_json_file(kRoot + "/workloads/" + workload + ".json"));
  PlanContext context;
  context.accelerator = read_accelerator(read_json_file(kRoot + "/configs/accelerators/lns_madam.json"));
  context.scheme = read_scheme(read_json_file(kRoot + "/configs/schemes/lns8.json"));
  context.family = network.family;
  context.clock_hz = 400000000;
  context.write_machine_text();
  const energy::Technology technology = energy::read_technology(kRoot + "/configs/technology/45nm.json");
  const energy::EntryPricer pricer(context.accelerator, context.scheme, technology,
                                   static_cast<double>(context.clock_hz),
                                   energy::optimizers_of(context.scheme, network.family));
  LowerOptions options;
  options.batch = network.batch;
  std::vector<PassPlan> plans;
  for (const LayerPass& pass : lower(network, options)) plans.push_back(plan_pass(pass, context));
  SearchOptions search;
  search.budget = budget;
  const double begin = processor_seconds();
  const AutoMapping found = map_passes(
      plans, [&](const TraceEntry& entry) { return pricer.energy_j(entry) * pricer.seconds(entry); }, search);
  const double seconds = processor_seconds() - begin;
  std::printf("%s: %llu passes, %llu mappings evaluated of %llu, %.0f evaluations per second and core\n",
              workload.c_str(), found.passes + 0ULL, found.evaluated + 0ULL, found.candidates + 0ULL,
              static_cast<double>(found.evaluated) / seconds);
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t budget = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100;
  if (argc > 2) {
    measure(argv[2], budget);
  } else {
    for (const char* workload : {"resnet50", "bert_large_seq128"}) measure(workload, budget);
  }
  return 0;
}
