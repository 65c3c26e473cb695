// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>

namespace lnsim::cli {

/// From here on SIGINT, SIGTERM and SIGHUP (unless ignored, as under nohup) remove every temporary file and folder and
/// end the process with 128 + the signal's number, whatever the program is doing: a thread waits for them. Call once,
/// before other threads start. A child made by fork() gets the default behaviour back, owns none of the parent's
/// temporaries and ends with its parent.
void handle_interrupts();

/// While it lives, the first SIGINT raises the flag and no more, so that work which can stop early gives what it has;
/// the next one ends the process as ever. One at a time.
class SoftInterrupt {
 public:
  explicit SoftInterrupt(std::atomic<bool>& raised);
  ~SoftInterrupt();
  SoftInterrupt(const SoftInterrupt&) = delete;
  SoftInterrupt& operator=(const SoftInterrupt&) = delete;
};

}  // namespace lnsim::cli
