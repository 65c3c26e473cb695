// SPDX-License-Identifier: Apache-2.0
// The steps of a GEMM pass: the loops over batch and tiles, and how neighbours share tiles and sums.
#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "sim/mapping/tile_layouts.hpp"
#include "sim/schedule/gemm_schedule.hpp"

namespace lnsim {
namespace {

/// How far the elements of tiles of so many values of a mixed-radix index lie apart, if only its slowest digit moves
/// from tile to tile, and along elements alone.
std::optional<std::int64_t> tile_shift(const std::vector<Digit>& digits, std::uint64_t tile) {
  std::uint64_t turn = 1;  // values of the faster digits
  for (const Digit& digit : digits) turn *= digit.extent;
  for (const Digit& digit : digits) {
    turn /= digit.extent;
    if (digit.extent == 1) continue;
    if (tile % turn != 0 || digit.dh != 0 || digit.dw != 0) return std::nullopt;
    return static_cast<std::int64_t>(tile / turn) * digit.offset;
  }
  return 0;
}

}  // namespace

// Of `all` turns of so many steps: those to list.
std::uint64_t GemmSchedule::listed_turns(std::uint64_t all, std::uint64_t steps) const {
  constexpr std::uint64_t kSteps = 24;
  // What is left out comes in whole periods.
  const std::uint64_t listed = std::max(listed_turns_, ceil_div(kSteps, steps));
  return all <= listed + 1 + kCutPeriod ? all : listed + 1 + (all - 1 - listed) % kCutPeriod;
}

// Per loop, the batch and then A rows, B rows and k: in all turns but the first and the last the tiles are shifted
// copies of each other, by whole bursts.
std::array<bool, 4> GemmSchedule::alike_turns(const Gemm& gemm, const GemmMapping& mapping) const {
  const auto burst_units = static_cast<std::int64_t>(config_.accelerator.dram.burst_bytes * ElementSize::kUnitsPerByte);
  const auto whole = [&](const std::vector<Digit>& digits, std::uint64_t tile, ElementSize element) {
    const std::optional<std::int64_t> shift = tile_shift(digits, tile);
    return shift && *shift * static_cast<std::int64_t>(element.units()) % burst_units == 0;
  };
  const MachineTile tile = machine_tile(mapping);
  const OperandView& a = operand_a_view(gemm, mapping.operand_a);
  const OperandView& b = operand_b_view(gemm, mapping.operand_a);
  const bool m = mapping.operand_a == Side::kM;
  // Tiles of a batch index have the bursts of index 0; but every index must move every operand on.
  bool batch = true;
  std::array<std::int64_t, 3> before{};  // what all faster digits move together
  for (std::size_t i = gemm.batch.size(); i-- > 0;) {
    const BatchDigit& digit = gemm.batch[i];
    if (digit.extent == 1) continue;
    const std::array<std::int64_t, 3> offsets{digit.a_offset, digit.b_offset, digit.out_offset};
    for (std::size_t j = 0; j < 3; ++j) {
      batch &= offsets[j] != 0 && offsets[j] != before[j];
      before[j] += static_cast<std::int64_t>(digit.extent - 1) * offsets[j];
    }
  }
  return {batch,
          whole(a.rows, tile.a_rows, config_.a_size()) &&
              whole(m ? gemm.out.ms : gemm.out.ns, tile.a_rows, config_.out_size()),
          whole(b.rows, tile.b_rows, config_.b_size()) &&
              whole(m ? gemm.out.ns : gemm.out.ms, tile.b_rows, config_.out_size()),
          whole(a.ks, tile.k, config_.a_size()) && whole(b.ks, tile.k, config_.b_size())};
}

void GemmSchedule::build_steps(std::size_t index) {
  const Gemm& gemm = pass_.gemms[index];
  const GemmMapping& mapping = mappings_[index];
  const MachineTile size = machine_size(gemm, mapping.operand_a);
  const MachineTile tile = machine_tile(mapping);
  const bool m = mapping.operand_a == Side::kM;
  // Loops of the three machine dimensions in the mapping's order: 0 = A rows, 1 = B rows, 2 = k.
  std::array<std::size_t, 3> order{};
  for (std::size_t i = 0; i < 3; ++i) {
    order[i] = mapping.order[i] == Dim::kK ? 2 : (mapping.order[i] == Dim::kM) == m ? 0 : 1;
  }
  const std::array<std::uint64_t, 3> counts{ceil_div(size.a_rows, tile.a_rows), ceil_div(size.b_rows, tile.b_rows),
                                            ceil_div(size.k, tile.k)};
  // Turns of the batch and of the three dimensions that are listed.
  const std::array<std::uint64_t, 4> turns{gemm.count(), counts[0], counts[1], counts[2]};
  std::array<std::uint64_t, 4> listed = turns;
  if (form_ == Form::kShort) {
    const std::array<bool, 4> alike = alike_turns(gemm, mapping);
    std::uint64_t steps = 1;  // of a turn of the loop
    for (const std::size_t i : {order[2] + 1, order[1] + 1, order[0] + 1, std::size_t{0}}) {
      if (alike[i]) listed[i] = listed_turns(turns[i], steps);
      steps *= listed[i];
    }
  }
  std::array<LoopCut, 4>& cuts = cuts_.emplace_back();
  cuts[0] = {listed[0], turns[0] - listed[0]};
  for (std::size_t i = 0; i < 3; ++i) {
    const auto dimension = static_cast<std::size_t>(order[i]) + 1;
    cuts[i + 1] = {listed[dimension], turns[dimension] - listed[dimension]};
  }
  total_steps_ += turns[0] * turns[1] * turns[2] * turns[3];
  steps_.reserve(steps_.size() + listed[0] * listed[1] * listed[2] * listed[3]);
  const auto turn_of = [&](std::size_t loop, std::uint64_t place) {
    return place + 1 == listed[loop] ? turns[loop] - 1 : place;
  };
  // Tiles that are shifted copies of each other, by whole bursts, have one plan.
  struct Plans {
    const OperandView& view;
    ElementSize element;
    std::uint64_t row_unit;
    TileLayouts layouts{view};
    std::map<std::tuple<std::size_t, std::uint64_t, std::int64_t>, std::shared_ptr<const LoadPlan>> by_layout{};
    std::vector<std::shared_ptr<const LoadPlan>> distinct{};
  };
  const PeParams& pe = config_.accelerator.pe;
  Plans a_plans{operand_a_view(gemm, mapping.operand_a), config_.a_size(), pe.lanes};
  Plans b_plans{operand_b_view(gemm, mapping.operand_a), config_.b_size(), pe.hold_rows};
  const auto plan_of = [&](Plans& plans, std::uint64_t row, std::uint64_t rows, std::uint64_t k, std::uint64_t k_size) {
    const TileLayouts::Place place = plans.layouts.of(row, row + rows, k, k + k_size);
    // Where plans hold addresses, only tiles of one place share them.
    auto& shared = plans.by_layout[{place.layout, phase_in_burst(place.first, plans.element),
                                    banked() ? place.first : std::int64_t{0}}];
    if (!shared) {
      shared = plan(plans.view, row, rows, k, k_size, plans.element, plans.row_unit);
      // Tiles of different layouts may still move the same.
      const auto same = std::find_if(plans.distinct.begin(), plans.distinct.end(), [&](const auto& one) {
        return one->bursts == shared->bursts && one->rows_per_mark == shared->rows_per_mark &&
               one->marks == shared->marks && one->ranges == nullptr;
      });
      same != plans.distinct.end() ? shared = *same : plans.distinct.emplace_back(shared);
    }
    return shared;
  };
  std::vector<std::uint64_t> digits(gemm.batch.size(), 0);
  for (std::uint64_t batch = 0; batch < listed[0]; ++batch) {
    Step base;
    base.gemm = static_cast<std::uint32_t>(index);
    base.turns[0] = static_cast<std::uint32_t>(batch);
    std::uint64_t rest = turn_of(0, batch);
    for (std::size_t d = gemm.batch.size(); d-- > 0;) {
      const auto digit = static_cast<std::int64_t>(rest % gemm.batch[d].extent);
      rest /= gemm.batch[d].extent;
      base.a_offset += digit * (m ? gemm.batch[d].a_offset : gemm.batch[d].b_offset);
      base.b_offset += digit * (m ? gemm.batch[d].b_offset : gemm.batch[d].a_offset);
      base.out_offset += digit * gemm.batch[d].out_offset;
    }
    std::array<std::uint64_t, 3> at{};
    for (at[order[0]] = 0; at[order[0]] < listed[order[0] + 1]; ++at[order[0]]) {
      for (at[order[1]] = 0; at[order[1]] < listed[order[1] + 1]; ++at[order[1]]) {
        for (at[order[2]] = 0; at[order[2]] < listed[order[2] + 1]; ++at[order[2]]) {
          Step step = base;
          step.loop = at[order[2]] > 0 ? 3 : at[order[1]] > 0 ? 2 : at[order[0]] > 0 ? 1 : 0;
          for (std::size_t i = 0; i < 3; ++i) step.turns[i + 1] = static_cast<std::uint32_t>(at[order[i]]);
          step.a_begin = turn_of(1, at[0]) * tile.a_rows;
          step.a_rows = std::min(tile.a_rows, size.a_rows - step.a_begin);
          step.b_begin = turn_of(2, at[1]) * tile.b_rows;
          step.b_rows = std::min(tile.b_rows, size.b_rows - step.b_begin);
          step.k_begin = turn_of(3, at[2]) * tile.k;
          step.k_size = std::min(tile.k, size.k - step.k_begin);
          step.last_k = step.k_begin + step.k_size == size.k;
          step.a = plan_of(a_plans, step.a_begin, step.a_rows, step.k_begin, step.k_size);
          step.b = plan_of(b_plans, step.b_begin, step.b_rows, step.k_begin, step.k_size);
          steps_.push_back(std::move(step));
        }
      }
    }
  }
}

// Residency, claims and the cumulative counters that readers compare with.
void GemmSchedule::link_steps() {
  const auto same_a = [](const Step& x, const Step& y) {
    return x.gemm == y.gemm && x.a_offset == y.a_offset && x.a_begin == y.a_begin && x.k_begin == y.k_begin;
  };
  const auto same_b = [](const Step& x, const Step& y) {
    return x.gemm == y.gemm && x.b_offset == y.b_offset && x.b_begin == y.b_begin && x.k_begin == y.k_begin;
  };
  const auto same_out = [](const Step& x, const Step& y) {
    return x.gemm == y.gemm && x.out_offset == y.out_offset && x.a_begin == y.a_begin && x.b_begin == y.b_begin;
  };
  std::uint64_t a_words = 0, b_words = 0, out_words = 0, claims = 0;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    Step& step = steps_[i];
    const Step* before = i > 0 ? &steps_[i - 1] : nullptr;
    const Step* after = i + 1 < steps_.size() ? &steps_[i + 1] : nullptr;
    step.load_a = before == nullptr || !same_a(*before, step);
    step.load_b = before == nullptr || !same_b(*before, step);
    step.free_a = after == nullptr || !same_a(step, *after);
    step.free_b = after == nullptr || !same_b(step, *after);
    if (before != nullptr && !step.load_a) step.a_word_base = before->a_word_base;
    if (before != nullptr && !step.load_b) step.b_word_base = before->b_word_base;
    if (step.load_a) step.a_word_base = a_words, a_words += step.a->words;
    if (step.load_b) step.b_word_base = b_words, b_words += step.b->words;

    const bool continued = before != nullptr && same_out(*before, step);
    const Gemm& gemm = pass_.gemms[step.gemm];
    const bool split = step.k_size < gemm.k;
    step.out_bytes = config_.resident_out_size(split).bytes(step.a_rows * step.b_rows);
    if (step.k_begin > 0) step.preload = continued ? PreloadFrom::kResident : PreloadFrom::kDram;
    step.output = step.last_k                                  ? OutputTo::kStore
                  : after != nullptr && same_out(step, *after) ? OutputTo::kKeep
                                                               : OutputTo::kSpill;
    step.drain_claims = !continued && step.preload != PreloadFrom::kDram;
    step.out_claim_id = continued ? before->out_claim_id : claims++;
    if (step.preload == PreloadFrom::kDram) {
      const std::uint64_t burst_bytes = config_.accelerator.dram.burst_bytes;
      const std::uint64_t bursts = ceil_div(ceil_div(step.a_rows * step.b_rows * config_.psum_bits, 8), burst_bytes);
      step.reload_words = ceil_div(bursts, config_.accelerator.global_buffer.word_bytes / burst_bytes);
      step.out_word_base = out_words;
      out_words += step.reload_words;
    }
    step.tile_base = total_tiles_;
    step.tiles = step_tiles(step);
    total_tiles_ += step.tiles;
  }
}

std::uint64_t GemmSchedule::step_tiles(const Step& step) const {
  const StepShape shape = this->shape(step);
  const PeParams& pe = config_.accelerator.pe;
  const PeArrayParams& array = config_.accelerator.pe_array;
  std::uint64_t lane_groups = 0, chunks = 0;
  for (std::uint64_t r = 0; r < array.rows; ++r) {
    // Blocks are multiples of the lanes or whole, so lane groups do not depend on them.
    lane_groups += ceil_div(shape.a_rows(step, r), pe.lanes);
  }
  for (std::uint64_t c = 0; c < array.columns; ++c) chunks += ceil_div(shape.b_rows(step, c), pe.hold_rows);
  return lane_groups * chunks;
}

}  // namespace lnsim
