// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "sim/support/temporaries.hpp"
#include "sim/systemc/block.hpp"
#include "sim/systemc/waves_options.hpp"

namespace lnsim::systemc {

/// A waveform of one run, by SystemC's own tracing. Modules add signals, functions of their state; a cycle's values are
/// taken when all modules have worked, and stand in the file at (cycle + 1) periods.
class Waves final : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Waves);
  Waves(Clock& clock, const WavesOptions& options);
  ~Waves() override;
  Waves(const Waves&) = delete;
  Waves& operator=(const Waves&) = delete;

  using Read = std::function<std::uint64_t(std::uint64_t cycle)>;
  /// "module.signal"; left out if the module was not chosen.
  void add(const std::string& module, const std::string& signal, int bits, Read read);

  /// The file's text, after the run. Throws InputError if no signal was chosen.
  [[nodiscard]] std::string text();
  [[nodiscard]] bool truncated() const { return truncated_; }

 private:
  struct Signal {
    Read read;
    int bits = 1;
    sc_dt::uint64 value = 0;
  };
  void on_edge();
  void sample();
  void close();

  Clock& clock_;
  WavesOptions options_;
  TemporaryPath folder_;  ///< SystemC writes to a file only
  sc_core::sc_trace_file* file_ = nullptr;
  std::deque<Signal> signals_;  ///< SystemC keeps their addresses
  sc_core::sc_event settled_;
  std::uint64_t bytes_ = 0;
  bool truncated_ = false;
};

}  // namespace lnsim::systemc
