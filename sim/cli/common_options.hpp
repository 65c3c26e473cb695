// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/cli/commands.hpp"
#include "sim/cli/options.hpp"
#include "sim/report/load_pricing.hpp"
#include "sim/support/shipped.hpp"

namespace lnsim::cli {

inline constexpr std::uint64_t kMostBatch = std::uint64_t{1} << 24U;  ///< what --batch takes

/// Options that several subcommands share, with their defaults. Each add_ function declares one group of them, so that
/// an option has one name, one text and one range everywhere.
struct CommonOptions {
  std::string workload = "resnet50";
  std::string accelerator = "lns_madam";
  std::string scheme = "lns8";
  report::PricingInputs prices;
  std::string data_dir;  ///< "" where the shipped files are looked up in the usual places

  std::optional<std::uint64_t> batch;  ///< empty: the network's own
  std::uint64_t micro_batches = 1;
  std::vector<std::string> passes = {"forward", "input_grad", "weight_grad", "update"};
  std::vector<std::string> layers;  ///< names or globs; empty is all
  std::string engine = "auto";
  std::vector<std::string> verify;  ///< layers to simulate on both engines
  std::string mapping = "heuristic";
  std::string objective = "cycles";   ///< of --mapping auto
  std::string mapper_budget = "200";  ///< mappings per pass, or with an s seconds in all
  bool data = false;
  std::uint64_t seed = 1;
  std::string tensors;  ///< folder with NumPy files for --data; "" for synthetic operands only
  bool allow_oversubscription = false;
  std::uint64_t jobs = 0;  ///< 0: one per core

  std::string out;  ///< folder for results; "" for none
  std::string format = "table";
  std::string progress = "auto";
  bool quiet = false;
};

void add_data_dir_option(Options& options, CommonOptions& common);  ///< --data-dir
void add_workload_option(Options& options, CommonOptions& common);  ///< --workload
void add_machine_options(
    Options& options,
    CommonOptions& common);  ///< --accelerator --mapping --objective --mapper-budget --engine --verify
void add_scheme_option(Options& options, CommonOptions& common);    ///< --scheme NAME
void add_price_options(Options& options, CommonOptions& common);    ///< --technology --grid --pue --embodied
void add_pricing_options(Options& options, CommonOptions& common);  ///< and --run --samples --epochs --chips
void add_training_options(Options& options,
                          CommonOptions& common);  ///< --batch --micro-batches --passes --layers --data ...
void add_jobs_option(Options& options, CommonOptions& common);     ///< --jobs
void add_output_options(Options& options, CommonOptions& common);  ///< --out --format --progress --quiet

/// The shipped files as --data-dir, the environment and the place of the program say.
[[nodiscard]] ShippedFiles shipped_files(const CommonOptions& common, const Context& context);

}  // namespace lnsim::cli
