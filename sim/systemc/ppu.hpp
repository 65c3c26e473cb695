// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>

#include "sim/numerics/requantizer.hpp"
#include "sim/systemc/block.hpp"
#include "sim/systemc/checker.hpp"
#include "sim/systemc/collector.hpp"
#include "sim/systemc/pe_links.hpp"
#include "sim/systemc/stalls.hpp"
#include "sim/trace/actions.hpp"

namespace lnsim::systemc {

/// Post-processing unit of every PE: requantises finished sums, passes partial sums through, packs link words
/// (docs/machine.md, P1, P2).
class Ppu final : public Block<Ppu> {
 public:
  /// With data, the arithmetic and where the sums come from.
  struct DataPath {
    const numerics::Requantizer* requantizer = nullptr;
    const Collector* collector = nullptr;
    unsigned out_container_bytes = 0;
    Checker* checker = nullptr;
  };
  Ppu(const sc_core::sc_module_name& name, Clock& clock, const GemmSchedule& schedule, std::deque<PeLinks>& pes,
      const DataPath& data);

  [[nodiscard]] std::uint64_t clipped() const { return clipped_; }
  void report(Counts& counts, StallTable& stalls, std::uint64_t cycles);

 private:
  enum Cause : unsigned { kCollector, kNetwork, kDone };
  struct PeState {
    PeWalk walk;
    std::uint64_t tile = 0;
    std::uint64_t pending_bits = 0;  ///< taken and not yet part of a link word
  };

  friend class Block<Ppu>;
  void tick();
  PsumWord take(PeLinks& links, PeState& pe);
  void send(PeLinks& links, PeState& pe, std::size_t index, bool end_of_tile);
  std::uint32_t finish_tile(const PeState& pe, std::size_t index, std::byte* payload);

  const GemmSchedule& schedule_;
  std::deque<PeLinks>& pes_;
  std::vector<PeState> states_;
  DataPath data_;
  std::uint64_t word_bits_;
  std::uint64_t outputs_ = 0, partials_ = 0, statistics_ = 0, clipped_ = 0;
  std::vector<Stalls<3>> stalls_;
};

}  // namespace lnsim::systemc
