// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "sim/fast/gemm_blocks.hpp"

namespace lnsim::fast {

/// A port that goes on from one step to the next.
struct PortPassage {
  std::vector<RowsRead> rows;  ///< that it came to
  Cycle left = 0;              ///< the last word in the step where it began
};
/// From the drain link's coming to one step to its coming to the next; times as they were.
struct StepPassage {
  std::size_t step = 0;
  std::size_t first = 0, last = 0;  ///< steps on which it depends
  Cycle time = 0;
  Snapshot before, after;
  Cycle earliest = 0;  ///< cycle that a block in use looked back to at the beginning
  PortPassage a, b;
  bool waited = false;               ///< a port, for words
  Cycle output_there = 0;            ///< the first output waited for at the drain link, where that claims space
  std::vector<EventRun> drained;     ///< tiles into the global buffer
  std::uint64_t last_turn = 0;       ///< of them with the drain link's last turn
  DrainedTiles::Mark sums;           ///< of partial sums that are continued, at the beginning
  std::uint64_t sums_kept_from = 0;  ///< DrainedTiles::Mark::keep at the end
};

/// What steps came to before, for those that begin like one of them.
///
/// The ports, the PEs and the drain link hear of the memory side only when words of their tiles are filled and where
/// outputs have room. So a step that begins with these blocks in a state in which an earlier step of the same shape
/// began, and whose words come as they came then, or early as then, goes as that one went, later: its events are known
/// without looking at its tiles one by one (docs/machine.md, section 10). The memory side itself, which may be in any
/// state, goes on as always.
class StepMemo {
 public:
  /// margin: more than any constant that is added to a time before it is compared.
  StepMemo(const GemmBlocks& blocks, Cycle margin)
      : blocks_(blocks), margin_(margin), saved_{blocks.buffer, {}, {}, {}} {}

  /// The drain link has come to a step; call it before the machine jumps there. Ends the recording of the step before.
  /// state: of the machine, without what is past; the compute side of it begins at compute_side.
  void end_recording(const Snapshot& state, std::size_t compute_side);
  /// The same after the machine may have jumped. True if the step went as an earlier one and is over: the drain link
  /// has come to the next, and the memory side has gone on. Otherwise the step is recorded.
  bool pass_step(const Snapshot& state, std::size_t compute_side);

 private:
  static constexpr std::size_t kMostPassages = 256;
  static constexpr std::size_t kMostTries = 2;  ///< of a step, with the memory side

  /// The memory side, to come back to.
  struct MemorySide {
    BufferState buffer;
    Dma::State dma;
    OutputClaims::State claims;
    Snapshot dram;
  };

  [[nodiscard]] bool complete(StepPassage& passage) const;
  [[nodiscard]] bool sums_in_dram(std::size_t first, std::size_t last) const;
  [[nodiscard]] bool same_shapes(const StepPassage& passage) const;
  [[nodiscard]] bool same_state(const StepPassage& passage) const;
  [[nodiscard]] bool memory_follows(const StepPassage& passage, Cycle shift);
  void drain(const StepPassage& passage, Cycle shift, std::uint64_t first, std::uint64_t last);
  void pass(const StepPassage& passage, Cycle shift);
  void save_memory();
  void restore_memory();

  GemmBlocks blocks_;
  Cycle margin_;
  MemorySide saved_;
  std::vector<StepPassage> passages_;
  std::optional<StepPassage> recording_;
  Snapshot now_;
};

}  // namespace lnsim::fast
