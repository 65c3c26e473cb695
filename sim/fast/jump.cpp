// SPDX-License-Identifier: Apache-2.0
#include "sim/fast/jump.hpp"

#include <algorithm>

namespace lnsim::fast {

void GemmBlocks::visit(StateVisitor& state) const {
  dram.visit(state);
  buffer.visit(state);
  dma.visit(state);
  a.visit(state);
  b.visit(state);
  preload.visit(state);
  claims.visit(state);
  drain.visit(state);
  for (Lanes& pe : pes) pe.visit(state);
}

Jumps::Jumps(const GemmBlocks& blocks) : blocks_(blocks), store_of_(blocks.schedule.steps().size()) {
  for (const DmaJob& job : blocks.schedule.jobs()) {
    if (job.kind == JobKind::kStore) store_of_[job.step] = &job;
  }
  const Accelerator& machine = blocks.schedule.config().accelerator;
  const PeParams& pe = machine.pe;
  // Of the longest unit: its words on the link, at a transposer's rate.
  const std::uint64_t words =
      std::max(blocks.schedule.a_unit_words(pe.lanes), blocks.schedule.b_unit_words(pe.hold_rows));
  margin_ = 64 + 4 * words * blocks.schedule.transposed_word_cycles() + 4 * machine.global_buffer.read_cycles +
            4 * machine.network.hop_cycles * (machine.pe_array.rows + machine.pe_array.columns + 1) +
            4 * (pe.lanes + pe.hold_rows + pe.datapath_cycles + pe.ppu_cycles + machine.dma.request_cycles) +
            4 * (pe.accumulate_cycles_fixed + pe.accumulate_cycles_float);
}

void Jumps::look() {
  const TileOrder& order = blocks_.drain.order();
  if (order.done()) return;
  const bool new_step = order.step_index() != step_;
  const bool new_block = new_step || order.block() != block_;
  const bool new_chunk = new_block || order.chunk() != chunk_;
  if (!new_chunk) return;
  if (new_block) chunk_reference_.power = 0;
  const bool moved = new_step ? try_jump(step_reference_, true)
                              : !blocks_.preload.any() && order.chunk() > 0 && try_jump(chunk_reference_, false);
  if (moved) step_reference_.power = chunk_reference_.power = 0;
  step_ = order.step_index();
  block_ = order.block();
  chunk_ = order.chunk();
}

// What is cheap to compare.
std::array<std::uint64_t, 4> Jumps::signature() const {
  const Cycle now = blocks_.drain.next();
  const Lanes& pe = blocks_.pes.front();
  return {blocks_.b.next() - now, pe.next_issue() - now, blocks_.b.row() - blocks_.drain.order().chunk(),
          blocks_.b.step() - blocks_.drain.order().step_index()};
}

void Jumps::record(Snapshot& state) {
  StateVisitor visitor(state);
  blocks_.visit(visitor);
}

void Jumps::refer(Reference& reference) {
  record(reference.state);
  reference.drained_times = blocks_.buffer.drained.times();
  reference.drained = blocks_.buffer.drained.total();
  reference.step = blocks_.drain.order().step_index();
  reference.chunk = blocks_.drain.order().chunk();
  reference.job = blocks_.dma.job();
  reference.part = blocks_.dma.part();
  reference.time = blocks_.drain.next();
  reference.signature = signature();
  reference.age = 0;
  reference.power = std::max<std::uint64_t>(2 * reference.power, 1);
}

bool Jumps::try_jump(Reference& reference, bool steps) {
  if (reference.power != 0) {
    ++reference.age;
    if (signature() == reference.signature) {
      const TileOrder& order = blocks_.drain.order();
      Period period{blocks_.drain.next() - reference.time, order.step_index() - reference.step,
                    order.chunk() - reference.chunk, blocks_.buffer.drained.total() - reference.drained, false};
      record(now_);
      const DrainedTiles& drained = blocks_.buffer.drained;
      if (period.cycles > 0 && drained.recurs(reference.drained_times, period.tiles, period.cycles, period.growing) &&
          !(steps && period.growing) && recurs(reference, period)) {
        const std::uint64_t times =
            steps ? equal_step_periods(reference, period) : equal_chunk_periods(reference, period);
        if (times > 0) {
          StateVisitor visitor(reference.state, now_, times);
          visitor.set_period(period.cycles);
          blocks_.visit(visitor);
          blocks_.buffer.drained.move_on(period.tiles, period.cycles, times, period.growing);
          return true;
        }
      }
    }
    if (reference.age < reference.power) return false;
  }
  refer(reference);
  return false;
}

// The earliest cycle that a block in use looks back to.
Cycle Jumps::floor(const Reference& reference) const {
  Cycle earliest = kUnknown;
  for (std::size_t i = 0; i < now_.values.size(); ++i) {
    const Cycle before = reference.state.values[i];
    if (now_.kinds[i] == StateKind::kClock && now_.values[i] != before) earliest = std::min(earliest, before);
  }
  return earliest;
}

bool Jumps::recurs(const Reference& reference, const Period& period) const {
  if (now_.kinds != reference.state.kinds) return false;
  const Cycle earliest = floor(reference);
  const auto long_past = [&](Cycle time) { return time != kUnknown && time + margin_ <= earliest; };
  const bool in_step = period.steps == 0;
  for (std::size_t i = 0; i < now_.values.size(); ++i) {
    const std::uint64_t before = reference.state.values[i];
    const std::uint64_t difference = now_.values[i] - before;
    const bool moved = difference == period.cycles, still = difference == 0;
    bool fits = true;
    switch (now_.kinds[i]) {
      case StateKind::kCount: break;
      case StateKind::kSame: fits = still; break;
      case StateKind::kTime:
      case StateKind::kClock: fits = moved || still; break;
      case StateKind::kStale: fits = moved || (still && long_past(before)); break;
      case StateKind::kFilled:
        fits = moved || (still && before == kUnknown) || (long_past(before) && long_past(now_.values[i]));
        break;
      case StateKind::kLoad: fits = moved || (still && (in_step || long_past(before))); break;
      case StateKind::kStep: fits = still || difference == period.steps; break;
      case StateKind::kRows: fits = still || (in_step && difference == period.rows); break;
    }
    if (!fits) return false;
  }
  return !in_step || blocks_.b.tile_filled_before(earliest - std::min(earliest, margin_));
}

// All that a step is, but for its place in the tensors and in the pass.
bool Jumps::equal_steps(std::size_t one, std::size_t other) const {
  const Step& x = blocks_.schedule.steps()[one];
  const Step& y = blocks_.schedule.steps()[other];
  const bool same = x.gemm == y.gemm && x.a_rows == y.a_rows && x.b_rows == y.b_rows && x.k_size == y.k_size &&
                    x.last_k == y.last_k && x.load_a == y.load_a && x.load_b == y.load_b && x.free_a == y.free_a &&
                    x.free_b == y.free_b && x.preload == y.preload && x.output == y.output &&
                    x.drain_claims == y.drain_claims && x.out_bytes == y.out_bytes && x.tiles == y.tiles &&
                    x.a == y.a && x.b == y.b && x.reload_words == y.reload_words;
  if (!same || (store_of_[one] == nullptr) != (store_of_[other] == nullptr)) return false;
  if (store_of_[one] == nullptr) return true;
  const DmaJob& s = *store_of_[one];
  const DmaJob& t = *store_of_[other];
  return s.free_bytes == t.free_bytes && std::equal(s.chunks.begin(), s.chunks.end(), t.chunks.begin(), t.chunks.end(),
                                                    [&](const StoreChunk& p, const StoreChunk& q) {
                                                      return p.bursts == q.bursts &&
                                                             p.drained - x.tile_base == q.drained - y.tile_base;
                                                    });
}

// How many more periods of steps are like the last: all blocks are that many steps further on, or, without work, at the
// end, and every step that they come to is like the one a period before.
std::uint64_t Jumps::equal_step_periods(const Reference& reference, const Period& period) const {
  const std::vector<DmaJob>& jobs = blocks_.schedule.jobs();
  const std::size_t all = blocks_.schedule.steps().size();
  if (blocks_.dma.done() || reference.part != blocks_.dma.part()) return 0;
  const DmaJob& before = jobs[reference.job];
  const DmaJob& now = jobs[blocks_.dma.job()];
  if (before.kind != now.kind || before.region != now.region || now.step != before.step + period.steps ||
      now.kind == JobKind::kParameters || now.kind == JobKind::kDirect) {
    return 0;
  }
  // Where the blocks stand, and one step more, of which the DMA's order and what is kept or freed depend.
  std::size_t first = before.step, last = now.step;
  for (std::size_t i = 0; i < now_.values.size(); ++i) {
    if (now_.kinds[i] != StateKind::kStep) continue;
    const std::size_t step = now_.values[i];
    if (step == reference.state.values[i]) {
      if (step < all) return 0;
      continue;
    }
    first = std::min(first, static_cast<std::size_t>(reference.state.values[i]));
    last = std::max(last, step);
  }
  first -= std::min<std::size_t>(first, 1);
  std::size_t end = first;
  while (end + period.steps < all && equal_steps(end, end + period.steps)) ++end;
  const std::size_t limit = end + period.steps;  // steps before it are in the pattern
  return last + 2 > limit ? 0 : (limit - last - 2) / period.steps;
}

// How many more periods of B chunks are like the last: no block that moves comes to the last chunk or to one that not
// all PE columns have whole, and the stores that leave meanwhile are like those before.
std::uint64_t Jumps::equal_chunk_periods(const Reference& reference, const Period& period) const {
  const std::uint64_t hold_rows = blocks_.schedule.config().accelerator.pe.hold_rows;
  if (period.rows == 0 || reference.job != blocks_.dma.job()) return 0;
  std::uint64_t times = equal_parts(reference, period);
  const auto limit = [&](std::size_t step, std::uint64_t at) {
    const Step& where = blocks_.schedule.steps()[step];
    const StepShape shape = blocks_.schedule.shape(where);
    const std::uint64_t last_column = where.b_rows - shape.b_slice * ((where.b_rows - 1) / shape.b_slice);
    times = std::min(times, last_column < at + hold_rows + 1 ? 0 : (last_column - at - hold_rows - 1) / period.rows);
  };
  // A place of a block is two numbers, its step and its rows; those that have not moved wait for something else.
  std::size_t step = 0;
  for (std::size_t i = 0; i < now_.values.size() && times > 0; ++i) {
    if (now_.kinds[i] == StateKind::kStep) step = now_.values[i];
    if (now_.kinds[i] == StateKind::kRows && now_.values[i] != reference.state.values[i]) limit(step, now_.values[i]);
  }
  for (const Lanes& pe : blocks_.pes) {
    const bool in_step = !pe.walk().done() && pe.walk().step_index() == blocks_.drain.order().step_index();
    if (in_step && pe.walk().chunk() < period.rows + hold_rows) return 0;  // it was in the first chunk
  }
  return times;
}

std::uint64_t Jumps::equal_parts(const Reference& reference, const Period& period) const {
  const std::size_t part = blocks_.dma.part();
  if (part == reference.part) {
    const std::uint64_t tiles = blocks_.buffer.drained.unasked();
    return tiles == kUnknown ? kUnknown : tiles / period.tiles;
  }
  if (period.growing || blocks_.dma.done()) return 0;
  const std::vector<StoreChunk>& parts = blocks_.schedule.jobs()[blocks_.dma.job()].chunks;
  const std::size_t more = part - reference.part;
  std::size_t end = reference.part;
  while (end + more < parts.size() && parts[end].bursts == parts[end + more].bursts &&
         parts[end].drained + period.tiles == parts[end + more].drained) {
    ++end;
  }
  // The one that is waited for must be in the pattern, and not the last, after which the space is freed.
  const std::size_t limit = std::min(end + more, parts.size() - 1);
  return part + 1 > limit ? 0 : (limit - part - 1) / more;
}

}  // namespace lnsim::fast
