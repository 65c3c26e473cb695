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

constexpr const char* kGrids = "configs/grids/grid_intensity.csv";
constexpr const char* kPue = "configs/grids/data/pue.json";
constexpr const char* kEmbodied = "configs/carbon/embodied.json";
constexpr const char* kTransformerRun = "bert_pretrain";
constexpr const char* kCnnRun = "imagenet_90";

}  // namespace

std::vector<carbon::Grid> load_grids(const ShippedFiles& files) { return carbon::read_grids(data_file(files, kGrids)); }

std::vector<std::filesystem::path> pricing_files(const PricingInputs& inputs, const ShippedFiles& files) {
  std::vector<std::filesystem::path> found{files.find("technology", inputs.technology, "--technology"),
                                           data_file(files, kGrids), data_file(files, kPue),
                                           data_file(files, kEmbodied)};
  if (!inputs.run.empty()) {
    found.push_back(files.find("runs", inputs.run, "--run"));
  } else {
    for (const char* run : {kTransformerRun, kCnnRun}) found.push_back(files.find("runs", run, "--run"));
  }
  return found;
}

Pricing load_pricing(const PricingInputs& inputs, const ShippedFiles& files, const std::string& family) {
  const std::string run = !inputs.run.empty() ? inputs.run : family == "transformer" ? kTransformerRun : kCnnRun;
  Pricing pricing;
  pricing.technology = energy::read_technology(files.find("technology", inputs.technology, "--technology"));
  pricing.grids = load_grids(files);
  pricing.grid = carbon::grid_of(pricing.grids, inputs.grid);
  pricing.run = carbon::read_run(files.find("runs", run, "--run"));
  pricing.pue = carbon::read_default_pue(data_file(files, kPue));
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
    pricing.embodied = carbon::read_embodied(inputs.embodied.empty() ? data_file(files, kEmbodied)
                                                                     : std::filesystem::path(inputs.embodied));
  }
  return pricing;
}

}  // namespace lnsim::report
