// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/common_options.hpp"

namespace lnsim::cli {
namespace {

constexpr std::uint64_t kMostJobs = 4096;
constexpr std::uint64_t kMostSamples = 1000000000000000;
constexpr std::uint64_t kMostChips = 10000000;
const std::vector<std::string> kPasses = {"forward", "input_grad", "weight_grad", "update"};

}  // namespace

void add_data_dir_option(Options& options, CommonOptions& common) {
  options.text("data-dir", common.data_dir, "DIR",
               "folder with workloads/ and configs/, instead of $LNSIM_DATA_DIR and the installed one");
}

void add_workload_option(Options& options, CommonOptions& common) {
  options.text("workload", common.workload, "NAME|FILE", "the network");
}

void add_machine_options(Options& options, CommonOptions& common) {
  options.text("accelerator", common.accelerator, "NAME|FILE", "the machine");
  options.text("mapping", common.mapping, "heuristic|auto|FILE",
               "tiling, loop order and split: a rule, a search, or a file that pins any part");
  options.choice("objective", common.objective, {"cycles", "energy", "edp"}, "what --mapping auto minimises");
  options.text(
      "mapper-budget", common.mapper_budget, "N|Ns",
      "mappings that --mapping auto tries per pass, or seconds for all passes (another run may then find another)");
  options.choice(
      "engine", common.engine, {"auto", "fast", "systemc"},
      "the simulator: without a clock, or cycle by cycle; both give the same answer (auto: fast, with --data "
      "systemc)");
  options.list("verify", common.verify, "LIST", {},
               "layers that the clocked engine simulates too, to prove that the answer is the same");
}

void add_scheme_option(Options& options, CommonOptions& common) {
  options.text("scheme", common.scheme, "NAME|FILE", "number formats, accumulators and optimizer");
}

void add_price_options(Options& options, CommonOptions& common) {
  options.text("technology", common.prices.technology, "NAME|FILE", "energy of each action");
  options.text("grid", common.prices.grid, "REGION",
               "whose electricity: code or name of a country or cloud region, or g CO2e/kWh as NUMBER or LOW:MID:HIGH");
  options.text("pue", common.prices.pue, "NUMBER",
               "facility energy over IT energy, NUMBER or LOW:MID:HIGH; without it the industry average, with the "
               "published values as range");
  options.text("embodied", common.prices.embodied, "FILE|none",
               "carbon of making the hardware (default: the shipped data)");
}

void add_pricing_options(Options& options, CommonOptions& common) {
  add_price_options(options, common);
  options.text("run", common.prices.run, "NAME|FILE",
               "the training run: samples and epochs (default imagenet_90, for transformers bert_pretrain)");
  options.count("samples", common.prices.samples, 1, kMostSamples, "samples of an epoch, instead of the run's");
  options.count("epochs", common.prices.epochs, 1, kMostSamples, "epochs, instead of the run's");
  options.count("chips", common.prices.chips, 1, kMostChips,
                "accelerators of the run, data parallel, each with its own batch");
}

void add_training_options(Options& options, CommonOptions& common) {
  options.count("batch", common.batch, 1, kMostBatch, "samples of one micro-batch (default: the network's own)");
  options.count("micro-batches", common.micro_batches, 1, kMostBatch, "micro-batches of one iteration");
  options.list("passes", common.passes, "LIST", kPasses, "passes to simulate");
  options.list("layers", common.layers, "LIST", {}, "layers to simulate: names, or patterns with * and ?");
  options.flag("data", common.data, "move real operands and check every output, bit for bit");
  options.count("seed", common.seed, 0, UINT64_MAX, "seed of the synthetic operands of --data");
  options.text("tensors", common.tensors, "DIR",
               "--data: NumPy files <layer>.<tensor>.npy; tensors without a file are synthetic");
  options.flag("allow-oversubscription", common.allow_oversubscription,
               "where the network does not fit the memory, report the chips needed instead of an error");
}

void add_jobs_option(Options& options, CommonOptions& common) {
  options.count("jobs", common.jobs, 0, kMostJobs, "parallel processes; 0 for one per core");
}

void add_output_options(Options& options, CommonOptions& common) {
  options.text("out", common.out, "DIR", "folder for the result files, replaced whole");
  options.choice("format", common.format, {"table", "json", "csv"}, "what is printed");
  options.choice("progress", common.progress, {"auto", "lines"},
                 "a line that is written over on a terminal, or a line for every tenth of the work");
  options.flag("quiet", common.quiet, "no progress line");
}

ShippedFiles shipped_files(const CommonOptions& common, const Context& context) {
  return ShippedFiles(data_roots(common.data_dir, context.source_data_dir));
}

}  // namespace lnsim::cli
