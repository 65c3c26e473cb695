// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/slurm.hpp"

#include <algorithm>
#include <chrono>
#include <sstream>
#include <system_error>
#include <thread>
#include <vector>

#include "sim/support/error.hpp"
#include "sim/support/files.hpp"
#include "sim/support/json.hpp"
#include "sim/support/process.hpp"

namespace lnsim {
namespace {

constexpr const char* kJobs = "jobs.json";

bool is_id(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

bool is_task(const std::string& text) {
  const std::size_t bar = text.find('_');
  return bar != std::string::npos && is_id(text.substr(0, bar)) && is_id(text.substr(bar + 1));
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

/// A task in the queue.
struct Task {
  std::string id;  ///< "17_3": array and index; its own number, which it has once it started, scancel does not take
  std::string state, reason;
};

/// Shards as an array's index list: "1-3,7".
std::string ranges(const std::vector<std::uint64_t>& shards) {
  std::string text;
  for (std::size_t i = 0; i < shards.size();) {
    std::size_t last = i;
    while (last + 1 < shards.size() && shards[last + 1] == shards[last] + 1) ++last;
    text += (text.empty() ? "" : ",") + std::to_string(shards[i]);
    if (last > i) text += "-" + std::to_string(shards[last]);
    i = last + 1;
  }
  return text;
}

class SlurmRun {
 public:
  SlurmRun(const SlurmOptions& options, const std::function<bool(std::uint64_t)>& finished)
      : options_(options), finished_(finished) {
    read_jobs();
  }

  bool run(const std::function<void(const SlurmProgress&)>& progress) {
    SlurmProgress now;
    for (;;) {
      const std::vector<std::uint64_t> missing = missing_shards();
      now.finished = options_.shards - missing.size();
      if (missing.empty()) return true;
      std::vector<Task> tasks;
      now.reachable = jobs_.empty() || queue(tasks);
      now.running = static_cast<std::uint64_t>(
          std::count_if(tasks.begin(), tasks.end(), [](const Task& task) { return task.state == "RUNNING"; }));
      now.jobs = job_list();
      progress(now);
      if (now.reachable) {
        for (const Task& task : tasks) hasten(task);
        // A file that a node wrote last may take its time to be seen on this one: looked for once more.
        quiet_ = tasks.empty() ? quiet_ + 1 : 0;
        if (quiet_ > kQuietLooks || (jobs_.empty() && attempts_ == 0)) submit(missing);
      }
      if (!pause()) return false;
    }
  }

 private:
  static constexpr std::uint64_t kQuietLooks = 2;

  [[nodiscard]] std::vector<std::uint64_t> missing_shards() const {
    std::vector<std::uint64_t> missing;
    for (std::uint64_t shard = 1; shard <= options_.shards; ++shard) {
      if (!finished_(shard)) missing.push_back(shard);
    }
    return missing;
  }

  [[nodiscard]] std::string job_list() const {
    std::string text;
    for (const std::string& job : jobs_) text += (text.empty() ? "" : ",") + job;
    return text;
  }

  void read_jobs() {
    std::error_code error;
    if (!std::filesystem::exists(options_.folder / kJobs, error)) return;
    const Document document = read_json_file(options_.folder / kJobs);
    if (!document.root.is_array()) throw InputError(document.file, "", "no array", "ids of jobs");
    for (const Json& job : document.root) {
      if (!job.is_string() || !is_id(job.get<std::string>())) {
        throw InputError(document.file, "", brief_json(job), "ids of jobs");
      }
      jobs_.push_back(job.get<std::string>());
    }
  }

  void submit(const std::vector<std::uint64_t>& missing) {
    if (attempts_ == options_.attempts) {
      throw SimulationError("shards " + ranges(missing) + " ended without their file, in " + std::to_string(attempts_) +
                            " attempts; see " + (options_.folder / "logs").string());
    }
    ++attempts_;
    quiet_ = 0;
    const ProcessResult result = run_process({"sbatch", "--parsable", "--chdir=" + options_.folder.string(),
                                              "--array=" + ranges(missing), (options_.folder / "slurm.sh").string()});
    const std::string id = first_line(result.out.substr(0, result.out.find(';')));  // a cluster's name may follow
    if (result.code != 0 || !is_id(id)) {
      throw InputError("--executor slurm", "sbatch", first_line(result.err.empty() ? result.out : result.err),
                       "a job that Slurm takes");
    }
    jobs_.push_back(id);
    write_file_atomically(options_.folder / kJobs, dump_json(Json(jobs_)));
  }

  /// False if the queue cannot be asked now.
  [[nodiscard]] bool queue(std::vector<Task>& tasks) const {
    const ProcessResult result =
        run_process({"squeue", "--noheader", "--array", "--jobs=" + job_list(), "--format=%F_%K|%T|%r"});
    if (result.code != 0) return result.err.find("Invalid job id") != std::string::npos;  // forgotten: long ended
    std::istringstream lines(result.out);
    for (std::string line; std::getline(lines, line);) {
      const std::size_t first = line.find('|');
      const std::size_t second = line.find('|', first + 1);
      if (first == std::string::npos || second == std::string::npos || !is_task(line.substr(0, first))) continue;
      tasks.push_back({line.substr(0, first), line.substr(first + 1, second - first - 1), line.substr(second + 1)});
    }
    return true;
  }

  /// After a node's death Slurm lets a task wait for two minutes, and holds one that cannot be launched for good.
  static void hasten(const Task& task) {
    if (task.state != "PENDING") return;
    if (task.reason == "BeginTime") (void)run_process({"scontrol", "update", "jobid=" + task.id, "starttime=now"});
    if (task.reason.find("launch failed") != std::string::npos) (void)run_process({"scancel", task.id});
  }

  /// False if it was stopped.
  [[nodiscard]] bool pause() const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(options_.poll_seconds);
    do {
      if (options_.stop != nullptr && *options_.stop) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    } while (std::chrono::steady_clock::now() < end);
    return true;
  }

  const SlurmOptions& options_;
  const std::function<bool(std::uint64_t)>& finished_;
  std::vector<std::string> jobs_;  ///< of this call and of earlier ones
  std::uint64_t attempts_ = 0;
  std::uint64_t quiet_ = 0;  ///< looks at which no task was in the queue
};

}  // namespace

void require_slurm() {
  try {
    (void)run_process({"sbatch", "--version"});
  } catch (const std::system_error& error) {
    throw InputError("--executor slurm", "", error.what(), "a machine with Slurm's sbatch, or --emit-slurm");
  }
}

bool run_on_slurm(const SlurmOptions& options, const std::function<bool(std::uint64_t)>& finished,
                  const std::function<void(const SlurmProgress&)>& progress) {
  return SlurmRun(options, finished).run(progress);
}

}  // namespace lnsim
