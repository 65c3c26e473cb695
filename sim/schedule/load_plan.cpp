// SPDX-License-Identifier: Apache-2.0
// What a tile moves: its bursts, and the words after which rows of it can be read (docs/machine.md, G2).
#include <algorithm>
#include <optional>

#include "sim/mapping/burst_pattern.hpp"
#include "sim/schedule/gemm_schedule.hpp"

namespace lnsim {
namespace {

constexpr std::uint64_t kMarksPerTile = 16;  // watermarks per tile: readers may start after a sixteenth of it

}  // namespace

std::uint64_t LoadPlan::need(std::uint64_t begin, std::uint64_t end) const {
  std::uint64_t words_needed = 0;
  for (std::uint64_t mark = begin / rows_per_mark; mark * rows_per_mark < end && mark < marks.size(); ++mark) {
    words_needed = std::max(words_needed, marks[mark]);
  }
  return words_needed;
}

std::shared_ptr<const LoadPlan> GemmSchedule::plan(const OperandView& view, std::uint64_t row, std::uint64_t rows,
                                                   std::uint64_t k, std::uint64_t k_size, ElementSize element,
                                                   std::uint64_t row_unit) const {
  const std::uint64_t burst_bytes = config_.accelerator.dram.burst_bytes;
  const std::uint64_t per_word = config_.accelerator.global_buffer.word_bytes / burst_bytes;
  auto plan = std::make_shared<LoadPlan>();
  const BurstPattern pattern(touched(view, row, row + rows, k, k + k_size), element, burst_bytes);
  plan->bursts = pattern.total();
  plan->words = ceil_div(plan->bursts, per_word);
  plan->bytes = plan->bursts * burst_bytes;
  if (banked()) plan->ranges = std::make_shared<const std::vector<BurstRange>>(burst_ranges(pattern));
  plan->rows_per_mark = ceil_div(ceil_div(rows, row_unit), kMarksPerTile) * row_unit;
  for (const std::optional<std::uint64_t>& last :
       last_touched(view, row, row + rows, plan->rows_per_mark, k, k + k_size)) {
    const std::uint64_t filled = last ? pattern.up_to(*last) : 0;
    plan->marks.push_back(ceil_div(filled, per_word));
  }
  return plan;
}

}  // namespace lnsim
