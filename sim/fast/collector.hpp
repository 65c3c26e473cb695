// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "sim/fast/ppu.hpp"
#include "sim/fast/ring.hpp"
#include "sim/schedule/gemm_schedule.hpp"
#include "sim/trace/timeline.hpp"

namespace lnsim::fast {

/// A PE's accumulation collector: two banks, so that one drains while the lanes add into the other (docs/machine.md, C1
/// to C3).
class Collector {
 public:
  enum Cause : std::size_t { kCompute, kWaitPpu, kDone };

  /// The lanes have issued the last row of the next tile; its sums are complete in `complete`.
  void finish_tile(Cycle complete, std::uint64_t outputs) { waiting_.push_back({complete, outputs}); }
  /// Drains tiles as far as it is known when the ones before have left the PPU; true if it drained one.
  bool advance(std::uint64_t ppu_width);
  /// Cycle from which on this PE's tile `tile` may use its bank (C3, without partial sums); kUnknown if not known yet.
  [[nodiscard]] Cycle bank_free(std::uint64_t tile) const {
    return tile < 2 ? 0 : drained_ + 1 < tile ? kUnknown : drain_end_[tile % 2] + 1;
  }
  [[nodiscard]] bool done() const { return waiting_.empty(); }

  /// For the network: cycles in which the drain of tiles, that have not left yet, started.
  Ring<Cycle> leaving;
  /// The last word of the next tile is on the drain link.
  void left(Cycle cycle) {
    last_word_[left_ % 2] = cycle;
    ++left_;
  }
  /// From the network: cycles from which on the partial sums of tiles that continue are here.
  Ring<Cycle> preloaded;

  [[nodiscard]] const Stalls<3>& stalls() const { return stalls_; }
  [[nodiscard]] const Ppu& ppu() const { return ppu_; }
  [[nodiscard]] std::uint64_t drained() const { return drained_; }
  void watch(Timeline& timeline, std::uint64_t pe) {
    timeline_ = &timeline;
    pe_ = pe;
  }
  void visit(StateVisitor& state) {
    ppu_.visit(state);
    state.ring(waiting_, [&](Tile& tile) {
      state.time(tile.complete);
      state.same(tile.outputs);
    });
    state.same(drained_ - left_);
    state.rotating(drain_end_, drained_);
    state.rotating(last_word_, left_);
    state.clock(idle_from_);
    state.times(leaving);
    state.times(preloaded);
    state.stalls(stalls_);
  }

 private:
  struct Tile {
    Cycle complete;
    std::uint64_t outputs;
  };
  Ppu ppu_;
  Ring<Tile> waiting_;
  std::uint64_t drained_ = 0;             ///< tiles
  std::uint64_t left_ = 0;                ///< tiles
  std::array<Cycle, 2> drain_end_{0, 0};  ///< of the last two tiles
  std::array<Cycle, 2> last_word_{0, 0};  ///< of the last two tiles that left
  Cycle idle_from_ = 0;
  Stalls<3> stalls_;
  Timeline* timeline_ = nullptr;
  std::uint64_t pe_ = 0;
};

}  // namespace lnsim::fast
