// SPDX-License-Identifier: Apache-2.0
// Random small layers on random small machines under random legal mappings: the bits of every output are the numerics
// library's, whatever the mapping, and data never change time. A failing case is shrunk and printed as a sequence of
// numbers; LNSIM_REPLAY=<sequence> runs it again alone.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>

#include "sim/systemc/data_run.hpp"
#include "sim/systemc/engine.hpp"
#include "tests/support/machine_cases.hpp"

namespace lnsim {
namespace {

constexpr std::uint64_t kCycleLimit = 3000000;  // far above any of these cases

struct TooLong : std::runtime_error {
  using std::runtime_error::runtime_error;
};

void stop_if_stuck(std::uint64_t cycle) {
  if (cycle > kCycleLimit) throw TooLong("the machine is stuck");
}

/// nullopt if all is well; legal counts cases that ran.
std::optional<std::string> check_case(test::Choices& choices, std::uint64_t& legal) {
  const auto made = test::random_case(choices, test::data_scheme_names());
  if (!made) return std::nullopt;
  try {
    const TraceEntry counted = systemc::simulate_pass(made->plan, stop_if_stuck);
    systemc::DataOptions options;
    options.scalar_reference = choices.flip();
    const TraceEntry moved = systemc::simulate_pass_with_data(made->plan, options, stop_if_stuck);
    ++legal;
    if (moved.cycles != counted.cycles) return "cycles differ with data";
    if (moved.stalls != counted.stalls) return "stalls differ with data";
    if (!(moved.counts == counted.counts)) return "counts differ with data";
    return std::nullopt;
  } catch (const std::exception& error) {
    return error.what();
  }
}

void report(const std::vector<std::uint64_t>& draws, const std::string& failure) {
  test::Choices choices(draws);
  const auto made = test::random_case(choices, test::data_scheme_names());
  FAIL(failure << "\nLNSIM_REPLAY=" << test::text_of(draws) << "\n"
               << (made ? test::describe_case(made->plan, made->scheme) : std::string("no case")));
}

}  // namespace

TEST_CASE("results do not depend on the mapping, nor time on the data") {
  std::uint64_t legal = 0;
  const test::Property property = [&](test::Choices& choices) { return check_case(choices, legal); };
  if (const char* replay = std::getenv("LNSIM_REPLAY")) {
    test::Choices choices(test::draws_of(replay));
    const auto failure = property(choices);
    if (failure) report(choices.drawn(), *failure);
    return;
  }
  const char* from = std::getenv("LNSIM_SEED");
  const std::uint64_t first = from != nullptr ? std::stoull(from) : 1;
  constexpr std::uint64_t kCases = 1500;
  for (std::uint64_t seed = first; seed < first + kCases; ++seed) {
    test::Choices choices(seed);
    const auto failure = property(choices);
    if (!failure) continue;
    const std::vector<std::uint64_t> small = test::shrink(choices.drawn(), property);
    test::Choices again(small);
    report(small, "seed " + std::to_string(seed) + ": " + property(again).value_or(*failure));
  }
  CHECK(legal >= 1000);
}

}  // namespace lnsim
