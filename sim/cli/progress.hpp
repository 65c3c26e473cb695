// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "sim/cli/console.hpp"

namespace lnsim::cli {

/// One line on stderr that is written over and over while a simulation runs; nothing if stderr is not a terminal.
class Progress {
 public:
  /// lines: a line for every tenth of the work instead, wherever stderr goes.
  Progress(Console& console, bool quiet, bool lines = false);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { clear(); }

  /// `what` is being done (a layer and its pass), `fraction` (0..1) of the whole work is done, `cycles` are simulated
  /// so far. Cheap: the line is drawn ten times a second at most.
  void update(std::string_view what, double fraction, std::uint64_t cycles);

  /// Removes the line, before other text goes to the terminal.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  Console& console_;
  bool shown_;          ///< whether a line is drawn at all
  bool drawn_ = false;  ///< whether one stands on the terminal
  int tenths_ = -1;     ///< lines: tenths reported so far; -1: no lines
  Clock::time_point start_;
  Clock::time_point next_;
};

/// The text of the line: "layer1.0.conv1 forward   42 %   1.61 Mcycles/s   0:35 left", at most `width` characters.
[[nodiscard]] std::string progress_line(std::string_view what, double fraction, std::uint64_t cycles, double seconds,
                                        std::size_t width);

}  // namespace lnsim::cli
