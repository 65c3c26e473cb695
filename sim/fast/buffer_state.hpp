// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>

#include "sim/fast/drained_tiles.hpp"
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
  /// Space that was freed so early that no claim can wait for it need not be told apart. from: nobody claims before it
  /// anyhow.
  void forget_past(Cycle from = 0) {
    const Cycle next = std::max(claim_from_, from);
    while (!freed_.empty() && freed_.front().cycle + 1 <= next) {
      freed_used_ += freed_.front().bytes;
      freed_.pop_front();
    }
    if (freed_seen_ <= next) freed_seen_ = 0;
    if (claim_from_ <= from) claim_from_ = 0;
  }
  /// Everything that was claimed has been freed.
  [[nodiscard]] bool balanced() const { return claimed_ == freed_total_; }
  void visit(StateVisitor& state) {
    state.same(claimed_ - freed_used_);
    for (std::uint64_t* total : {&claims_, &claimed_, &freed_used_, &freed_total_}) state.count(*total);
    state.time(claim_from_);
    state.past(freed_seen_);
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
  /// Words that were there so early that who asks for them, not before `cycle`, does not wait for them.
  void forget_past(Cycle cycle) {
    for (std::size_t i = 0; i < loads_.size(); ++i) dram_->forget_past(loads_[i].transfer, cycle);
    if (retired_seen_ < cycle) retired_seen_ = 0;
  }
  /// Words of all loads that are known.
  [[nodiscard]] std::uint64_t total() const { return total_; }
  /// Loads that are kept.
  [[nodiscard]] std::size_t loads() const { return loads_.size(); }
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
    state.past(retired_seen_);
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

/// What blocks know of the global buffer.
struct BufferState {
  BufferState(const Dram& dram, const std::vector<DmaJob>& jobs)
      : filled{FillCounter(dram), FillCounter(dram), FillCounter(dram)}, drained(jobs) {}
  [[nodiscard]] RegionSpace& space_of(Region region) { return space[static_cast<std::size_t>(region)]; }
  [[nodiscard]] FillCounter& filled_of(Region region) { return filled[static_cast<std::size_t>(region)]; }

  std::array<RegionSpace, kRegions> space;
  std::array<FillCounter, kRegions> filled;
  DrainedTiles drained;

  /// Without the drained tiles, which know themselves how they recur.
  void visit(StateVisitor& state) {
    for (RegionSpace& region : space) region.visit(state);
    for (FillCounter& region : filled) region.visit(state);
  }
};

}  // namespace lnsim::fast
