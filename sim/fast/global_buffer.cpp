// SPDX-License-Identifier: Apache-2.0
#include "sim/fast/global_buffer.hpp"

#include <algorithm>

namespace lnsim::fast {

OperandPort::OperandPort(Shapes& shapes, Region region, BufferState& buffer, std::deque<Lanes>& pes)
    : shapes_(shapes),
      schedule_(shapes.schedule),
      region_(region),
      buffer_(buffer),
      transposer_(shapes.transposed_rate, schedule_.config().accelerator.global_buffer.read_cycles),
      rows_per_target_(is_a() ? schedule_.config().accelerator.pe.lanes : schedule_.config().accelerator.pe.hold_rows),
      capacity_(is_a() ? schedule_.config().buffer_a_vectors() : schedule_.config().buffer_b_vectors()),
      read_cycles_(schedule_.config().accelerator.global_buffer.read_cycles),
      hop_cycles_(schedule_.config().accelerator.network.hop_cycles),
      stride_(is_a() ? 1 : array_columns()),
      targets_(is_a() ? schedule_.config().accelerator.pe_array.rows : array_columns()) {
  for (Lanes& pe : pes) {
    destinations_.push_back(is_a() ? static_cast<OperandBuffer*>(&pe.buffer_a())
                                   : static_cast<OperandBuffer*>(&pe.buffer_b()));
  }
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    targets_[i].pes = destinations_.data() + (is_a() ? i * array_columns() : i);
    targets_[i].hops = 1 + i;
  }
  for (std::uint64_t i = 0; i <= rows_per_target_; ++i) {
    unit_words_.push_back(is_a() ? schedule_.a_unit_words(i) : schedule_.b_unit_words(i));
  }
  enter_step();
}

void OperandPort::fit_shape() {
  step_at_ = &schedule_.steps()[step_];
  const Step& step = *step_at_;
  shape_ = schedule_.shape(step);
  slice_ = is_a() ? shape_.a_slice : shape_.b_slice;
  all_rows_ = is_a() ? step.a_rows : step.b_rows;
}

void OperandPort::enter_step() {
  if (done()) return;
  fit_shape();
  const Step& step = *step_at_;
  word_base_ = is_a() ? step.a_word_base : step.b_word_base;
  transposed_ = is_a() ? shapes_.transposed_a(step) : shapes_.transposed_b(step);
  rate_ = transposed_ ? transposer_.rate() : 1;
  buffer_.filled_of(region_).retire(word_base_);
  block_ = row_ = 0;
  enter_block();
}

// A goes to the columns that have rows of B, B to the rows of PEs that have the block.
void OperandPort::enter_block() {
  fan_ = is_a() ? slices_beyond(step_at_->b_rows, shape_.b_slice, 0)
                : slices_beyond(step_at_->a_rows, shape_.a_slice, block_);
  target_count_ = slices_beyond(all_rows_, slice_, row_);
  enter_position();
}

// Targets with rows there are the first ones: slices are full but for the last.
void OperandPort::enter_position() {
  while (slice_ * (target_count_ - 1) + row_ >= all_rows_) --target_count_;
  const std::uint64_t end = is_a() ? std::min(block_ + shape_.block, slice_) : slice_;
  for (std::size_t i = 0; i < target_count_; ++i) {
    Target& target = targets_[i];
    const std::uint64_t begin = slice_ * i + row_;
    target.vectors = std::min({rows_per_target_, end - row_, all_rows_ - begin});
    target.words = unit_words_[target.vectors];
    const std::uint64_t filled_words = words_up_to(*step_at_, begin, begin + target.vectors);
    if (filled_words != target.filled_words) target.filled = kUnknown;
    target.filled_words = filled_words;
    target.logged = false;
  }
  target_ = 0;
  group_ = 0;
}

void OperandPort::next_position() {
  row_ += rows_per_target_;
  const std::uint64_t first_rows = std::min(slice_, all_rows_);
  if (row_ < (is_a() ? std::min(block_ + shape_.block, first_rows) : first_rows)) return enter_position();
  block_ += shape_.block;
  row_ = is_a() ? block_ : 0;
  if (block_ < std::min(shape_.a_slice, step_at_->a_rows)) return enter_block();
  free_tile(last_word_);
  left_ = last_word_;
  ++step_;
  if (done()) stalls_.not_busy(next_ - last_word_ - 1);  // nothing follows the pass's last word
  enter_step();
}

void OperandPort::free_tile(Cycle cycle) {
  if (is_a() ? step_at_->free_a : step_at_->free_b) {
    buffer_.space_of(region_).free(cycle, is_a() ? step_at_->a->bytes : step_at_->b->bytes);
  }
}

void OperandPort::came_to_step(Cycle left) {
  left_ = left;
  word_base_ = is_a() ? step_at_->a_word_base : step_at_->b_word_base;
  FillCounter& filled = buffer_.filled_of(region_);
  filled.retire(word_base_);
  for (std::size_t i = 0; i < target_count_; ++i) {
    const std::uint64_t begin = slice_ * i + row_;
    targets_[i].filled_words = words_up_to(*step_at_, begin, begin + targets_[i].vectors);
    targets_[i].filled = filled.seen(targets_[i].filled_words);
  }
}

void OperandPort::log(std::vector<RowsRead>* log) {
  log_ = log;
  for (Target& target : targets_) target.logged = false;
}

void OperandPort::log_rows(Target& target, Cycle start) {
  target.logged = true;
  if (log_ == nullptr) return;
  const std::uint64_t begin = slice_ * static_cast<std::uint64_t>(&target - targets_.data()) + row_;
  log_->push_back({step_, begin, begin + target.vectors, start, target.filled});
}

void OperandPort::moved_on(const Place& from, Cycle start) {
  if (log_ == nullptr || place() == from) return;
  log_->push_back({step_, 0, all_rows_, start, 0});
}

bool OperandPort::filled_alike(const std::vector<RowsRead>& rows, std::size_t steps, Cycle shift) const {
  const FillCounter& filled = buffer_.filled_of(region_);
  return std::all_of(rows.begin(), rows.end(), [&](const RowsRead& read) {
    const Step& step = schedule_.steps()[read.step + steps];
    const Cycle now = filled.seen(words_up_to(step, read.begin, read.end));
    return read.waited() ? now == read.filled + shift : now < read.start + shift;
  });
}

bool OperandPort::waits() const {
  return buffer_.filled_of(region_).total() < wait_.words ||
         (wait_.pe != nullptr && wait_.pe->freed.waits_for(wait_.vectors));
}

bool OperandPort::advance() {
  if (waits()) return false;
  bool moved = false;
  while (!done()) {
    while (group_ < shape_.groups) {
      if (target_ == 0 && group_ > 0 && repeat_round()) {
        moved = true;
        continue;
      }
      const Round before = state_now();
      if (!send(targets_[target_])) return moved;
      moved = true;
      if (target_ == 0) before_ = before;
      if (++target_ < target_count_) continue;
      target_ = 0;
      ++group_;
    }
    next_position();
  }
  return moved;
}

// G1.
bool OperandPort::send(Target& target) {
  if (target.filled == kUnknown) {
    target.filled = buffer_.filled_of(region_).seen(target.filled_words);
    if (target.filled == kUnknown) {
      wait_ = {target.filled_words, nullptr, 0};
      return false;
    }
  }
  // G3: all PEs have room for the whole unit.
  Cycle room = 0;
  OperandBuffer* const* const end = target.pes + fan_ * stride_;
  for (OperandBuffer* const* pe = target.pes; pe != end; pe += stride_) {
    const std::uint64_t vectors = (*pe)->sent + target.vectors;
    if (vectors <= capacity_) continue;
    (*pe)->room = (*pe)->freed.seen(vectors - capacity_);
    if ((*pe)->room == kUnknown) {
      wait_ = {0, *pe, vectors - capacity_};
      return false;
    }
    room = std::max(room, (*pe)->room);
  }
  const Cycle turn = transposed_ ? transposer_.ready() : transposer_.direct_ready();
  target.start = std::max({next_, target.filled, room, turn});
  if (!target.logged) log_rows(target, target.start);
  target.gap = target.start - next_;
  target.cause = target.filled == target.start ? kFill : room == target.start ? kCredit : kTransposer;
  // N1.
  target.first_word =
      transposed_ ? transposer_.turn(target.start, target.words, target.vectors) + 1 : target.start + read_cycles_;
  next_ = target.start + target.words * rate_;
  last_word_ = next_ - rate_;
  charge(target, 1);
  // N2; what is written in a cycle is seen in the next.
  Cycle seen = target.first_word + hop_cycles_ * target.hops + 1;
  for (OperandBuffer* const* pe = target.pes; pe != end; pe += stride_, seen += hop_cycles_) {
    (*pe)->sent += target.vectors;
    (*pe)->credit = (*pe)->room;
    (*pe)->arrivals.add({seen, 0, 1});
  }
  return true;
}

void OperandPort::charge(const Target& target, std::uint64_t units) {
  stalls_.charge(target.cause, units * target.gap);
  stalls_.busy(units * target.words * rate_);
  link_.add(units * target.words, target.hops + fan_ - 1);  // those of the farthest PE
  delivered_vectors_ += units * target.vectors * fan_;
}

// Once a round of units, one per target, has left the port and the transposer as they were but for a shift in time, so
// do all that follow while the credits that they wait for come in step, or early. They are sent at once.
bool OperandPort::repeat_round() {
  const Round now = state_now();
  const Cycle period = now.next - before_.next;
  if (transposed_ && (before_.turned < 2 || now.turned_out[0] - before_.turned_out[0] != period ||
                      now.turned_out[1] - before_.turned_out[1] != period)) {
    return false;
  }
  std::uint64_t rounds = shape_.groups - group_;
  for (std::size_t i = 0; i < target_count_ && rounds > 0; ++i) {
    rounds = std::min(rounds, equal_units(targets_[i], period));
  }
  if (rounds == 0) return false;
  const Cycle shift = rounds * period;
  std::uint64_t words = 0, vectors = 0;
  for (std::size_t i = 0; i < target_count_; ++i) {
    send_equal(targets_[i], period, rounds);
    words += rounds * targets_[i].words;
    vectors += rounds * targets_[i].vectors;
  }
  if (transposed_) transposer_.turn_equal(rounds * target_count_, words, vectors, shift);
  next_ += shift;
  last_word_ += shift;
  before_ = now;
  before_.next = next_ - period;
  for (std::size_t i = 0; i < 2; ++i) before_.turned_out[i] = transposer_.last_words()[i] - period;
  group_ += rounds;
  return true;
}

// How many of the target's next units are like the last, but `period` later each.
std::uint64_t OperandPort::equal_units(const Target& target, Cycle period) {
  if (target.filled >= target.start || (!transposed_ && transposer_.direct_ready() >= target.start)) return 0;
  std::uint64_t units = kUnknown;
  for (std::uint64_t i = 0; i < fan_ && units > 0; ++i) {
    const OperandBuffer& pe = *target.pes[i * stride_];
    const std::uint64_t vectors = pe.sent + target.vectors;
    const EventRun credits = vectors <= capacity_ ? EventRun{0, 0, (capacity_ - pe.sent) / target.vectors}
                                                  : pe.freed.ahead(vectors - capacity_, target.vectors);
    units = std::min(units, like_before(credits, pe.credit, static_cast<std::int64_t>(target.start) - 1, period));
  }
  return units;
}

void OperandPort::send_equal(Target& target, Cycle period, std::uint64_t units) {
  charge(target, units);
  if (!target.logged) log_rows(target, target.start + period);
  Cycle seen = target.first_word + period + hop_cycles_ * target.hops + 1;
  target.start += units * period;
  target.first_word += units * period;
  for (std::uint64_t i = 0; i < fan_; ++i, seen += hop_cycles_) {
    OperandBuffer& pe = *target.pes[i * stride_];
    pe.sent += units * target.vectors;
    if (pe.sent > capacity_) pe.credit = pe.freed.seen(pe.sent - capacity_);
    pe.arrivals.add({seen, period, units});
  }
}

void OperandPort::forget_past() {
  buffer_.filled_of(region_).forget_past(next_);
  for (OperandBuffer* pe : destinations_) pe->freed.forget_before(next_);
  for (std::size_t i = 0; i < target_count_; ++i) {
    for (std::uint64_t j = 0; j < fan_; ++j) {
      OperandBuffer& pe = *targets_[i].pes[j * stride_];
      if (pe.credit < targets_[i].start) pe.credit = pe.room = 0;
    }
  }
}

void OperandPort::visit(StateVisitor& state) {
  wait_ = {};
  transposer_.visit(state, !is_a());
  const std::uint64_t row_before = row_;
  const std::size_t step_before = step_;
  state.step(step_);
  const std::uint64_t block_before = block_;
  state.block(block_);
  if (is_a()) {
    row_ += block_ - block_before;
    std::uint64_t lanes = row_ - block_;
    state.lanes(lanes);
    row_ = block_ + lanes;
  } else {
    state.chunk(row_);
  }
  for (const std::uint64_t place : {std::uint64_t{target_}, group_, std::uint64_t{target_count_}, fan_}) {
    state.same(place);
  }
  if (step_ != step_before && !done()) fit_shape();
  state.count(word_base_);
  state.clock(next_);
  for (std::size_t i = 0; i < (done() ? 0 : target_count_); ++i) {
    Target& target = targets_[i];
    state.same(target.vectors);
    state.count(target.filled_words);
    state.filled(target.filled);
    state.time(target.start);
    state.time(target.first_word);
    state.history(target.gap);
    state.history(target.cause);
    if (row_ == row_before) continue;
    const std::uint64_t begin = slice_ * i + row_;
    target.filled_words = words_up_to(*step_at_, begin, begin + target.vectors);
    target.logged = false;
  }
  state.time(last_word_);
  state.time(before_.next);
  if (transposed_) {
    for (Cycle& cycle : before_.turned_out) state.stale(cycle, !is_a());
  }
  state.same(std::min<std::uint64_t>(before_.turned, 2));
  state.count(before_.turned);
  link_.visit(state);
  state.total(delivered_vectors_);
  state.stalls(stalls_);
}

bool OperandPort::tile_filled_before(Cycle cycle) const {
  if (done()) return true;
  const Cycle filled = buffer_.filled_of(region_).seen(words_up_to(*step_at_, 0, all_rows_));
  return filled != kUnknown && filled < cycle;
}

std::string OperandPort::state() const {
  return std::string(is_a() ? "port A" : "port B") + " in step " + std::to_string(step_);
}

void OperandPort::report(RunResult& result) const {
  Counts& counts = result.counts;
  counts[is_a() ? Action::kGlobalBufferAWords : Action::kGlobalBufferBWords] += link_.words;
  counts[is_a() ? Action::kNetworkAWordHops : Action::kNetworkBWordHops] += link_.hops;
  counts[is_a() ? Action::kBufferAWriteVectors : Action::kBufferBWriteVectors] += delivered_vectors_;
  counts[is_a() ? Action::kTransposerAVectors : Action::kTransposerBVectors] += transposer_.vectors();
  stalls_.report(result.stalls, is_a() ? "global_buffer_a" : "global_buffer_b",
                 {"fill", "credit", "transposer", "done"}, result.cycles);
}

PreloadPort::PreloadPort(const GemmSchedule& schedule, BufferState& buffer, std::deque<Lanes>& pes)
    : schedule_(schedule), buffer_(buffer), pes_(pes), order_(schedule), tile_of_pe_(pes.size()) {
  for (const Step& step : schedule.steps()) any_ |= step.preload != PreloadFrom::kNone;
  if (any_) buffer_.drained.keep_for_preloads();
}

// The sums of the tile at hand are in the global buffer (seen).
Cycle PreloadPort::sums_there() {
  const Step& step = order_.step();
  if (step.preload == PreloadFrom::kDram) {
    return buffer_.filled_of(Region::kOut).seen(step.out_word_base + step.reload_words);
  }
  return buffer_.drained.for_preload();
}

bool PreloadPort::filled_before(Cycle cycle) const {
  if (done() || order_.step().preload != PreloadFrom::kDram) return true;
  const Step& step = order_.step();
  const Cycle filled = buffer_.filled_of(Region::kOut).seen(step.out_word_base + step.reload_words);
  return filled != kUnknown && filled < cycle;
}

// Tiles that start from zero.
void PreloadPort::pass_over() {
  while (!order_.done() && order_.step().preload == PreloadFrom::kNone) {
    ++tile_of_pe_[order_.pe()];
    order_.next();
  }
  if (order_.done()) {
    buffer_.drained.forget_before(kUnknown);
  } else if (order_.step_index() > 0) {
    const Step& step = order_.step();
    if (step.preload == PreloadFrom::kDram) {
      buffer_.filled_of(Region::kOut).retire(step.out_word_base);
      buffer_.drained.forget_before(step.tile_base);
    } else {
      // The same tile of the step before.
      buffer_.drained.forget_before(schedule_.steps()[order_.step_index() - 1].tile_base + order_.index() -
                                    step.tile_base);
    }
  }
}

bool PreloadPort::advance() {
  bool moved = false;
  while (!done()) {
    pass_over();
    if (order_.done()) return true;
    Collector& collector = pes_[order_.pe()].collector();
    std::uint64_t& tile = tile_of_pe_[order_.pe()];
    const Cycle sums = sums_there();
    const Cycle bank = collector.bank_free(tile);
    if (sums == kUnknown || bank == kUnknown) return moved;
    const PeArrayParams& array = schedule_.config().accelerator.pe_array;
    const GlobalBufferParams& buffer = schedule_.config().accelerator.global_buffer;
    const std::uint64_t hops = 1 + order_.pe() / array.columns + order_.pe() % array.columns;
    const std::uint64_t words = ceil_div(order_.outputs() * schedule_.config().psum_bits, schedule_.link_bytes() * 8);
    const Cycle start = std::max({next_, sums, bank});
    stalls_.charge(sums >= bank ? kSums : kCredit, start - next_);
    stalls_.busy(words);
    next_ = start + words;
    link_.add(words, hops);
    collector.preloaded.push_back(next_ + buffer.read_cycles +
                                  schedule_.config().accelerator.network.hop_cycles * hops);
    ++tile;
    order_.next();
    moved = true;
  }
  return moved;
}

void PreloadPort::visit(StateVisitor& state) {
  if (!any_) return;
  order_.visit(state);
  for (std::size_t pe = 0; pe < pes_.size(); ++pe) {
    state.lead(tile_of_pe_[pe] - pes_[pe].collector().drained());
    state.count(tile_of_pe_[pe]);
  }
  state.clock(next_);
  link_.visit(state);
  state.stalls(stalls_);
}

std::string PreloadPort::state() const { return "partial sums before tile " + std::to_string(order_.index()); }

void PreloadPort::report(RunResult& result) const {
  result.counts[Action::kGlobalBufferPreloadWords] += link_.words;
  result.counts[Action::kNetworkPreloadWordHops] += link_.hops;
  stalls_.report(result.stalls, "global_buffer_preload", {"sums", "credit", "done"}, result.cycles);
}

}  // namespace lnsim::fast
