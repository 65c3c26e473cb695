// SPDX-License-Identifier: Apache-2.0
// Training speed: useful MACs per second and core of whole steps, and the share of the time that GEMMs take.
#include <chrono>
#include <cstdio>
#include <string>

#include "sim/training/trainer.hpp"

namespace {

using namespace lnsim;

constexpr std::uint64_t kSteps = 12;

// 64-1024-1024-10 on the synthetic task: all but a hundredth of the MACs have K of 1024, or of 256 (the batch).
const char* const kNetwork =
    R"({"schema": "lnsim.workload/1", "name": "bench", "family": "cnn", "batch": 256, "layers": [
  {"name": "fc1", "linear": {"in_features": 64, "out_features": 1024, "bias": true}},
  {"name": "relu1", "relu": {"shape": [1024]}},
  {"name": "fc2", "linear": {"in_features": 1024, "out_features": 1024, "bias": true}},
  {"name": "relu2", "relu": {"shape": [1024]}},
  {"name": "fc3", "linear": {"in_features": 1024, "out_features": 10, "bias": true}}]})";

void measure(const std::string& scheme_name, const Network& network, const training::Dataset& dataset) {
  const Scheme scheme =
      read_scheme(read_json_file(std::string(LNSIM_SOURCE_DIR) + "/configs/schemes/" + scheme_name + ".json"));
  training::TrainingSettings settings;
  settings.batch = network.batch;
  settings.epochs = kSteps;
  settings.learning_rate = training::usual_learning_rate(scheme.optimizer(network.family));
  training::Workers workers(0);
  training::Trainer trainer(network, dataset, scheme, settings, workers);
  const auto start = std::chrono::steady_clock::now();
  for (std::uint64_t step = 0; step < kSteps; ++step) trainer.step();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::printf("%-10s %7.2f GMAC/s per core on %zu, %4.1f %% of the time in GEMMs\n", scheme_name.c_str(),
              static_cast<double>(trainer.macs()) / seconds / static_cast<double>(workers.threads()) / 1e9,
              workers.threads(), 100.0 * trainer.gemm_seconds() / seconds);
}

}  // namespace

int main() {
  const Network network = read_network(parse_json(kNetwork, "bench.json"));
  const training::Dataset dataset = training::make_synthetic({});
  std::puts("training, whole steps (bench_training)");
  for (const char* scheme : {"lns8", "fp8", "int8", "bf16", "fp32"}) measure(scheme, network, dataset);
  return 0;
}
