// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/sweep_run.hpp"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <memory>
#include <new>
#include <system_error>
#include <thread>
#include <vector>

#include "sim/support/error.hpp"
#include "sim/support/temporaries.hpp"
#include "sim/sweep/design.hpp"

namespace lnsim {
namespace {

constexpr std::uint64_t kMostJobs = 1024;
constexpr std::size_t kMostError = 1U << 16U;  ///< bytes
constexpr int kWriteFailed = 3;                ///< exit code of a worker that could not write

/// What the processes share.
struct Shared {
  std::atomic<std::uint64_t> next{0};  ///< the next design that nobody has taken
  std::atomic<std::uint64_t> done{0};
  std::atomic<std::uint64_t> failed{0};
  std::atomic<bool> stop{false};
  /// Per worker: the design that it evaluates, plus 1; 0: none.
  std::atomic<std::uint64_t> current[kMostJobs]{};
  char message[512]{};  ///< why a worker could not write
};

struct Unmap {
  void operator()(Shared* shared) const { ::munmap(shared, sizeof(Shared)); }
};

std::unique_ptr<Shared, Unmap> make_shared_memory() {
  void* const memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
  return std::unique_ptr<Shared, Unmap>(new (memory) Shared);
}

/// One design: its row.
StoredDesign evaluate(DesignEvaluator& evaluator, const SweepSpec& spec, const DesignSink& sink, std::uint64_t number,
                      std::string& key) {
  StoredDesign row;
  row.number = number;
  row.values = spec.values_at(spec.place(number));
  key.clear();
  if (!spec.allows(row.values)) {
    row.status = DesignStatus::kExcluded;
    return row;
  }
  try {
    const Design design = evaluator.design(number);
    key = design.key;
    if (sink.has(key)) return row;  // another sweep, or another design of equal inputs, has its figures
    row.metrics = evaluator.evaluate(design);
  } catch (const std::exception& error) {
    row.status = DesignStatus::kFailed;
    row.error = std::string(error.what()).substr(0, kMostError);
    key.clear();
  }
  return row;
}

class SweepRun {
 public:
  SweepRun(const SweepSpec& spec, const Document& document, const ShippedFiles& files, const SweepRunOptions& options,
           SweepOutput& output)
      : spec_(spec),
        options_(options),
        output_(output),
        evaluator_(spec, document.file, files, options.version),
        shared_(make_shared_memory()),
        end_(options.numbers != nullptr ? options.numbers->size() : options.shard.end(spec.size())) {
    if (options.numbers != nullptr) {
      progress_.size = end_;
      return;
    }
    const std::uint64_t first = options.shard.first(spec.size());
    progress_.size = end_ - first;
    // What no design could do without is bad input, not many failed designs; it leaves nothing behind.
    if (progress_.size > 0) (void)evaluator_.design(first);
    finished_ = output.begin(options.again);
    const auto begin = finished_.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end = finished_.begin() + static_cast<std::ptrdiff_t>(end_);
    progress_.done = static_cast<std::uint64_t>(std::count(begin, end, true));
    shared_->next = static_cast<std::uint64_t>(std::find(begin, end, false) - finished_.begin());
  }

  SweepProgress run(const std::function<void(const SweepProgress&)>& progress) {
    const std::uint64_t cores = std::max(1U, std::thread::hardware_concurrency());
    const std::uint64_t left = progress_.size - progress_.done;
    const std::uint64_t jobs = std::min({options_.jobs == 0 ? cores : options_.jobs, left, kMostJobs});
    std::vector<pid_t> workers;
    for (std::uint64_t i = 0; i < jobs; ++i) workers.push_back(start(i));
    std::uint64_t running = jobs;
    const std::uint64_t before = progress_.done;
    while (running > 0) {
      if (options_.stop != nullptr && *options_.stop) shared_->stop = true;
      int status = 0;
      const pid_t ended = ::waitpid(-1, &status, WNOHANG);
      if (ended > 0) {
        const auto at = std::find(workers.begin(), workers.end(), ended);
        if (at == workers.end()) continue;
        const auto index = static_cast<std::uint64_t>(at - workers.begin());
        if (WIFEXITED(status) && WEXITSTATUS(status) == kWriteFailed) fail_to_write(workers);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
          --running;
        } else {
          record_crash(index, status);
          *at = start(index);
        }
        continue;
      }
      progress_.done = before + shared_->done;
      progress_.failed = shared_->failed;
      if (progress) progress(progress_);
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    progress_.done = before + shared_->done;
    progress_.failed = shared_->failed;
    return progress_;
  }

 private:
  pid_t start(std::uint64_t index) {
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (pid == 0) work(index, parent);
    return pid;
  }

  [[noreturn]] void work(std::uint64_t index, pid_t parent) {
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) std::signal(number, SIG_IGN);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);
    disown_temporaries();
    try {
      const std::unique_ptr<DesignSink> sink = output_.open();
      std::string key;
      while (!shared_->stop) {
        const std::uint64_t taken = shared_->next++;
        if (taken >= end_) break;
        if (options_.numbers == nullptr && finished_[taken]) continue;
        const std::uint64_t number = options_.numbers != nullptr ? (*options_.numbers)[taken] : taken;
        shared_->current[index] = number + 1;
        const StoredDesign row = evaluate(evaluator_, spec_, *sink, number, key);
        sink->put(row, key);
        shared_->current[index] = 0;
        if (row.status == DesignStatus::kFailed) ++shared_->failed;
        ++shared_->done;
      }
    } catch (const std::exception& error) {
      std::strncpy(shared_->message, error.what(), sizeof shared_->message - 1);
      ::_exit(kWriteFailed);
    }
    ::_exit(0);
  }

  /// The design that took its process down has a row too.
  void record_crash(std::uint64_t index, int status) {
    const std::uint64_t taken = shared_->current[index].exchange(0);
    if (taken == 0) return;
    StoredDesign row;
    row.number = taken - 1;
    row.values = spec_.values_at(spec_.place(row.number));
    row.status = DesignStatus::kFailed;
    row.error = WIFSIGNALED(status) ? std::string("its process was ended by signal ") +
                                          std::to_string(WTERMSIG(status)) + " (" + ::strsignal(WTERMSIG(status)) + ")"
                                    : "its process ended with code " + std::to_string(WEXITSTATUS(status));
    output_.open()->put(row, "");
    ++shared_->failed;
    ++shared_->done;
  }

  [[noreturn]] void fail_to_write(const std::vector<pid_t>& workers) {
    shared_->stop = true;
    for (const pid_t worker : workers) ::kill(worker, SIGKILL);
    while (::waitpid(-1, nullptr, 0) > 0) {
    }
    throw SimulationError(std::string(shared_->message) + "; what is finished is kept");
  }

  const SweepSpec& spec_;
  const SweepRunOptions& options_;
  SweepOutput& output_;
  DesignEvaluator evaluator_;
  std::unique_ptr<Shared, Unmap> shared_;
  std::uint64_t end_;  ///< behind the last design of the shard, or the last place in the list of numbers
  std::vector<bool> finished_;
  SweepProgress progress_;
};

}  // namespace

std::string sweep_id(const Document& document, const std::string& version) {
  return text_hash(version + "\n" + document.root.dump());
}

SweepProgress run_sweep(const SweepSpec& spec, const Document& document, const ShippedFiles& files,
                        const SweepRunOptions& options, SweepOutput& output,
                        const std::function<void(const SweepProgress&)>& progress) {
  return SweepRun(spec, document, files, options, output).run(progress);
}

}  // namespace lnsim
