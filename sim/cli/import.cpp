// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <system_error>

#include "sim/cli/commands.hpp"
#include "sim/cli/common_options.hpp"
#include "sim/cli/program.hpp"
#include "sim/cli/results.hpp"
#include "sim/import/onnx.hpp"
#include "sim/import/scale_sim.hpp"
#include "sim/import/timeloop.hpp"
#include "sim/report/numbers.hpp"
#include "sim/support/error.hpp"
#include "sim/support/files.hpp"
#include "sim/support/text.hpp"

namespace lnsim::cli {
namespace {

constexpr std::uintmax_t kMostBytes = 64U << 20U;
constexpr std::uintmax_t kMostModelBytes = 2047U << 20U;  // what Protobuf can hold
constexpr std::uint64_t kMostSize = 2147483647;

std::string read_text_file(const std::string& file, std::uintmax_t most_bytes) {
  const std::filesystem::path path = file;
  std::error_code error;
  if (!std::filesystem::exists(path, error)) throw InputError(file, "", "no such file", "a file to import");
  if (!std::filesystem::is_regular_file(path, error)) throw InputError(file, "", "not a file", "a file to import");
  if (std::filesystem::file_size(path, error) > most_bytes) {
    throw InputError(file, "", "more than " + std::to_string(most_bytes >> 20U) + " MiB", "a network's description");
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

namespace {

/// "NAME=N"; the name may hold anything but an equals sign.
std::map<std::string, std::uint64_t> sizes_by_name(const std::vector<std::string>& words) {
  std::map<std::string, std::uint64_t> sizes;
  for (const std::string& word : words) {
    const std::size_t equals = word.rfind('=');
    if (equals == std::string::npos || equals == 0) throw InputError("--dim", "", brief_json(Json(word)), "NAME=N");
    const std::uint64_t size = parse_count("--dim", word.substr(equals + 1), 1, kMostSize);
    if (!sizes.emplace(word.substr(0, equals), size).second) {
      throw InputError("--dim", "", brief_json(Json(word)), "each name once");
    }
  }
  return sizes;
}

/// What a file is, by its name, unless it was said.
std::string format_of(const std::string& file, const std::string& said) {
  if (said != "auto") return said;
  const std::string ending = std::filesystem::path(file).extension().string();
  if (ending == ".onnx") return "onnx";
  return ending == ".yaml" || ending == ".yml" ? "timeloop" : "scale-sim";
}

}  // namespace

int run_import(const std::vector<std::string>& arguments, Context& context) {
  Options options("import [options] FILE...",
                  "Makes a workload file from a file of another tool, and says what was read, repaired and\n"
                  "approximated. The backward passes and the update come from our own lowering.");
  std::vector<std::string> files, dims;
  std::string format = "auto", padding = "none", name, out;
  std::optional<std::uint64_t> batch;
  bool allow_unknown = false;
  options.operands(files);
  options.choice("from", format, {"auto", "onnx", "scale-sim", "timeloop"},
                 "an ONNX model, a SCALE-Sim topology CSV of convolutions or GEMMs, or Timeloop problems, a YAML file\n"
                 "per layer; auto: by the file's ending");
  options.count("batch", batch, 1, kMostBatch, "samples of a micro-batch (default: the file's, else 1)");
  options.text("name", name, "NAME", "of the network (default: the file's)");
  options.text("out", out, "FILE", "the workload file (default: stdout)");
  options.group("ONNX");
  options.list("dim", dims, "NAME=N,...", {}, "sizes that the model leaves open, such as sequence=128");
  options.flag("allow-unknown", allow_unknown, "leave out operators that are not known, and list them");
  options.group("SCALE-Sim");
  options.choice("padding", padding, {"none", "same"}, "of convolutions, which the format does not have");
  if (!options.parse(arguments)) {
    context.console.out(options.help());
    return kDone;
  }
  if (files.empty()) throw InputError("import", "", "no file", "one file to import");
  const std::string& file = files.front();
  format = format_of(file, format);
  if (files.size() > 1 && format != "timeloop") {
    throw InputError("import", "", std::to_string(files.size()) + " files", "one file, or several Timeloop problems");
  }
  if (name.empty()) name = std::filesystem::path(file).stem().string();
  ImportResult result;
  if (format == "onnx") {
    OnnxOptions given;
    given.name = name;
    given.dims = sizes_by_name(dims);
    given.batch = batch;
    given.allow_unknown = allow_unknown;
    result = import_onnx(read_text_file(file, kMostModelBytes), file, given);
  } else if (format == "timeloop") {
    std::vector<NamedText> problems;
    for (const std::string& each : files) problems.push_back({each, read_text_file(each, kMostBytes)});
    result = import_timeloop(problems, name);
    if (batch) result.network.batch = *batch;
  } else {
    ScaleSimOptions given;
    given.name = name;
    given.same_padding = padding == "same";
    given.batch = batch.value_or(1);
    result = import_scale_sim(read_text_file(file, kMostBytes), file, given);
  }
  std::uint64_t layers = 0;
  for (const Entry& entry : result.network.entries) layers += entry.layers.size();
  const std::string summary = result.network.name + ": " + report::grouped_text(layers) + " layers, " +
                              report::grouped_text(forward_macs(result.network, 1)) + " MACs forward per sample, " +
                              report::grouped_text(parameter_count(result.network)) + " parameters\n" +
                              listed("repaired", result.repaired) + listed("note", result.approximated);
  give(dump_json(write_network(result.network)), summary, out, context.console);
  return kDone;
}

namespace {

ExportResult exported(const Network& network, const std::string& format, std::uint64_t batch) {
  if (format == "scale-sim") return export_scale_sim(network);
  if (format == "scale-sim-gemm") return export_scale_sim_gemms(network, batch);
  return {dump_json(write_network(network)), {}, {}};
}

/// A file per layer in a folder.
void give_problems(const std::string& name, const TimeloopExport& result, const std::string& out, Console& console) {
  if (out.empty()) throw InputError("--out", "", "nothing", "a folder for the problems, a file per layer");
  std::error_code error;
  const std::filesystem::path folder = out;
  const bool exists = std::filesystem::exists(folder, error);
  if (exists && (!std::filesystem::is_directory(folder, error) || !std::filesystem::is_empty(folder, error))) {
    throw InputError("--out", "", brief_json(Json(out)), "a folder that is new or empty");
  }
  std::filesystem::create_directories(folder, error);
  if (error) throw InputError("--out", "", brief_json(Json(out)) + ": " + error.message(), "a folder that can be made");
  for (const NamedText& file : result.files) write_file_atomically((folder / file.name).string(), file.text);
  console.out(escape_lines(name + ": " + std::to_string(result.files.size()) + " problems in " + out + "\n" +
                           listed("left out", result.left_out) + listed("note", result.approximated)));
}

}  // namespace

int run_export(const std::vector<std::string>& arguments, Context& context) {
  Options options("export [options]",
                  "Writes a workload in the format of another tool, so that results can be checked against each\n"
                  "other, and says what that format has no words for.");
  CommonOptions common;
  std::string format = "scale-sim", out;
  add_workload_option(options, common);
  options.choice("to", format, {"scale-sim", "scale-sim-gemm", "timeloop", "lnsim"},
                 "SCALE-Sim topology CSV: the forward layers as convolutions, or every GEMM of training; Timeloop\n"
                 "problems: a folder with a file per layer; lnsim: a workload file with every default written out");
  options.count("batch", common.batch, 1, kMostBatch,
                "samples, for scale-sim-gemm and timeloop (default: the network's own)");
  options.text("out", out, "FILE", "the file (default: stdout), or the folder of problems, which must be new or empty");
  add_data_dir_option(options, common);
  if (!options.parse(arguments)) {
    context.console.out(options.help());
    return kDone;
  }
  const ShippedFiles files = shipped_files(common, context);
  const Network network = read_network(read_json_file(files.find("workloads", common.workload, "--workload")));
  const std::uint64_t batch = common.batch.value_or(network.batch);
  if (format == "timeloop") {
    give_problems(network.name, export_timeloop(network, batch), out, context.console);
    return kDone;
  }
  const ExportResult result = exported(network, format, batch);
  const std::string summary =
      network.name + "\n" + listed("left out", result.left_out) + listed("note", result.approximated);
  give(result.text, summary, out, context.console);
  return kDone;
}

}  // namespace lnsim::cli
