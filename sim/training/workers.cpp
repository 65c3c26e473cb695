// SPDX-License-Identifier: Apache-2.0
#include "sim/training/workers.hpp"

#include <algorithm>

namespace lnsim::training {

Workers::Workers(std::uint64_t threads) {
  if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
  for (std::uint64_t i = 1; i < threads; ++i) threads_.emplace_back([this] { serve(); });
}

Workers::~Workers() {
  const std::lock_guard lock(mutex_);
  stop_ = true;
  wake_.notify_all();
}

void Workers::take_tasks() {
  for (std::size_t i = next_++; i < tasks_; i = next_++) {
    try {
      (*task_)(i);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!error_ || i < failed_) {
        error_ = std::current_exception();
        failed_ = i;
      }
    }
  }
}

void Workers::serve() {
  std::uint64_t seen = 0;
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [&] { return stop_ || generation_ != seen; });
    if (stop_) return;
    seen = generation_;
    lock.unlock();
    take_tasks();
    lock.lock();
    if (--busy_ == 0) done_.notify_one();
  }
}

void Workers::run(std::size_t tasks, const std::function<void(std::size_t)>& task) {
  tasks_ = tasks;
  task_ = &task;
  next_ = 0;
  error_ = nullptr;
  if (tasks > 1 && !threads_.empty()) {
    {
      const std::lock_guard lock(mutex_);
      ++generation_;
      busy_ = threads_.size();
    }
    wake_.notify_all();
    take_tasks();
    std::unique_lock lock(mutex_);
    done_.wait(lock, [&] { return busy_ == 0; });
  } else {
    take_tasks();
  }
  if (error_) std::rethrow_exception(error_);
}

void Workers::run_pieces(std::size_t size, std::size_t piece,
                         const std::function<void(std::size_t, std::size_t)>& range) {
  run((size + piece - 1) / piece, [&](std::size_t i) { range(i * piece, std::min(size, (i + 1) * piece)); });
}

}  // namespace lnsim::training
