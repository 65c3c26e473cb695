// SPDX-License-Identifier: Apache-2.0
#include "sim/report/load_pricing.hpp"

#include "sim/support/error.hpp"

namespace lnsim::report {
namespace {

/// A file below configs/ that has no kind of its own in the lookup.
std::filesystem::path data_file(const ShippedFiles& files, const std::filesystem::path& below) {
  for (const std::filesystem::path& root : files.roots()) {
    if (std::filesystem::exists(root / below)) return root / below;
  }
  throw InputError("--data-dir", "", "no " + below.string(), "a folder with workloads/ and configs/");
}

}  // namespace

std::vector<carbon::Grid> load_grids(const ShippedFiles& files) {
  return carbon::read_grids(data_file(files, "configs/grids/grid_intensity.csv"));
}

Pricing load_pricing(const PricingInputs& inputs, const ShippedFiles& files, const std::string& family) {
  const std::string run = !inputs.run.empty() ? inputs.run : family == "transformer" ? "bert_pretrain" : "imagenet_90";
  Pricing pricing;
  pricing.technology = energy::read_technology(files.find("technology", inputs.technology, "--technology"));
  pricing.grids = load_grids(files);
  pricing.grid = carbon::grid_of(pricing.grids, inputs.grid);
  pricing.run = carbon::read_run(files.find("runs", run, "--run"));
  pricing.pue = carbon::read_default_pue(data_file(files, "configs/grids/data/pue.json"));
  if (!inputs.pue.empty()) {
    constexpr double kMostPue = 10;
    const carbon::Range range = carbon::parse_range("--pue", inputs.pue, 1, kMostPue);
    pricing.pue = {range.mid, "given", 0, "--pue", range};
  }
  if (inputs.samples) pricing.run.samples = static_cast<double>(*inputs.samples);
  if (inputs.epochs) {
    pricing.run.epochs = static_cast<double>(*inputs.epochs);
    pricing.run.epochs_range.reset();  // was around the run's own
  }
  pricing.chips = inputs.chips;
  if (inputs.embodied != "none") {
    pricing.embodied = carbon::read_embodied(inputs.embodied.empty() ? data_file(files, "configs/carbon/embodied.json")
                                                                     : std::filesystem::path(inputs.embodied));
  }
  return pricing;
}

}  // namespace lnsim::report
