// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "sim/cli/help.hpp"
#include "sim/cli/interrupt.hpp"
#include "sim/cli/program.hpp"
#include "sim/cli/progress.hpp"
#include "sim/cli/sweep_command.hpp"
#include "sim/report/numbers.hpp"
#include "sim/support/error.hpp"
#include "sim/support/text.hpp"
#include "sim/sweep/design.hpp"
#include "sim/sweep/merge.hpp"
#include "sim/sweep/shard_output.hpp"
#include "sim/sweep/slurm.hpp"
#include "sim/sweep/sweep_run.hpp"

namespace lnsim::cli {
namespace {

namespace fs = std::filesystem;

SweepShard parse_shard(const std::string& text) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 32U;
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) throw InputError("--shard", "", text, "I/N, such as 3/10");
  SweepShard shard;
  shard.of = parse_count("--shard", text.substr(slash + 1), 1, kMost);
  shard.index = parse_count("--shard", text.substr(0, slash), 1, shard.of);
  return shard;
}

std::uint64_t shards_of(const SweepInputs& sweep, std::uint64_t given) {
  constexpr std::uint64_t kDesigns = 50, kUsual = 200;
  const std::uint64_t size = sweep.spec.size();
  const std::uint64_t usual = std::clamp<std::uint64_t>((size + kDesigns - 1) / kDesigns, 1, kUsual);
  return std::min(given == 0 ? usual : given, size);
}

std::string own_program() {
  std::error_code error;
  const fs::path path = fs::read_symlink("/proc/self/exe", error);
  if (error) throw SimulationError("/proc/self/exe: " + error.message());
  return path.string();
}

void make_folder(const fs::path& folder, const SweepInputs& sweep, const ShippedFiles& files,
                 const SweepOptions& given) {
  const std::uint64_t shards =
      sweep.manifest && given.split == 0 ? sweep.manifest->shards : shards_of(sweep, given.split);
  ClusterJob job;
  job.name = sweep.spec.name;
  job.shards = shards;
  job.cores = std::max<std::uint64_t>(1, given.common.jobs);
  job.program = own_program();
  job.working_folder = fs::current_path().string();
  job.folder = fs::absolute(folder).lexically_normal().string();
  if (given.again) job.options.emplace_back("--again");
  const char* const variable = std::getenv("LNSIM_DATA_DIR");
  const std::string data = !given.common.data_dir.empty() ? given.common.data_dir : variable == nullptr ? "" : variable;
  if (!data.empty()) job.options.push_back("--data-dir=" + fs::absolute(data).string());
  make_cluster_folder(folder, make_manifest(sweep.spec, sweep.document, files, version(), shards), sweep.document, job);
}

}  // namespace

std::string sweep_progress(const std::string& name, const SweepProgress& now) {
  return name + " " + std::to_string(now.done) + "/" + std::to_string(now.size) +
         (now.failed > 0 ? ", " + std::to_string(now.failed) + " failed" : "");
}

double sweep_fraction(const SweepProgress& now) {
  return static_cast<double>(now.done) / static_cast<double>(std::max<std::uint64_t>(1, now.size));
}

ShardHeader SweepInputs::header(const SweepShard& shard) const {
  return {id, version(), shard, spec.axis_names(), metric_names()};
}

int run_sweep_shard(const SweepInputs& sweep, const ShippedFiles& files, const SweepOptions& given, Console& console) {
  std::atomic<bool> interrupted{false};
  const SoftInterrupt soft(interrupted);
  SweepRunOptions options;
  options.shard = parse_shard(given.shard);
  options.jobs = given.common.jobs;
  options.again = given.again;
  options.version = version();
  options.stop = &interrupted;
  if (sweep.manifest) check_shard(*sweep.manifest, options.shard, sweep.spec, files, given.shards);
  const std::string name = sweep.spec.name + " shard " + given.shard;
  Progress progress(console, given.common.quiet, given.common.progress == "lines");
  ShardOutput output(given.shards, sweep.header(options.shard), sweep.spec);
  const SweepProgress end = run_sweep(sweep.spec, sweep.document, files, options, output, [&](const auto& now) {
    progress.update(sweep_progress(name, now), sweep_fraction(now), 0);
  });
  progress.clear();
  if (end.done < end.size) {
    console.err("lnsim: stopped; the same command goes on with what is missing\n");
    return kInterrupted;
  }
  LNSIM_CHECK(output.finish(), "rows of the shard are gone from " + given.shards + "; run it again");
  const std::string file = (fs::path(given.shards) / shard_file_name(options.shard)).string();
  console.out(escape_terminal(file) + ": " + report::grouped_text(end.size) + " designs\n");
  return kDone;
}

MergeOutcome merge_sweep(const std::string& folder, const SweepInputs& sweep, const ShippedFiles& files,
                         const SweepOptions& given, Console& console) {
  const MergeResult result =
      merge_shards(folder, sweep.header({}), sweep.spec, sweep.document.file, files, given.store, given.partial);
  for (const std::string& message : result.skipped) console.err_lines("skipped: " + message);
  if (result.missing > 0) {
    std::string ranges;
    for (const auto& [first, last] : result.missing_ranges) {
      ranges +=
          (ranges.empty() ? "" : ", ") + std::to_string(first) + (last > first ? " to " + std::to_string(last) : "");
    }
    if (result.missing_ranges.size() == kMissingRanges) ranges += ", ...";
    console.err_lines(report::grouped_text(result.missing) + " of " + report::grouped_text(sweep.spec.size()) +
                      " designs are missing (" + ranges + ")" +
                      (given.partial ? "" : "; what is there is in the store, --partial shows it"));
  }
  return {result.missing == 0 || given.partial, result.skipped.empty()};
}

void emit_sweep(const SweepInputs& sweep, const ShippedFiles& files, const SweepOptions& given, Console& console) {
  make_folder(given.emit, sweep, files, given);
  const std::string folder = escape_terminal(given.emit);
  console.out(folder +
              ": the sweep, its manifest, slurm.sh, lsf.sh, sge.sh, pbs.sh\n"
              "submit from there (sbatch slurm.sh), then: lnsim sweep --merge " +
              folder + "\n");
}

bool run_sweep_on_slurm(const SweepInputs& sweep, const ShippedFiles& files, const SweepOptions& given,
                        Console& console) {
  std::atomic<bool> interrupted{false};
  const SoftInterrupt soft(interrupted);
  require_slurm();
  make_folder(given.shards, sweep, files, given);
  SlurmOptions options;
  options.folder = fs::absolute(given.shards).lexically_normal();
  options.shards = read_cluster_folder(given.shards, version())->manifest.shards;
  options.poll_seconds = static_cast<double>(given.poll);
  options.stop = &interrupted;
  const auto finished = [&](std::uint64_t shard) {
    std::error_code error;
    return fs::exists(options.folder / shard_file_name({shard, options.shards}), error);
  };
  Progress progress(console, given.common.quiet, given.common.progress == "lines");
  std::string jobs;
  const bool done = run_on_slurm(options, finished, [&](const SlurmProgress& now) {
    jobs = now.jobs;
    progress.update(sweep.spec.name + " job " + now.jobs + ": " + std::to_string(now.finished) + "/" +
                        std::to_string(options.shards) + " shards, " +
                        (now.reachable ? std::to_string(now.running) + " running" : "the queue does not answer"),
                    static_cast<double>(now.finished) / static_cast<double>(options.shards), 0);
  });
  progress.clear();
  if (!done) {
    console.err_lines("stopped following job " + jobs + ", which goes on; the same command follows it again, scancel " +
                      jobs + " ends it");
  }
  return done;
}

}  // namespace lnsim::cli
