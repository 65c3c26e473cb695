// SPDX-License-Identifier: Apache-2.0
// The Catch2 main, compiled once. A run that executes no test case fails: libsystemc exports a main of its own, and a
// link that picked it up, or a filter that matches nothing, would otherwise pass with zero tests.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#include <cstdio>

namespace {

/// Test cases that were started in this run.
std::size_t test_cases = 0;

class CountTestCases : public Catch::TestEventListenerBase {
 public:
  using TestEventListenerBase::TestEventListenerBase;
  void testCaseStarting(const Catch::TestCaseInfo& info) override {
    TestEventListenerBase::testCaseStarting(info);
    ++test_cases;
  }
};

CATCH_REGISTER_LISTENER(CountTestCases)

bool only_lists(const Catch::ConfigData& config) {
  return config.showHelp || config.libIdentify || config.listTests || config.listTags || config.listReporters ||
         config.listTestNamesOnly;
}

}  // namespace

int main(int argc, char** argv) {
  Catch::Session session;
  if (const int error = session.applyCommandLine(argc, argv); error != 0) return error;
  const int failures = session.run();
  if (failures == 0 && test_cases == 0 && !only_lists(session.configData())) {
    std::fputs("no test case was executed\n", stderr);
    return 1;
  }
  return failures;
}
