// SPDX-License-Identifier: Apache-2.0
#include "sim/fast/state.hpp"

#include <algorithm>

namespace lnsim::fast {

// Apart, so that what is done for every number is short enough to be inlined.
void Snapshot::grow() {
  values_.resize(2 * size_ + 64);
  kinds_.resize(2 * size_ + 64);
}

void Snapshot::copy(const Snapshot& other, std::size_t first) {
  size_ = other.size_ - first;
  if (values_.size() < size_) {
    values_.resize(size_);
    kinds_.resize(size_);
  }
  const auto offset = static_cast<std::ptrdiff_t>(first);
  std::copy_n(other.values_.begin() + offset, size_, values_.begin());
  std::copy_n(other.kinds_.begin() + offset, size_, kinds_.begin());
  const auto copy_positions = [&](const std::vector<std::uint32_t>& from, std::vector<std::uint32_t>& to) {
    to.clear();
    for (const std::uint32_t position : from) {
      if (position >= first) to.push_back(position - static_cast<std::uint32_t>(first));
    }
  };
  copy_positions(other.clocks_, clocks_);
  copy_positions(other.places_, places_);
}

std::vector<std::uint64_t> moves(const Snapshot& from, const Snapshot& to, std::uint64_t times, Cycle period,
                                 bool in_place) {
  std::vector<std::uint64_t> moves(to.size());
  for (std::size_t i = 0; i < to.size(); ++i) {
    const StateKind kind = to.kind(i);
    const std::uint64_t difference = to.value(i) - from.value(i);
    // A time long past that differs by something else stays.
    const bool may_stay = kind == StateKind::kFilled || kind == StateKind::kPast;
    const bool stays = in_place && (kind == StateKind::kCount || is_place(kind));
    moves[i] = stays || (may_stay && difference != period) ? 0 : times * difference;
  }
  return moves;
}

void StateVisitor::become(std::uint64_t& x, StateKind kind) {
  const std::uint64_t from = from_->value(at_);
  const std::uint64_t to = to_->value(at_);
  ++at_;
  if (!replays_) {
    x = to;
  } else if (is_time(kind)) {
    if (to != from) x = to == 0 || to == kUnknown ? to : to + shift_;
  } else {
    x += to - from;
  }
}

}  // namespace lnsim::fast
