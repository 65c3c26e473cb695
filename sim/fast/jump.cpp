// SPDX-License-Identifier: Apache-2.0
#include "sim/fast/jump.hpp"

#include <algorithm>

namespace lnsim::fast {

namespace {

Cycle margin_of(const GemmBlocks& blocks) {
  const Accelerator& machine = blocks.schedule.config().accelerator;
  const PeParams& pe = machine.pe;
  // Of the longest unit: its words on the link, at a transposer's rate.
  const std::uint64_t words =
      std::max(blocks.schedule.a_unit_words(pe.lanes), blocks.schedule.b_unit_words(pe.hold_rows));
  return 64 + 4 * words * blocks.schedule.transposed_word_cycles() + 4 * machine.global_buffer.read_cycles +
         4 * machine.network.hop_cycles * (machine.pe_array.rows + machine.pe_array.columns + 1) +
         4 * (pe.lanes + pe.hold_rows + pe.datapath_cycles + pe.ppu_cycles + machine.dma.request_cycles) +
         4 * (pe.accumulate_cycles_fixed + pe.accumulate_cycles_float);
}

constexpr std::uint32_t bit(StateKind kind) { return std::uint32_t{1} << static_cast<unsigned>(kind); }
constexpr std::uint32_t kAlways = bit(StateKind::kTotal) | bit(StateKind::kCount) | bit(StateKind::kHistory);
/// Whether a number may be what it is (Jumps::recurs) for its kind alone: whatever it is, if it does not differ, if it
/// differs by the period.
constexpr bool fits_always(StateKind kind) { return (kAlways & bit(kind)) != 0; }
constexpr bool fits_still(StateKind kind) {
  constexpr std::uint32_t kKinds = kAlways | bit(StateKind::kSame) | bit(StateKind::kLead) | bit(StateKind::kTime) |
                                   bit(StateKind::kClock) | bit(StateKind::kStep) | bit(StateKind::kBlock) |
                                   bit(StateKind::kChunk) | bit(StateKind::kLanes);
  return (kKinds & bit(kind)) != 0;
}
constexpr bool fits_moved(StateKind kind) {
  constexpr std::uint32_t kKinds = kAlways | bit(StateKind::kTime) | bit(StateKind::kClock) | bit(StateKind::kStale) |
                                   bit(StateKind::kFilled) | bit(StateKind::kLoad) | bit(StateKind::kPast);
  return (kKinds & bit(kind)) != 0;
}

}  // namespace

Jumps::Jumps(const GemmBlocks& blocks, bool periods)
    : blocks_(blocks),
      periods_(periods),
      margin_(margin_of(blocks)),
      store_of_(blocks.schedule.steps().size()),
      memo_(blocks, margin_) {
  for (const DmaJob& job : blocks.schedule.jobs()) {
    if (job.kind == JobKind::kStore) store_of_[job.step] = &job;
  }
}

// The slowest loop of the drain order that has moved on since the last look; kLoops if none has.
std::size_t Jumps::moved_loop() const {
  const TileOrder& order = blocks_.drain.order();
  if (order.step_index() != step_) {
    std::size_t loop = kBlock;
    for (std::size_t step = step_ + 1; step <= order.step_index(); ++step) {
      loop = std::min<std::size_t>(loop, blocks_.schedule.steps()[step].loop);
    }
    return loop;
  }
  return order.block() != block_             ? kBlock
         : order.chunk() != chunk_           ? kChunk
         : order.lane_group() != lane_group_ ? kLanes
                                             : kLoops;
}

// A loop of few turns is over before its period is found, and one of few tiles before that has paid.
bool Jumps::long_enough(std::size_t loop) const {
  constexpr std::uint64_t kTurns = 4, kTiles = 18;
  if (!in_step(loop)) return true;
  const TileOrder& order = blocks_.drain.order();
  const PeParams& pe = blocks_.schedule.config().accelerator.pe;
  const StepShape& shape = order.shape();
  const std::uint64_t a_rows = shape.a_rows(order.step(), 0);
  const std::uint64_t lane_groups = ceil_div(std::min(shape.block, a_rows - order.block()), pe.lanes);
  const std::uint64_t chunks = ceil_div(shape.b_rows(order.step(), 0), pe.hold_rows);
  const std::uint64_t blocks = ceil_div(a_rows, shape.block);
  const std::uint64_t over = loop == kBlock   ? order.block() / shape.block
                             : loop == kChunk ? order.chunk() / pe.hold_rows
                                              : order.lane_group() / pe.lanes;
  const std::uint64_t turns = (loop == kBlock ? blocks : loop == kChunk ? chunks : lane_groups) - over;
  const std::uint64_t tiles = turns * (loop == kBlock ? chunks * lane_groups : loop == kChunk ? lane_groups : 1);
  return turns >= kTurns && tiles * order.pes() >= kTiles;
}

std::uint64_t Jumps::rows_of(std::size_t loop) const {
  const TileOrder& order = blocks_.drain.order();
  return loop == kBlock ? order.block() : loop == kChunk ? order.chunk() : loop == kLanes ? order.lane_group() : 0;
}

// Loops within `outer`, and with another GEMM (or at the end) all of them, are through.
void Jumps::leave_loops(std::size_t outer) {
  const TileOrder& order = blocks_.drain.order();
  const std::uint32_t gemm = blocks_.schedule.steps()[step_].gemm;
  const bool other = order.done() || order.step().gemm != gemm;
  for (std::size_t loop = other ? 0 : outer + 1; loop < kBlock; ++loop) {
    missed_ |= blocks_.schedule.cut(gemm, loop).left_out > 0 && !jumped_[loop];
    jumped_[loop] = false;
  }
}

bool Jumps::look() {
  const TileOrder& order = blocks_.drain.order();
  if (order.done()) {
    if (!ended_) leave_loops(kBatch);
    ended_ = true;
    return false;
  }
  const std::size_t loop = moved_loop();
  if (loop == kLoops) return false;
  recorded_ = false;
  const bool tries = periods_ && long_enough(loop);
  if (tries || !in_step(loop)) blocks_.forget_past(margin_);
  if (!in_step(loop)) {
    leave_loops(loop);
    record();
    memo_.end_recording(now_, compute_side_);
  }
  for (std::size_t inner = loop + 1; inner < kLoops; ++inner) references_[inner].power = 0;
  if (tries && try_jump(references_[loop], loop)) {
    references_[loop].power = 0;
    recorded_ = false;
  }
  step_ = order.step_index();
  block_ = order.block();
  chunk_ = order.chunk();
  lane_group_ = order.lane_group();
  if (in_step(loop)) return false;
  if (!recorded_) {
    blocks_.forget_past(margin_);
    record();
  }
  const std::uint64_t tiles = order.step().tiles;
  if (!memo_.pass_step(now_, compute_side_)) return false;
  remembered_tiles_ += tiles;
  return true;
}

Jumps::Signature Jumps::signature(std::size_t loop) const {
  const Cycle now = blocks_.drain.next();
  const Lanes& pe = blocks_.pes.front();
  const auto loads = [&](Region region) { return blocks_.buffer.filled_of(region).loads(); };
  return {pe.next_issue() - now,
          in_step(loop) ? 0 : blocks_.b.next() - now,
          pe.buffer_a().arrivals.runs(),
          pe.buffer_b().arrivals.runs(),
          pe.buffer_a().freed.runs(),
          pe.buffer_b().freed.runs(),
          loads(Region::kA),
          loads(Region::kB),
          loads(Region::kOut)};
}

// A port has moved on with the loop, or, within a step, waits for something else.
bool Jumps::port_fits(const OperandPort::Place& now, const OperandPort::Place& before, bool is_a, std::size_t loop,
                      const Period& period) {
  if (!in_step(loop)) {
    return now.step == before.step + period.steps && now.block == before.block && now.row == before.row;
  }
  if (now == before) return true;
  if (now.step != before.step) return false;
  const bool moves = loop == kBlock || (loop == kLanes) == is_a;
  const std::uint64_t block = loop == kBlock ? period.rows : 0;
  const std::uint64_t row = is_a || loop == kChunk ? period.rows : 0;
  return moves && now.block == before.block + block && now.row == before.row + row;
}

void Jumps::record() {
  if (recorded_) return;
  StateVisitor visitor(now_);
  blocks_.visit_memory_side(visitor);
  compute_side_ = now_.size();
  blocks_.visit_compute_side(visitor);
  recorded_ = true;
}

void Jumps::refer(Reference& reference, std::size_t loop) {
  record();
  reference.state.copy(now_);
  blocks_.buffer.drained.mark(reference.drained);
  reference.a = blocks_.a.place();
  reference.b = blocks_.b.place();
  reference.a_next = blocks_.a.next();
  reference.b_next = blocks_.b.next();
  reference.preloaded = blocks_.preload.order().index();
  reference.step = blocks_.drain.order().step_index();
  reference.rows = rows_of(loop);
  reference.job = blocks_.dma.job();
  reference.part = blocks_.dma.part();
  reference.time = blocks_.drain.next();
  reference.signature = signature(loop);
  reference.age = 0;
  reference.power = std::max<std::uint64_t>(2 * reference.power, 1);
}

bool Jumps::try_jump(Reference& reference, std::size_t loop) {
  if (reference.power != 0) {
    ++reference.age;
    if (signature(loop) == reference.signature) {
      DrainedTiles& drained = blocks_.buffer.drained;
      const Period period{blocks_.drain.next() - reference.time, blocks_.drain.order().step_index() - reference.step,
                          rows_of(loop) - reference.rows, drained.total() - reference.drained.total};
      if (period.cycles > 0 && port_fits(blocks_.a.place(), reference.a, true, loop, period) &&
          port_fits(blocks_.b.place(), reference.b, false, loop, period) &&
          (in_step(loop) ? drained.recurs_in_step(reference.drained, period.tiles, period.cycles)
                         : drained.recurs_by_steps(reference.drained, period.cycles))) {
        record();
        StepPeriods times;
        if (recurs(reference, loop, period)) {
          if (in_step(loop)) {
            times.listed = equal_turns(reference, loop, period);
          } else {
            times = equal_step_periods(reference, loop, period);
          }
        }
        if (times.left_out > 0) {
          move_in_time(reference, period, times.left_out);
          jumped_[loop] = true;
        }
        if (times.listed > 0) move_on(reference, loop, period, times.listed);
        tiles_ += (times.listed + times.left_out) * period.tiles;
        if (times.listed + times.left_out > 0) return true;
      }
    }
    if (reference.age < reference.power) return false;
  }
  refer(reference, loop);
  return false;
}

void Jumps::move_on(const Reference& reference, std::size_t loop, const Period& period, std::uint64_t times) {
  const std::vector<std::uint64_t> all = moves(reference.state, now_, times, period.cycles, false);
  StateVisitor visitor(all);
  blocks_.visit(visitor);
  DrainedTiles& drained = blocks_.buffer.drained;
  if (in_step(loop)) {
    blocks_.a.moved_on(reference.a, reference.a_next);
    blocks_.b.moved_on(reference.b, reference.b_next);
    drained.move_on_in_step(reference.drained, period.tiles, period.cycles, times);
  } else {
    drained.move_on_by_steps(reference.drained, period.cycles, times);
  }
}

// Over turns that are not listed: everything is later, and no place in the list changes.
void Jumps::move_in_time(const Reference& reference, const Period& period, std::uint64_t times) {
  const std::vector<std::uint64_t> all = moves(reference.state, now_, times, period.cycles, true);
  StateVisitor visitor(all);
  blocks_.visit(visitor);
  blocks_.buffer.drained.move_in_time(times * period.cycles);
}

// The earliest cycle that a block in use looks back to.
Cycle Jumps::floor(const Reference& reference) const {
  Cycle earliest = kUnknown;
  for (const std::uint32_t i : now_.clocks()) {
    const Cycle before = reference.state.value(i);
    if (now_.value(i) != before) earliest = std::min(earliest, before);
  }
  return earliest;
}

bool Jumps::recurs(const Reference& reference, std::size_t loop, const Period& period) const {
  if (!now_.like(reference.state)) return false;
  const Cycle earliest = floor(reference);
  const auto long_past = [&](Cycle time) { return time != kUnknown && time + margin_ <= earliest; };
  const bool preloads_wait = in_step(loop) && blocks_.preload.order().index() == reference.preloaded;
  // The clock visited last before a number.
  const auto clock_before = [&](std::size_t i) {
    return *(std::upper_bound(now_.clocks().begin(), now_.clocks().end(), i) - 1);
  };
  for (std::size_t i = 0; i < now_.size(); ++i) {
    const std::uint64_t before = reference.state.value(i);
    const std::uint64_t difference = now_.value(i) - before;
    const bool moved = difference == period.cycles, still = difference == 0;
    // As it is with almost every number.
    if (still ? fits_still(now_.kind(i)) : moved ? fits_moved(now_.kind(i)) : fits_always(now_.kind(i))) continue;
    const auto place = [&](std::size_t of_loop) { return still || (loop == of_loop && difference == period.rows); };
    bool fits = true;
    switch (now_.kind(i)) {
      case StateKind::kTotal:
      case StateKind::kCount:
      case StateKind::kHistory: break;
      case StateKind::kSame: fits = still; break;
      case StateKind::kLead: fits = still || preloads_wait; break;
      case StateKind::kClock:
      case StateKind::kTime: fits = moved || still; break;
      case StateKind::kStale: fits = moved || (still && long_past(before)); break;
      case StateKind::kFilled:
        // Before the port is free, it has no part in when its units start.
        fits = moved || (still && (in_step(loop) || before == kUnknown)) ||
               (before < reference.state.value(clock_before(i)) && now_.value(i) < now_.value(clock_before(i)));
        break;
      case StateKind::kLoad: fits = moved || (still && (in_step(loop) || long_past(before))); break;
      case StateKind::kPast:
        fits = moved || (still && in_step(loop)) || (long_past(before) && long_past(now_.value(i)));
        break;
      case StateKind::kStep: fits = still || (!in_step(loop) && difference == period.steps); break;
      case StateKind::kBlock: fits = place(kBlock); break;
      case StateKind::kChunk: fits = place(kChunk); break;
      case StateKind::kLanes: fits = place(kLanes); break;
    }
    if (!fits) return false;
  }
  if (!in_step(loop)) return true;
  // A port that goes on through its tile must not come to rows that were filled late.
  return blocks_.preload.filled_before(earliest - std::min(earliest, margin_)) &&
         (blocks_.a.place() == reference.a || blocks_.a.tile_filled_before(reference.a_next)) &&
         (blocks_.b.place() == reference.b || blocks_.b.tile_filled_before(reference.b_next));
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
Jumps::StepPeriods Jumps::equal_step_periods(const Reference& reference, std::size_t loop, const Period& period) const {
  const std::vector<DmaJob>& jobs = blocks_.schedule.jobs();
  const std::size_t all = blocks_.schedule.steps().size();
  const DrainedTiles& drained = blocks_.buffer.drained;
  if (blocks_.dma.done() || reference.part != blocks_.dma.part()) return {};
  // Where the blocks stand, and one step more, of which the DMA's order and what is kept or freed depend.
  std::size_t first = all, last = 0, waits = all;
  const auto moves_on = [&](std::size_t before_at, std::size_t now_at) {
    if (now_at >= jobs.size()) return false;
    const DmaJob& before = jobs[before_at];
    const DmaJob& now = jobs[now_at];
    first = std::min<std::size_t>(first, before.step);
    last = std::max<std::size_t>(last, now.step);
    return before.kind == now.kind && before.region == now.region && now.step == before.step + period.steps &&
           now.kind != JobKind::kParameters && now.kind != JobKind::kDirect;
  };
  const bool asked = drained.ask_job() != reference.drained.ask_job;  // else the next store comes later
  if (!moves_on(reference.job, blocks_.dma.job())) return {};
  if (asked && !moves_on(reference.drained.ask_job, drained.ask_job())) return {};
  for (const std::uint32_t i : now_.places()) {
    if (now_.kind(i) != StateKind::kStep) continue;
    const std::size_t step = now_.value(i);
    if (step == reference.state.value(i)) {
      waits = std::min(waits, step);
      continue;
    }
    first = std::min(first, static_cast<std::size_t>(reference.state.value(i)));
    last = std::max(last, step);
  }
  first -= std::min<std::size_t>(first, 1);
  std::size_t end = first;
  // A loop with turns that are not listed must not be left by the way.
  const bool stays = blocks_.schedule.is_short();
  const auto left = [&](std::size_t step) {
    const Step& from = blocks_.schedule.steps()[reference.step];
    const Step& to = blocks_.schedule.steps()[step];
    return from.gemm != to.gemm ||
           !std::equal(from.turns.begin(), from.turns.begin() + static_cast<std::ptrdiff_t>(loop), to.turns.begin());
  };
  while (end + period.steps < all && equal_steps(end, end + period.steps) && !(stays && left(end + period.steps)))
    ++end;
  // Steps before it are in the pattern, and before what a block waits for that has not moved.
  const std::size_t limit = std::min(end + period.steps, waits);
  StepPeriods times{last + 2 > limit ? 0 : (limit - last - 2) / period.steps, 0};
  if (last + 1 < limit) times.left_out = periods_left_out(loop, first, last + 1, period);
  // Those that are not listed first: no room for them must be lost.
  if (cut_ahead(loop) && times.left_out == 0) return {};
  if (asked || drained.until_asked() == kUnknown) return times;
  times.listed = std::min(times.listed, (drained.until_asked() - 1) / period.tiles);
  return times;
}

// Turns of the loop that are not listed have still to be jumped over.
bool Jumps::cut_ahead(std::size_t loop) const {
  return blocks_.schedule.cut(blocks_.drain.order().step().gemm, loop).left_out > 0 && !jumped_[loop];
}

// All places, those of the reference and the neighbours of all among them, are in turns of the loop that are alike, in
// one run through it: as many more turns of that kind can follow.
std::uint64_t Jumps::periods_left_out(std::size_t loop, std::size_t first, std::size_t last,
                                      const Period& period) const {
  const Step& from = blocks_.schedule.steps()[first];
  const Step& to = blocks_.schedule.steps()[last];
  const LoopCut& cut = blocks_.schedule.cut(from.gemm, loop);
  if (jumped_[loop] || cut.left_out == 0 || from.gemm != to.gemm) return 0;
  for (std::size_t outer = 0; outer < loop; ++outer) {
    if (from.turns[outer] != to.turns[outer]) return 0;
  }
  if (from.turns[loop] == 0 || to.turns[loop] + 2 > cut.listed) return 0;
  std::uint64_t steps_of_turn = 1;
  for (std::size_t inner = loop + 1; inner < kBlock; ++inner) {
    steps_of_turn *= blocks_.schedule.cut(from.gemm, inner).listed;
  }
  const std::uint64_t turns = period.steps / steps_of_turn;
  return period.steps % steps_of_turn != 0 || turns == 0 || cut.left_out % turns != 0 ? 0 : cut.left_out / turns;
}

// How many more turns of a loop within the step are like the last: no block comes to the loop's last turn, and the
// stores that leave meanwhile, and the sums that are continued, are like those before.
std::uint64_t Jumps::equal_turns(const Reference& reference, std::size_t loop, const Period& period) const {
  const DrainedTiles& drained = blocks_.buffer.drained;
  if (period.rows == 0 || period.tiles == 0 || reference.job != blocks_.dma.job()) return 0;
  std::uint64_t times = turns_to_last(reference, loop, period);
  if (times == 0) return 0;
  if (blocks_.dma.part() != reference.part) {
    times = std::min(times, equal_parts(reference.job, reference.part, blocks_.dma.part(), period.tiles));
  }
  if (drained.ask_job() != reference.drained.ask_job) return 0;
  if (drained.ask_part() != reference.drained.ask_part) {
    times =
        std::min(times, equal_parts(drained.ask_job(), reference.drained.ask_part, drained.ask_part(), period.tiles));
  } else if (drained.until_asked() != kUnknown) {
    times = std::min(times, (drained.until_asked() - 1) / period.tiles);
  }
  const Cycle earliest = floor(reference);
  return std::min(times,
                  drained.stretches_long_past(reference.drained, period.tiles, earliest - std::min(earliest, margin_)));
}

// The loop's last turn frees operands, and so that all PEs have the same work, no PE may have come to its own. The
// first turn, in which operands are new, must be over for all that move.
std::uint64_t Jumps::turns_to_last(const Reference& reference, std::size_t loop, const Period& period) const {
  const PeParams& pe = blocks_.schedule.config().accelerator.pe;
  std::uint64_t times = kUnknown;
  const auto last_slice = [](std::uint64_t rows, std::uint64_t slice) { return rows - slice * ((rows - 1) / slice); };
  // The port of the operand that the loop moves, which is visited first, does in its last turn what it does in others.
  bool port = true;
  const auto limit = [&](std::uint64_t at, std::uint64_t turn, std::uint64_t rows, bool first_counts) {
    if (first_counts && at < period.rows + turn) times = 0;
    const std::uint64_t before_last = port && first_counts && rows % turn == 0 ? 0 : 1;
    times = std::min(times, rows < at + turn + before_last ? 0 : (rows - at - turn - before_last) / period.rows);
  };
  // A place of a block is its step, its block, its chunk and its lane group, in this order, as far as it has them; what
  // has not moved waits for something else.
  const Step* step = nullptr;
  StepShape shape;
  std::uint64_t block = 0;
  const std::size_t all = blocks_.schedule.steps().size();
  for (const std::uint32_t i : now_.places()) {
    if (times == 0) break;
    const std::uint64_t at = now_.value(i);
    const bool moved = at != reference.state.value(i);
    switch (now_.kind(i)) {
      case StateKind::kStep:
        step = at < all ? &blocks_.schedule.steps()[at] : nullptr;
        if (step != nullptr) shape = blocks_.schedule.shape(*step);
        break;
      case StateKind::kBlock:
        block = at;
        if (moved && loop == kBlock) limit(at, shape.block, last_slice(step->a_rows, shape.a_slice), false);
        break;
      case StateKind::kChunk:
        if (moved && loop == kChunk) limit(at, pe.hold_rows, last_slice(step->b_rows, shape.b_slice), true);
        port = port && loop != kChunk;
        break;
      case StateKind::kLanes:
        if (moved && loop == kLanes) {
          const std::uint64_t rows = last_slice(step->a_rows, shape.a_slice);
          limit(at, pe.lanes, rows < block ? 0 : std::min(shape.block, rows - block), true);
        }
        port = port && loop != kLanes;
        break;
      default: break;
    }
  }
  return times == kUnknown ? 0 : times;
}

// How many more times as many parts of a store as since then are like those before.
std::uint64_t Jumps::equal_parts(std::size_t job, std::size_t before, std::size_t now, std::uint64_t tiles) const {
  const StoreChunks& parts = blocks_.schedule.jobs()[job].chunks;
  const std::size_t more = now - before;
  std::size_t end = before;
  while (end + more < parts.size() && parts[end].bursts == parts[end + more].bursts &&
         parts[end].drained + tiles == parts[end + more].drained) {
    ++end;
  }
  // The one that is waited for must be in the pattern, and not the last, after which the space is freed.
  const std::size_t limit = std::min(end + more, parts.size() - 1);
  return now + 1 > limit ? 0 : (limit - now - 1) / more;
}

}  // namespace lnsim::fast
