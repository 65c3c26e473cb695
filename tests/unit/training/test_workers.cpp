// SPDX-License-Identifier: Apache-2.0
#include "sim/training/workers.hpp"

#include <catch2/catch.hpp>
#include <stdexcept>

using lnsim::training::Workers;

TEST_CASE("every task is done once, whatever the threads", "[training]") {
  for (const std::uint64_t threads : {1U, 2U, 7U}) {
    Workers workers(threads);
    CHECK(workers.threads() == threads);
    for (const std::size_t tasks : {0U, 1U, 3U, 1000U}) {
      std::vector<int> done(tasks, 0);
      workers.run(tasks, [&](std::size_t i) { ++done[i]; });
      CHECK(done == std::vector<int>(tasks, 1));
    }
  }
}

TEST_CASE("pieces cover a range without overlap", "[training]") {
  Workers workers(3);
  std::vector<int> done(101, 0);
  workers.run_pieces(done.size(), 10, [&](std::size_t first, std::size_t last) {
    CHECK(first < last);
    for (std::size_t i = first; i < last; ++i) ++done[i];
  });
  CHECK(done == std::vector<int>(101, 1));
}

TEST_CASE("the error of the lowest task is rethrown, and the workers go on", "[training]") {
  Workers workers(4);
  for (int again = 0; again < 20; ++again) {
    CHECK_THROWS_WITH(workers.run(50,
                                  [](std::size_t i) {
                                    if (i % 7 == 3) throw std::runtime_error(std::to_string(i));
                                  }),
                      "3");
  }
  int sum = 0;
  workers.run(1, [&](std::size_t) { ++sum; });
  CHECK(sum == 1);
}
