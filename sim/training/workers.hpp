// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace lnsim::training {

/// Threads that share the tasks of a loop. Which thread does a task is not determined, so tasks write to places of
/// their own and results do not depend on the number of threads.
class Workers {
 public:
  /// threads: 0 for one per core; the calling thread is one of them.
  explicit Workers(std::uint64_t threads);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  [[nodiscard]] std::size_t threads() const { return threads_.size() + 1; }

  /// Calls task(i) for each i < tasks and returns when all are done. Of exceptions, that of the lowest i is rethrown.
  void run(std::size_t tasks, const std::function<void(std::size_t)>& task);

  /// The same for [0, size) in pieces of at most `piece`: range(first, last).
  void run_pieces(std::size_t size, std::size_t piece, const std::function<void(std::size_t, std::size_t)>& range);

 private:
  void serve();
  void take_tasks();

  std::vector<std::jthread> threads_;
  std::mutex mutex_;
  std::condition_variable wake_, done_;
  std::uint64_t generation_ = 0;
  std::size_t busy_ = 0;
  bool stop_ = false;

  std::size_t tasks_ = 0;
  const std::function<void(std::size_t)>* task_ = nullptr;
  std::atomic<std::size_t> next_{0};
  std::size_t failed_ = 0;  ///< the task of error_
  std::exception_ptr error_;
};

}  // namespace lnsim::training
