// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <set>

#include "sim/mapping/footprint.hpp"
#include "tests/support/machine_cases.hpp"

namespace lnsim {
namespace {

GemmSchedule schedule_of(const LayerPass& pass, const MappingPin& pin, const Accelerator& machine) {
  return schedule_gemms(test::plan_of(pass, machine, "lns8", pin));
}

MappingPin pin_of(const char* order, std::uint64_t m, std::uint64_t n, std::uint64_t k) {
  MappingPin pin;
  pin.operand_a = Side::kM;
  std::array<Dim, 3> dims{};
  for (std::size_t i = 0; i < 3; ++i) dims[i] = order[i] == 'm' ? Dim::kM : order[i] == 'n' ? Dim::kN : Dim::kK;
  pin.order = dims;
  pin.m = m;
  pin.n = n;
  pin.k = k;
  return pin;
}

/// "A0 B0 S0": loads and stores by stream and step; R a reload, P a spill, Z a zero fill.
std::string order_of(const GemmSchedule& schedule) {
  std::string text;
  for (const DmaJob& job : schedule.jobs()) {
    if (!text.empty()) text += ' ';
    if (job.kind == JobKind::kDirect) {
      text += 'Z';
      continue;
    }
    text += job.kind == JobKind::kStore ? (job.partial_sums ? 'P' : 'S')
            : job.region == Region::kA  ? 'A'
            : job.region == Region::kB  ? 'B'
                                        : 'R';
    text += std::to_string(job.step);
  }
  return text;
}

}  // namespace

TEST_CASE("DMA jobs: loads of step 0, then per step the loads of the next step and its own store") {
  const auto schedule = schedule_of(test::gemm_pass(128, 128, 64), pin_of("nmk", 64, 64, 64), test::default_machine());
  CHECK(order_of(schedule) == "A0 B0 A1 S0 A2 B2 S1 A3 S2 S3");
}

TEST_CASE("a tile equal to the one of the step before is resident: no load, freed by its last user") {
  const auto schedule = schedule_of(test::gemm_pass(128, 128, 64), pin_of("mnk", 64, 64, 64), test::default_machine());
  CHECK(order_of(schedule) == "A0 B0 B1 S0 A2 B2 S1 B3 S2 S3");
  const std::vector<Step>& steps = schedule.steps();
  CHECK((steps[0].load_a && !steps[1].load_a && steps[2].load_a && !steps[3].load_a));
  CHECK((!steps[0].free_a && steps[1].free_a && !steps[2].free_a && steps[3].free_a));
  CHECK(steps[1].a_word_base == steps[0].a_word_base);
}

TEST_CASE("a K split innermost keeps the sums resident until they are whole") {
  const auto schedule = schedule_of(test::gemm_pass(64, 128, 128), pin_of("mnk", 64, 64, 64), test::default_machine());
  CHECK(order_of(schedule) == "A0 B0 A1 B1 A2 B2 S1 A3 B3 S3");
  const std::vector<Step>& steps = schedule.steps();
  CHECK((steps[0].preload == PreloadFrom::kNone && steps[0].output == OutputTo::kKeep && steps[0].drain_claims));
  CHECK((steps[1].preload == PreloadFrom::kResident && steps[1].output == OutputTo::kStore && !steps[1].drain_claims));
  CHECK(steps[1].out_claim_id == steps[0].out_claim_id);
}

TEST_CASE("a K split outside spills raw sums and reloads them two steps later at the earliest") {
  const auto schedule = schedule_of(test::gemm_pass(64, 128, 128), pin_of("kmn", 64, 64, 64), test::default_machine());
  CHECK(order_of(schedule) == "A0 B0 B1 P0 A2 B2 R2 P1 B3 R3 S2 S3");
  const std::vector<Step>& steps = schedule.steps();
  CHECK((steps[0].output == OutputTo::kSpill && steps[2].preload == PreloadFrom::kDram && !steps[2].drain_claims));
  // 64 x 64 sums of 24 bits are 12288 bytes: 192 bursts of 64 bytes each way, 96 words.
  for (const DmaJob& job : schedule.jobs()) {
    if (!job.partial_sums) continue;
    CHECK((job.kind == JobKind::kLoad ? job.bursts : job.chunks.at(0).bursts) == 192);
  }
  CHECK(steps[2].reload_words == 96);
  CHECK(steps[3].out_word_base == 96);
}

TEST_CASE("zero fills follow the last store") {
  Conv2d conv;
  conv.in_channels = conv.out_channels = 64;
  conv.height = conv.width = 8;
  conv.stride = {2};
  const PassPlan plan = test::plan_of(conv_input_grad(conv, 1), test::default_machine());
  const GemmSchedule schedule = schedule_gemms(plan);
  const DmaJob& last = schedule.jobs().back();
  CHECK(last.kind == JobKind::kDirect);
  CHECK(last.chunks.front().bursts == 8 * 8 * 64 * 3 / 4 / 64);
}

TEST_CASE("claims, fill words and bursts of random schedules add up") {
  int legal = 0;
  for (std::uint64_t seed = 1; legal < 200; ++seed) {
    test::Choices choices(seed);
    const auto made = test::random_case(choices);
    if (!made) continue;
    ++legal;
    INFO("seed " << seed << "\n" << test::describe_case(made->plan, made->scheme));
    const GemmSchedule schedule = schedule_gemms(made->plan);
    std::uint64_t claimed[kRegions]{}, freed[kRegions]{}, ids[kRegions]{}, words[kRegions]{};
    const DramParams& dram = schedule.config().accelerator.dram;
    const std::uint64_t per_word = schedule.config().accelerator.global_buffer.word_bytes / dram.burst_bytes;
    std::set<std::uint32_t> stored;
    for (const DmaJob& job : schedule.jobs()) {
      const Step& step = schedule.steps()[job.step];
      const auto region = static_cast<std::size_t>(job.region);
      if (job.kind == JobKind::kLoad) {
        if (job.region != Region::kOut) REQUIRE(job.claim_id == ids[region]++);
        const std::uint64_t base = job.region == Region::kA   ? step.a_word_base
                                   : job.region == Region::kB ? step.b_word_base
                                                              : step.out_word_base;
        REQUIRE(base == words[region]);
        claimed[region] += job.claim_bytes;
        words[region] += ceil_div(job.bursts, per_word);
        REQUIRE(job.claim_bytes <= schedule.region_bytes(job.region));
        if (job.region != Region::kOut) REQUIRE(job.claim_bytes == job.bursts * dram.burst_bytes);
      } else if (job.kind == JobKind::kStore) {
        freed[region] += job.free_bytes;
        REQUIRE(stored.insert(job.step).second);
        REQUIRE(job.chunks.back().drained == step.tile_base + step.tiles);
        for (std::size_t i = 1; i < job.chunks.size(); ++i) REQUIRE(job.chunks[i - 1].drained < job.chunks[i].drained);
        for (const StoreChunk& chunk : job.chunks) REQUIRE(chunk.bursts > 0);
      }
    }
    std::uint64_t out_claimed = 0;
    for (std::size_t i = 0; i < schedule.steps().size(); ++i) {
      const Step& step = schedule.steps()[i];
      if (step.drain_claims || step.preload == PreloadFrom::kDram) out_claimed += step.out_bytes;
      if (step.free_a) freed[0] += step.a->bytes;
      if (step.free_b) freed[1] += step.b->bytes;
      REQUIRE(step.output == (stored.count(static_cast<std::uint32_t>(i)) != 0 ? step.output : OutputTo::kKeep));
    }
    REQUIRE(claimed[0] == freed[0]);
    REQUIRE(claimed[1] == freed[1]);
    REQUIRE(out_claimed == freed[2]);
  }
}

TEST_CASE("watermarks: rows need at most the tile, the last of all rows needs all of it, and never too little") {
  int legal = 0;
  for (std::uint64_t seed = 500; legal < 60; ++seed) {
    test::Choices choices(seed);
    const auto made = test::random_case(choices);
    if (!made) continue;
    ++legal;
    INFO("seed " << seed << "\n" << test::describe_case(made->plan, made->scheme));
    const GemmSchedule schedule = schedule_gemms(made->plan);
    const std::uint64_t burst = schedule.config().accelerator.dram.burst_bytes;
    const std::uint64_t per_word = schedule.config().accelerator.global_buffer.word_bytes / burst;
    for (const Step& step : schedule.steps()) {
      const OperandView& view = operand_b_view(schedule.gemm(step), schedule.mapping(step).operand_a);
      const std::uint64_t size = schedule.config().b_size().units();
      const std::uint64_t burst_size = burst * ElementSize::kUnitsPerByte;
      REQUIRE(step.b->need(0, step.b_rows) == step.b->words);
      for (std::uint64_t row = 0; row < step.b_rows; ++row) {
        // Bursts up to this row's last one, counted over the whole tile in address order.
        const auto runs =
            touched_runs(view, step.b_begin + row, step.b_begin + row + 1, step.k_begin, step.k_begin + step.k_size);
        if (runs.empty()) continue;
        const std::uint64_t last = ((runs.back().first + runs.back().length) * size - 1) / burst_size;
        std::set<std::uint64_t> bursts;
        for (const Run& run :
             touched_runs(view, step.b_begin, step.b_begin + step.b_rows, step.k_begin, step.k_begin + step.k_size)) {
          for (std::uint64_t b = run.first * size / burst_size; b <= ((run.first + run.length) * size - 1) / burst_size;
               ++b) {
            bursts.insert(b);
          }
        }
        REQUIRE(bursts.size() == step.b->bursts);
        const auto needed = static_cast<std::uint64_t>(std::distance(bursts.begin(), bursts.upper_bound(last)));
        REQUIRE(step.b->need(row, row + 1) >= ceil_div(needed, per_word));
      }
    }
  }
}

TEST_CASE("a port word holds whole vectors, longer vectors take several words") {
  Accelerator machine = test::default_machine();
  machine.network.link_bytes = 100;  // 3 vectors of 32 bytes
  const auto schedule = schedule_of(test::gemm_pass(64, 64, 64), {}, machine);
  CHECK(schedule.link_bytes() == 100);
  CHECK(schedule.a_unit_words(32) == 11);
  CHECK(schedule.a_unit_words(3) == 1);
  CHECK(schedule.b_unit_words(4) == 2);
  machine.network.link_bytes = 12;  // 3 words a vector
  CHECK(schedule_of(test::gemm_pass(64, 64, 64), {}, machine).a_unit_words(5) == 15);
}

TEST_CASE("operands that are not contiguous along k pass the transposer") {
  const Linear linear{64, 64, 64, false, ""};
  const auto transposes = [](const LayerPass& pass) {
    const GemmSchedule schedule = schedule_of(pass, pin_of("mnk", 64, 64, 64), test::default_machine());
    const Step& step = schedule.steps().front();
    return std::pair(schedule.transpose_a(step), schedule.transpose_b(step));
  };
  CHECK((transposes(linear_forward(linear, 1)) == std::pair(false, false)));
  CHECK((transposes(linear_input_grad(linear, 1)) == std::pair(true, false)));
  CHECK((transposes(linear_weight_grad(linear, 1)) == std::pair(true, true)));
}

}  // namespace lnsim
