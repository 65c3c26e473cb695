// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "sim/fast/dram.hpp"
#include "sim/fast/ring.hpp"
#include "sim/fast/state.hpp"
#include "sim/schedule/dma_job.hpp"
#include "sim/support/error.hpp"

namespace lnsim::fast {

/// Space of one region of the global buffer (docs/machine.md, M1, M5, G4).
class RegionSpace {
 public:
  void set_capacity(std::uint64_t bytes) { capacity_ = bytes; }
  /// Freed in `cycle`; calls come in order of time.
  void free(Cycle cycle, std::uint64_t bytes) {
    freed_.push_back({cycle, bytes});
    freed_total_ += bytes;
  }
  /// First cycle in which claim `id` of the region can be made: claims before it and the space it needs are seen.
  /// kUnknown if that depends on claims or frees that are not known yet.
  [[nodiscard]] Cycle earliest_claim(std::uint64_t id, std::uint64_t bytes);
  void claim(Cycle cycle, std::uint64_t bytes) {
    ++claims_;
    claimed_ += bytes;
    claim_from_ = cycle + 1;
  }
  /// Everything that was claimed has been freed.
  [[nodiscard]] bool balanced() const { return claimed_ == freed_total_; }
  void visit(StateVisitor& state) {
    state.same(claimed_ - freed_used_);
    for (std::uint64_t* total : {&claims_, &claimed_, &freed_used_, &freed_total_}) state.count(*total);
    state.time(claim_from_);
    state.load(freed_seen_);
    state.ring(freed_, [&](Freed& freed) {
      state.time(freed.cycle);
      state.same(freed.bytes);
    });
  }

 private:
  struct Freed {
    Cycle cycle;
    std::uint64_t bytes;
  };
  std::uint64_t capacity_ = 0;
  std::uint64_t claims_ = 0, claimed_ = 0;
  Cycle claim_from_ = 0;
  Ring<Freed> freed_;             ///< that no claim has needed yet
  std::uint64_t freed_used_ = 0;  ///< bytes of those that were needed
  Cycle freed_seen_ = 0;          ///< of the last of them
  std::uint64_t freed_total_ = 0;
};

/// Words of one region written by the DMA, counted over the pass in order of arrival (D2).
class FillCounter {
 public:
  explicit FillCounter(const Dram& dram) : dram_(&dram) {}
  void add(const Dram::Transfer& load) {
    if (load.words > 0) loads_.push_back({total_, load});
    total_ += load.words;
  }
  /// First cycle that sees so many words written; kUnknown if not all of their loads are known. Not for words that were
  /// retired, except the last of them.
  [[nodiscard]] Cycle seen(std::uint64_t words) const;
  /// Nobody asks for fewer words any more.
  void retire(std::uint64_t words);
  void visit(StateVisitor& state) {
    state.ring(loads_, [&](Load& load) {
      state.same(total_ - load.first);
      state.count(load.first);
      state.same(load.transfer.words);
      for (BusTime* time : {&load.transfer.start, &load.transfer.end}) {
        state.load(time->cycle);
        state.same(time->ticks);
      }
    });
    state.count(total_);
    state.load(retired_seen_);
  }

 private:
  struct Load {
    std::uint64_t first;  ///< words before it
    Dram::Transfer transfer;
  };
  const Dram* dram_;
  Ring<Load> loads_;
  std::uint64_t total_ = 0;
  Cycle retired_seen_ = 0;
};

/// When output tiles (or chunks of sweeps) had been written to the global buffer, in order.
class DrainedTiles {
 public:
  void add(Cycle cycle) {
    cycles_.push_back(cycle);
    while (first_ < kept_[0] && first_ < kept_[1] && !cycles_.empty()) cycles_.pop_front(), ++first_;
  }
  /// First cycle that sees so many tiles drained; kUnknown if not known yet.
  [[nodiscard]] Cycle seen(std::uint64_t tiles) const {
    if (tiles == 0) return 0;
    if (tiles > first_ + cycles_.size()) return kUnknown;
    LNSIM_CHECK(tiles > first_, "a drained tile was forgotten too early");
    return cycles_[tiles - 1 - first_] + 1;
  }
  /// The stores ask only for this tile and later ones from now on.
  void keep_for_stores(std::uint64_t tile) { kept_[0] = tile; }
  void keep_for_preloads(std::uint64_t tile) { kept_[1] = tile; }
  [[nodiscard]] std::uint64_t total() const { return first_ + cycles_.size(); }
  /// Tiles that drain before the one that the stores wait for; kUnknown if they wait for none.
  [[nodiscard]] std::uint64_t unasked() const { return kept_[0] >= total() ? kept_[0] - total() : kUnknown; }
  /// How far the tile at hand is from one that is asked for does not matter while it comes before it. Without the
  /// times.
  void visit(StateVisitor& state) {
    for (std::uint64_t& kept : kept_) {
      state.same(kept == kUnknown ? kUnknown : std::max(kept, first_) - kept);
      state.count(kept);
    }
    state.count(first_);
  }
  [[nodiscard]] std::vector<Cycle> times() const {
    std::vector<Cycle> times;
    for (std::size_t i = 0; i < cycles_.size(); ++i) times.push_back(cycles_[i]);
    return times;
  }
  /// As far as the times decide, the state is that of `before`, which had `tiles` fewer, `period` later: nobody has
  /// asked for a tile since (`growing`), or as many were asked for as have drained.
  [[nodiscard]] bool recurs(const std::vector<Cycle>& before, std::uint64_t tiles, Cycle period, bool& growing) const {
    growing = cycles_.size() != before.size();
    if (growing)
      return cycles_.size() == before.size() + tiles && cycles_[0] == (before.empty() ? cycles_[0] : before[0]);
    for (std::size_t i = 0; i < before.size(); ++i) {
      if (cycles_[i] != before[i] + period) return false;
    }
    return true;
  }
  void move_on(std::uint64_t tiles, Cycle period, std::uint64_t times, bool growing) {
    if (!growing) {
      for (std::size_t i = 0; i < cycles_.size(); ++i) cycles_[i] += times * period;
      return;
    }
    for (std::uint64_t tile = 0; tile < times * tiles; ++tile) {
      cycles_.push_back(cycles_[cycles_.size() - tiles] + period);
    }
  }

 private:
  Ring<Cycle> cycles_;
  std::uint64_t first_ = 0;
  std::array<std::uint64_t, 2> kept_{0, 0};
};

/// What blocks know of the global buffer.
struct BufferState {
  explicit BufferState(const Dram& dram) : filled{FillCounter(dram), FillCounter(dram), FillCounter(dram)} {}
  [[nodiscard]] RegionSpace& space_of(Region region) { return space[static_cast<std::size_t>(region)]; }
  [[nodiscard]] FillCounter& filled_of(Region region) { return filled[static_cast<std::size_t>(region)]; }

  std::array<RegionSpace, kRegions> space;
  std::array<FillCounter, kRegions> filled;
  DrainedTiles drained;

  void visit(StateVisitor& state) {
    for (RegionSpace& region : space) region.visit(state);
    for (FillCounter& region : filled) region.visit(state);
    drained.visit(state);
  }
};

}  // namespace lnsim::fast
