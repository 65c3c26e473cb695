// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <exception>
#include <systemc>

namespace lnsim::systemc {

/// The core clock: one event per cycle that re-notifies itself until the pass has ended. Cheaper than sc_clock, whose
/// falling edges nobody here needs.
class Clock final : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Clock);
  Clock(const sc_core::sc_module_name& name, sc_core::sc_time period) : sc_module(name), period_(period) {
    SC_METHOD(run);
    sensitive << edge;
  }
  void start() { edge.notify(period_); }
  void stop() { stopped_ = true; }
  /// Stops the clock and keeps the exception for the caller of the simulation.
  void fail(std::exception_ptr error) {
    if (!error_) error_ = std::move(error);
    stop();
  }
  [[nodiscard]] std::exception_ptr error() const { return error_; }

  sc_core::sc_event edge;

 private:
  void run() {
    if (!stopped_) edge.notify(period_);
  }
  sc_core::sc_time period_;
  bool stopped_ = false;
  std::exception_ptr error_;
};

/// A clocked hardware block: tick() runs once per cycle, after which now() is the next cycle.
class Block : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Block);
  Block(const sc_core::sc_module_name& name, Clock& clock) : sc_module(name), clock_(clock) {
    SC_METHOD(on_edge);
    sensitive << clock.edge;
    dont_initialize();
  }

 protected:
  virtual void tick() = 0;
  [[nodiscard]] std::uint64_t now() const { return now_; }
  [[nodiscard]] Clock& clock() { return clock_; }

 private:
  void on_edge() {
    try {
      tick();
    } catch (...) {
      clock_.fail(std::current_exception());
    }
    ++now_;
  }
  Clock& clock_;
  std::uint64_t now_ = 0;
};

}  // namespace lnsim::systemc
