// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include "sim/accumulation/analysis.hpp"
#include "sim/accumulation/scheme_analysis.hpp"
#include "sim/arch/dram_preset.hpp"
#include "sim/cli/commands.hpp"
#include "sim/cli/common_options.hpp"
#include "sim/cli/program.hpp"
#include "sim/cli/results.hpp"
#include "sim/numerics/format.hpp"
#include "sim/report/accumulation_report.hpp"
#include "sim/report/html/page.hpp"
#include "sim/support/error.hpp"
#include "sim/support/text.hpp"
#include "sim/workload/lower.hpp"

namespace lnsim::cli {
namespace {

constexpr std::uint64_t kMostTrials = 1U << 24U;
constexpr std::uint64_t kMostMeasuredProductBits = 52;

/// Sums that no accumulator of the library can measure (a mantissa beyond 23 bits, all products zero) are bad input.
AccumulationAnalysis analyse(const std::vector<LayerPass>& passes, const AccumulationOptions& options) {
  try {
    return analyse_accumulation(passes, options);
  } catch (const numerics::SpecError& error) {
    throw InputError(options.measurement ? "--measure" : "--workload", "", "", error.what());
  }
}

SchemeAnalysis analyse(const std::vector<LayerPass>& passes, const Scheme& scheme, const std::filesystem::path& file,
                       std::uint64_t trials, std::uint64_t seed, unsigned vector_size) {
  check_scheme(scheme, vector_size, file.string());
  SchemeAnalysisOptions options;
  options.vector_size = vector_size;
  options.trials = trials;
  options.seed = seed;
  try {
    return analyse_scheme(passes, scheme, options);
  } catch (const numerics::SpecError& error) {
    throw InputError(file.string(), "/dot_product/accumulator", "", error.what());
  }
}

unsigned vector_size_of(const CommonOptions& common, const ShippedFiles& files) {
  const Accelerator accelerator = read_accelerator(
      with_dram_preset(read_json_file(files.find("accelerators", common.accelerator, "--accelerator")), files));
  return static_cast<unsigned>(accelerator.pe.vector_size);
}

}  // namespace

int run_accum(const std::vector<std::string>& arguments, Context& context) {
  Options options("accum [options]",
                  "Says how many mantissa bits the accumulator of each GEMM of a training iteration needs, in one sum\n"
                  "and in chunks, by the variance retention ratio (Sakr et al., ICLR 2019). The prediction holds for\n"
                  "rounding to nearest, not for truncation.");
  CommonOptions common;
  std::vector<std::string> passes = {"forward", "input_grad", "weight_grad"};
  std::uint64_t product_mantissa = AccumulationOptions{}.product_mantissa;
  std::uint64_t chunk = AccumulationOptions{}.chunk;
  std::string ratio = "1";
  bool measure = false;
  std::string rounding = "nearest";
  MeasurementOptions measurement;
  std::string scheme_name;
  std::uint64_t operand_trials = SchemeAnalysisOptions{}.trials;
  add_workload_option(options, common);
  options.count("batch", common.batch, 1, kMostBatch, "samples of one micro-batch (default: the network's own)");
  options.list("passes", passes, "LIST", passes, "passes to analyse");
  options.list("layers", common.layers, "LIST", {}, "layers to analyse: names, or patterns with * and ?");
  options.count("product-mantissa", product_mantissa, 1, numerics::Accumulation::kMaxBits,
                "mantissa bits of a product; 5 is FP8 E5M2 times E5M2");
  options.count("chunk", chunk, 1, numerics::Accumulation::kMaxLength, "products per chunk of the chunked answers");
  options.text("nzr", ratio, "RATIO", "fraction of products that are not zero, 0 to 1, of every GEMM");
  options.flag("measure", measure,
               "beside each prediction, sums of random products in the simulated accumulator of that mantissa");
  options.choice("rounding", rounding, {"nearest", "zero"}, "--measure: rounding of the accumulator");
  options.count("trials", measurement.trials, 2, kMostTrials, "--measure: sums per answer");
  options.count("seed", measurement.seed, 0, UINT64_MAX, "--measure: seed of the products");
  options.group("A scheme's own accumulator");
  options.text("scheme", scheme_name, "NAME|FILE",
               "measures the scheme's unit on operands from the tensors' distributions, and the least accumulator that "
               "would do: mantissa bits, or bits and guard bits of a fixed one");
  options.text("accelerator", common.accelerator, "NAME|FILE", "the machine, for the elements of a group");
  options.count("operand-trials", operand_trials, 2, kMostTrials, "sums per answer with --scheme");
  options.group("Results");
  options.text("out", common.out, "DIR", "folder for the result files, replaced whole");
  options.choice("format", common.format, {"table", "json", "csv"}, "what is printed");
  add_data_dir_option(options, common);
  if (!options.parse(arguments)) {
    context.console.out(options.help());
    return kDone;
  }
  AccumulationOptions analysis_options;
  analysis_options.product_mantissa = static_cast<unsigned>(product_mantissa);
  analysis_options.chunk = chunk;
  analysis_options.non_zero_ratio = parse_real("--nzr", ratio, 0.0, 1.0);
  if (rounding == "zero") measurement.rounding = numerics::Rounding::kTowardZero;
  if (measure) {
    if (product_mantissa > kMostMeasuredProductBits) {
      throw InputError("--product-mantissa", "", std::to_string(product_mantissa), "at most 52 with --measure");
    }
    if (analysis_options.non_zero_ratio == 0.0) throw InputError("--nzr", "", ratio, "more than 0 with --measure");
    analysis_options.measurement = measurement;
  }
  const ShippedFiles files = shipped_files(common, context);
  const Network network = read_network(read_json_file(files.find("workloads", common.workload, "--workload")));
  LowerOptions lower_options;
  lower_options.batch = common.batch.value_or(network.batch);
  lower_options.passes = parse_passes(joined(passes), "--passes");
  lower_options.layers = LayerSelection(joined(common.layers));
  report::AccumulationReport report;
  report.workload = network.name;
  report.batch = lower_options.batch;
  ResultFolder folder(common.out);
  const std::vector<LayerPass> lowered = lower(network, lower_options);
  report.analysis = analyse(lowered, analysis_options);
  if (!scheme_name.empty()) {
    const std::filesystem::path file = files.find("schemes", scheme_name, "--scheme");
    const Scheme scheme = read_scheme(read_json_file(file));
    report.scheme = analyse(lowered, scheme, file, operand_trials, measurement.seed, vector_size_of(common, files));
  }
  if (folder.wanted()) {
    const Json json = report::write_accumulation(report);
    folder.write("accumulation.json", dump_json(json));
    folder.write("accumulation.csv", report::accumulation_csv(report));
    folder.write("report.html", report::html_page({"accumulation.json", json}, {}));
    folder.commit();
  }
  if (common.format == "json") {
    context.console.out(dump_json(report::write_accumulation(report)));
  } else if (common.format == "csv") {
    context.console.out(report::accumulation_csv(report));
  } else {
    context.console.out(escape_lines(report::accumulation_table(report)));
  }
  return kDone;
}

}  // namespace lnsim::cli
