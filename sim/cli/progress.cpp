// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/progress.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "sim/support/text.hpp"

namespace lnsim::cli {
namespace {

constexpr auto kInterval = std::chrono::milliseconds(100);
constexpr const char* kEraseLine = "\r\x1b[K";

bool can_erase_lines(const Console& console) {
  const char* const terminal = std::getenv("TERM");
  return console.err_is_terminal() && (terminal == nullptr || std::strcmp(terminal, "dumb") != 0);
}

std::size_t terminal_width() {
  constexpr std::size_t kUsual = 80;
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kUsual;
}

std::string rate_text(double per_second) {
  std::array<char, 48> text{};
  if (per_second >= 1e6) {
    std::snprintf(text.data(), text.size(), "%.2f Mcycles/s", per_second / 1e6);
  } else {
    std::snprintf(text.data(), text.size(), "%.1f kcycles/s", per_second / 1e3);
  }
  return text.data();
}

std::string time_text(double seconds) {
  constexpr double kMost = 359999;  // 99:59:59
  const auto whole = static_cast<unsigned>(std::lround(std::clamp(seconds, 0.0, kMost)));
  std::array<char, 48> text{};
  if (whole >= 3600) {
    std::snprintf(text.data(), text.size(), "%u:%02u:%02u", whole / 3600, whole / 60 % 60, whole % 60);
  } else {
    std::snprintf(text.data(), text.size(), "%u:%02u", whole / 60, whole % 60);
  }
  return text.data();
}

}  // namespace

std::string progress_line(std::string_view what, double fraction, std::uint64_t cycles, double seconds,
                          std::size_t width) {
  const double done = std::clamp(fraction, 0.0, 1.0);
  std::string tail = "   " + std::to_string(static_cast<int>(done * 100)) + " %";
  if (seconds > 0 && cycles > 0) tail += "   " + rate_text(static_cast<double>(cycles) / seconds);
  if (done > 0) tail += "   " + time_text(seconds * (1 - done) / done) + " left";
  std::string head = escape_terminal(what);
  const std::size_t room = width > tail.size() ? width - tail.size() : 0;
  if (head.size() > room) head.resize(room);
  return (head + tail).substr(0, width);
}

Progress::Progress(Console& console, bool quiet, bool lines)
    : console_(console),
      shown_(!quiet && (lines || can_erase_lines(console))),
      tenths_(lines ? 0 : -1),
      start_(Clock::now()),
      next_(start_) {}

void Progress::update(std::string_view what, double fraction, std::uint64_t cycles) {
  if (!shown_) return;
  const auto now = Clock::now();
  const double seconds = std::chrono::duration<double>(now - start_).count();
  if (tenths_ >= 0) {
    constexpr std::size_t kUsual = 80;
    const int tenths = static_cast<int>(fraction * 10);
    if (tenths > tenths_) console_.err(progress_line(what, fraction, cycles, seconds, kUsual) + "\n");
    tenths_ = std::max(tenths, tenths_);
    return;
  }
  if (now < next_) return;
  next_ = now + kInterval;
  // One column stays free: a full line makes some terminals wrap.
  console_.err(kEraseLine + progress_line(what, fraction, cycles, seconds, terminal_width() - 1));
  drawn_ = true;
}

void Progress::clear() {
  if (drawn_) console_.err(kEraseLine);
  drawn_ = false;
}

}  // namespace lnsim::cli
