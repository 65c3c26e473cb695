// SPDX-License-Identifier: Apache-2.0
// Real codes through the whole machine: every output of lenet, and of the layers of ResNet-50 that are odd in their own
// ways, equals the numerics library's bit by bit, under every scheme.
#include <catch2/catch.hpp>

#include "sim/systemc/data_run.hpp"
#include "sim/workload/lower.hpp"
#include "tests/support/plans.hpp"

namespace lnsim {
namespace {

std::vector<LayerPass> passes_of(const std::string& workload, std::uint64_t batch, const std::string& layers) {
  LowerOptions options;
  options.batch = batch;
  options.layers = LayerSelection(layers);
  return lower(read_network(read_json_file(std::string(LNSIM_SOURCE_DIR) + "/workloads/" + workload + ".json")),
               options);
}

systemc::DataSummary run_all(const std::vector<LayerPass>& passes, const std::string& scheme,
                             const systemc::DataOptions& options, bool gemms_only) {
  systemc::DataSummary summary;
  for (const LayerPass& pass : passes) {
    if (gemms_only && pass.gemms.empty()) continue;
    INFO(scheme << " " << pass.layer << " " << pass_name(pass.kind));
    (void)systemc::simulate_pass_with_data(test::plan_of(pass, test::default_machine(), scheme), options, {}, &summary);
  }
  return summary;
}

}  // namespace

TEST_CASE("a lenet iteration with data equals the scalar reference under every scheme") {
  const std::vector<LayerPass> passes = passes_of("lenet", 2, "");
  systemc::DataOptions options;
  options.scalar_reference = true;
  for (const std::string& scheme : test::data_scheme_names()) {
    std::uint64_t outputs = 0;
    for (const LayerPass& pass : passes) {
      for (const Gemm& gemm : pass.gemms) outputs += gemm.m * gemm.n * gemm.count();
    }
    const systemc::DataSummary summary = run_all(passes, scheme, options, false);
    CHECK(summary.outputs >= outputs);
  }
}

TEST_CASE("the odd layers of resnet50 with data, all GEMM passes, every scheme: bit-exact, some of it clipped") {
  // C = 3; 3 x 3 with stride 2, so phases; K = 4608, so a split K; 1 x 1 with stride 2, so zero fills.
  const std::vector<LayerPass> passes =
      passes_of("resnet50", 1, "conv1,layer2.0.conv2,layer4.2.conv2,layer4.0.downsample.0");
  for (const std::string& scheme : test::data_scheme_names()) {
    const systemc::DataSummary summary = run_all(passes, scheme, {}, true);
    CHECK(summary.outputs > 0);
  }
  // Scales far too small: what the delayed scale of a sudden growth does.
  for (const std::string scheme : {"lns8", "int8", "fp8"}) {
    systemc::DataOptions options;
    options.headroom = 1.0 / 16;
    const systemc::DataSummary summary = run_all(passes, scheme, options, true);
    INFO(scheme << ": " << summary.clipped << " of " << summary.outputs << " clipped, " << summary.saturations
                << " saturated");
    CHECK(summary.clipped + summary.saturations >= summary.outputs / 100);
  }
}

}  // namespace lnsim
