// SPDX-License-Identifier: Apache-2.0
// The Catch2 main, compiled once. A run that executes no test case fails: libsystemc exports a main of its own, and a
// link that picked it up would otherwise pass with zero tests.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>

int main(int argc, char** argv) {
  Catch::Session session;
  if (const int error = session.applyCommandLine(argc, argv); error != 0) return error;
  return session.run();
}
