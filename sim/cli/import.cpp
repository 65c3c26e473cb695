// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "sim/cli/commands.hpp"
#include "sim/cli/common_options.hpp"
#include "sim/cli/program.hpp"
#include "sim/cli/results.hpp"
#include "sim/import/scale_sim.hpp"
#include "sim/report/numbers.hpp"
#include "sim/support/error.hpp"
#include "sim/support/files.hpp"
#include "sim/support/text.hpp"

namespace lnsim::cli {
namespace {

constexpr std::uintmax_t kMostBytes = 64U << 20U;
constexpr std::uint64_t kMostBatch = 1U << 24U;

std::string read_text_file(const std::string& file) {
  const std::filesystem::path path = file;
  std::error_code error;
  if (!std::filesystem::exists(path, error)) throw InputError(file, "", "no such file", "a file to import");
  if (!std::filesystem::is_regular_file(path, error)) throw InputError(file, "", "not a file", "a file to import");
  if (std::filesystem::file_size(path, error) > kMostBytes) {
    throw InputError(file, "", "more than 64 MiB", "a topology of layers");
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) throw InputError(file, "", std::generic_category().message(errno), "a file that can be read");
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string listed(const char* title, const std::vector<std::string>& notes) {
  std::string text;
  constexpr std::size_t kMost = 12;
  for (std::size_t i = 0; i < notes.size() && i < kMost; ++i) text += std::string(title) + ": " + notes[i] + "\n";
  if (notes.size() > kMost) text += std::string(title) + ": " + std::to_string(notes.size() - kMost) + " more\n";
  return text;
}

/// The result to a file or stdout; what is said about it to the other stream.
void give(const std::string& result, const std::string& summary, const std::string& out, Console& console) {
  if (out.empty()) {
    console.out(result);
    console.flush();
    console.err(escape_lines(summary));
  } else {
    write_file_atomically(out, result);
    console.out(escape_lines(summary));
  }
}

}  // namespace

int run_import(const std::vector<std::string>& arguments, Context& context) {
  Options options("import [options] FILE",
                  "Makes a workload file from a file of another tool, and says what was read, repaired and\n"
                  "approximated. The backward passes and the update come from our own lowering.");
  std::vector<std::string> files;
  std::string format = "scale-sim", padding = "none", name, out;
  std::uint64_t batch = 1;
  options.operands(files);
  options.choice("from", format, {"scale-sim"}, "SCALE-Sim topology CSV: convolutions, or GEMMs");
  options.choice("padding", padding, {"none", "same"}, "of convolutions, which SCALE-Sim's format does not have");
  options.count("batch", batch, 1, kMostBatch, "samples of a micro-batch");
  options.text("name", name, "NAME", "of the network (default: the file's)");
  options.text("out", out, "FILE", "the workload file (default: stdout)");
  if (!options.parse(arguments)) {
    context.console.out(options.help());
    return kDone;
  }
  if (files.size() != 1) throw InputError("import", "", std::to_string(files.size()) + " files", "one file");
  ScaleSimOptions given;
  given.name = name.empty() ? std::filesystem::path(files.front()).stem().string() : name;
  given.same_padding = padding == "same";
  given.batch = batch;
  const ImportResult result = import_scale_sim(read_text_file(files.front()), files.front(), given);
  std::uint64_t layers = 0;
  for (const Entry& entry : result.network.entries) layers += entry.layers.size();
  const std::string summary = result.network.name + ": " + report::grouped_text(layers) + " layers, " +
                              report::grouped_text(forward_macs(result.network, 1)) + " MACs forward per sample, " +
                              report::grouped_text(parameter_count(result.network)) + " parameters\n" +
                              listed("repaired", result.repaired) + listed("note", result.approximated);
  give(dump_json(write_network(result.network)), summary, out, context.console);
  return kDone;
}

int run_export(const std::vector<std::string>& arguments, Context& context) {
  Options options("export [options]",
                  "Writes a workload in the format of another tool, so that results can be checked against each\n"
                  "other, and says what that format has no words for.");
  CommonOptions common;
  std::string format = "scale-sim", out;
  add_workload_option(options, common);
  options.choice("to", format, {"scale-sim", "scale-sim-gemm"},
                 "SCALE-Sim topology CSV: the forward layers as convolutions, or every GEMM of training");
  options.count("batch", common.batch, 1, kMostBatch, "samples, for scale-sim-gemm (default: the network's own)");
  options.text("out", out, "FILE", "the file (default: stdout)");
  add_data_dir_option(options, common);
  if (!options.parse(arguments)) {
    context.console.out(options.help());
    return kDone;
  }
  const ShippedFiles files = shipped_files(common, context);
  const Network network = read_network(read_json_file(files.find("workloads", common.workload, "--workload")));
  const ExportResult result = format == "scale-sim"
                                  ? export_scale_sim(network)
                                  : export_scale_sim_gemms(network, common.batch.value_or(network.batch));
  const std::string summary =
      network.name + "\n" + listed("left out", result.left_out) + listed("note", result.approximated);
  give(result.text, summary, out, context.console);
  return kDone;
}

}  // namespace lnsim::cli
