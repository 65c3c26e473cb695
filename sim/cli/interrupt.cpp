// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/interrupt.hpp"

#include <pthread.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <system_error>
#include <thread>

#include "sim/support/temporaries.hpp"

namespace lnsim::cli {
namespace {

constexpr int kSignalExit = 128;

bool is_ignored(int number) {
  struct sigaction action {};
  return sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

sigset_t handled_signals() {
  sigset_t set;
  sigemptyset(&set);
  // Background jobs of shell scripts start with SIGINT ignored; it is still meant when somebody sends it.
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  if (!is_ignored(SIGHUP)) sigaddset(&set, SIGHUP);
  return set;
}

/// Raised by the next SIGINT instead of the end; null outside of a SoftInterrupt.
std::atomic<std::atomic<bool>*> soft_flag{nullptr};

void wait_and_exit(sigset_t set) {
  int number = 0;
  for (;;) {
    if (sigwait(&set, &number) != 0) continue;
    std::atomic<bool>* const flag = number == SIGINT ? soft_flag.exchange(nullptr) : nullptr;
    if (flag == nullptr) break;
    *flag = true;
  }
  remove_temporaries();
  // No destructors: the other threads are in the middle of their work.
  ::_exit(kSignalExit + number);
}

/// In a forked child the waiting thread does not exist.
void restore_in_child() {
  disown_temporaries();
  const sigset_t set = handled_signals();
  for (const int number : {SIGINT, SIGTERM}) std::signal(number, SIG_DFL);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
}

}  // namespace

SoftInterrupt::SoftInterrupt(std::atomic<bool>& raised) { soft_flag = &raised; }
SoftInterrupt::~SoftInterrupt() { soft_flag = nullptr; }

void handle_interrupts() {
  const sigset_t set = handled_signals();
  if (const int error = pthread_sigmask(SIG_BLOCK, &set, nullptr); error != 0) {
    throw std::system_error(error, std::generic_category(), "pthread_sigmask");
  }
  pthread_atfork(nullptr, nullptr, restore_in_child);
  std::thread(wait_and_exit, set).detach();
}

}  // namespace lnsim::cli
