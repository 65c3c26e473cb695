// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <exception>
#include <systemc>

#include "sim/systemc/channel.hpp"

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
  [[nodiscard]] const sc_core::sc_time& period() const { return period_; }
  /// The current cycle, from simulation time; the first one is 0.
  [[nodiscard]] std::uint64_t cycle() const { return sc_core::sc_time_stamp().value() / period_.value() - 1; }

 private:
  void run() {
    if (!stopped_) edge.notify(period_);
  }
  sc_core::sc_time period_;
  bool stopped_ = false;
  std::exception_ptr error_;
};

/// A clocked hardware block: Derived::tick() runs once per cycle; now() is that cycle. A static call, not a virtual
/// one: it happens for every block in every cycle.
///
/// A block with nothing to do may sleep: its process then waits for wake() instead of the clock. What it waits for
/// (a channel or counter with this block as its listener) wakes it in the next cycle, from which its news is seen, so
/// sleeping changes no result; it only saves activations.
template <class Derived>
class Block : public sc_core::sc_module, public Sleeper {
 public:
  SC_HAS_PROCESS(Block);
  Block(const sc_core::sc_module_name& name, Clock& clock) : sc_module(name), clock_(clock) {
    SC_METHOD(on_edge);
    sensitive << clock.edge;
    dont_initialize();
  }

 protected:
  [[nodiscard]] std::uint64_t now() const { return now_; }
  [[nodiscard]] Clock& clock() { return clock_; }
  /// From the next cycle on, tick() runs only after a wake().
  void sleep() {
    asleep_ = true;
    next_trigger(wake_event_);
  }
  /// tick() runs again `cycles` later, not before.
  void skip(std::uint64_t cycles) {
    skipped_ = cycles - 1;
    next_trigger(clock_.period() * static_cast<double>(cycles));
  }

 private:
  void on_edge() {
    if (asleep_) {
      now_ = clock_.cycle();
      asleep_ = false;
    }
    try {
      static_cast<Derived*>(this)->tick();
    } catch (...) {
      clock_.fail(std::current_exception());
    }
    now_ += 1 + skipped_;
    skipped_ = 0;
  }
  void wake() override { wake_event_.notify(clock_.period()); }

  Clock& clock_;
  std::uint64_t now_ = 0;
  std::uint64_t skipped_ = 0;
  sc_core::sc_event wake_event_;
};

}  // namespace lnsim::systemc
