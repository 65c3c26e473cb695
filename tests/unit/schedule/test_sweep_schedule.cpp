// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "sim/support/error.hpp"
#include "tests/support/plans.hpp"

namespace lnsim {
namespace {

PassConfig config_of(std::uint64_t buffer_bytes = 2U << 20U) {
  PassConfig config;
  config.accelerator = test::default_machine();
  config.accelerator.global_buffer.bytes = buffer_bytes;
  return config;
}

SweepWork work_of(std::uint64_t elements, std::vector<StreamSpec> reads, std::vector<StreamSpec> writes) {
  SweepWork work;
  work.name = "sweep";
  work.elements = elements;
  work.reads = std::move(reads);
  work.writes = std::move(writes);
  return work;
}

struct Sums {
  std::uint64_t beats = 0, load_bursts = 0, store_bursts = 0, read_words = 0, write_words = 0;
};
Sums sums_of(const SweepSchedule& schedule) {
  Sums sums;
  for (const SweepStep& step : schedule.steps()) {
    sums.beats += step.beats;
    sums.read_words += step.read_words;
    sums.write_words += step.write_words;
  }
  for (const DmaJob& job : schedule.jobs()) {
    sums.load_bursts += job.bursts;
    for (const StoreChunk& chunk : job.chunks) sums.store_bursts += chunk.bursts;
  }
  return sums;
}

}  // namespace

TEST_CASE("a sweep of aligned chunks moves every burst of every stream once") {
  const std::uint64_t n = 1000000;
  const SweepSchedule schedule({work_of(n, {{n, 8}, {n, 1}, {256, 32}}, {{n, 16}})}, config_of(), "relu");
  const Sums sums = sums_of(schedule);
  CHECK(sums.load_bursts >= n / 64 + (n / 8 + 63) / 64 + 256 * 4 / 64);
  // The small stream is shared out: each chunk may touch one burst of it again.
  CHECK(sums.load_bursts <= n / 64 + (n / 8 + 63) / 64 + 256 * 4 / 64 + schedule.steps().size());
  CHECK(sums.store_bursts == n * 2 / 64);
  CHECK(sums.beats >= n / 32);
}

TEST_CASE("beats are elements over width or the words of the wider side") {
  // 32 elements a beat; 128 bytes a word.
  CHECK(sums_of(SweepSchedule({work_of(3200, {{3200, 8}}, {{3200, 8}})}, config_of(), "x")).beats == 100);
  CHECK(sums_of(SweepSchedule({work_of(3200, {{3200, 64}}, {{3200, 8}})}, config_of(), "x")).beats == 200);
  CHECK(sums_of(SweepSchedule({work_of(3200, {{3200, 8}}, {{3200, 96}})}, config_of(), "x")).beats == 300);
  SweepWork update = work_of(3200, {{3200, 8}}, {{3200, 8}});
  update.unit = SweepUnit::kUpdate;
  CHECK(sums_of(SweepSchedule({update}, config_of(), "x")).beats == 400);
}

TEST_CASE("a row reduction that fits is walked in the buffer, in whole rows") {
  SweepWork work = work_of(1024 * 1000, {{1024 * 1000, 8}}, {{1024 * 1000, 8}});
  work.row_elements = 1000;
  work.passes = 2;
  const SweepSchedule schedule({work}, config_of(), "softmax");
  const Sums sums = sums_of(schedule);
  // A chunk of whole rows may begin within a burst that the chunk before has read as well.
  CHECK(sums.load_bursts >= 16000);
  CHECK(sums.load_bursts <= 16000 + schedule.steps().size());
  CHECK(sums.beats == 2 * 1024 * 1000 / 32);
  for (const SweepStep& step : schedule.steps()) CHECK(step.writes);
}

TEST_CASE("a row that does not fit is read from DRAM once per walk, and written in the last") {
  SweepWork work = work_of(100000, {{100000, 8}}, {{100000, 8}});
  work.row_elements = 50000;
  work.passes = 2;
  const SweepSchedule schedule({work}, config_of(64 * 1024), "softmax");
  const Sums sums = sums_of(schedule);
  CHECK(sums.load_bursts == 2 * 1563);
  CHECK(sums.store_bursts == 1563);
  const std::vector<SweepStep>& steps = schedule.steps();
  CHECK_FALSE(steps[steps.size() / 2 - 1].writes);
  CHECK(steps[steps.size() / 2].writes);
}

TEST_CASE("a chunk is a DMA step: loads of the next chunk before the stores of this one") {
  const std::uint64_t n = 3 * 65536;
  const SweepSchedule schedule({work_of(n, {{n, 8}}, {{n, 8}})}, config_of(), "relu");
  REQUIRE(schedule.steps().size() >= 3);
  CHECK(schedule.jobs()[0].kind == JobKind::kLoad);
  CHECK(schedule.jobs()[1].kind == JobKind::kLoad);
  CHECK(schedule.jobs()[1].step == 1);
  CHECK(schedule.jobs()[2].kind == JobKind::kStore);
  CHECK(schedule.jobs()[2].step == 0);
  CHECK(schedule.jobs()[2].chunks[0].drained == 1);
}

TEST_CASE("fill watermarks of chunks count the words of all loads before") {
  const std::uint64_t n = 200000;
  const SweepSchedule schedule({work_of(n, {{n, 8}, {n, 32}}, {})}, config_of(), "sum");
  std::uint64_t words = 0;
  for (const SweepStep& step : schedule.steps()) {
    words += step.read_words;
    CHECK(step.filled_words == words);
    CHECK_FALSE(step.writes);
  }
}

TEST_CASE("operations of all sweeps of a pass add up") {
  SweepWork one = work_of(64, {{64, 8}}, {});
  one.operations[Action::kVectorAdd] = 5;
  SweepWork two = one;
  two.operations[Action::kVectorExp] = 7;
  const SweepSchedule schedule({one, two}, config_of(), "x");
  CHECK(schedule.operations()[Action::kVectorAdd] == 10);
  CHECK(schedule.operations()[Action::kVectorExp] == 7);
}

}  // namespace lnsim
