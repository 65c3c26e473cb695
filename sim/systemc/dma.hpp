// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "sim/arch/pass_config.hpp"
#include "sim/systemc/block.hpp"
#include "sim/systemc/data_plane.hpp"
#include "sim/systemc/stalls.hpp"
#include "sim/systemc/wires.hpp"
#include "sim/trace/actions.hpp"

namespace lnsim::systemc {

/// Moves tiles between DRAM and global buffer in the schedule's order (docs/machine.md, section 3).
class Dma final : public Block<Dma> {
 public:
  struct Links {
    Channel<TransferRequest>& requests;
    Channel<FillWord>& fills;
    Channel<WriteDone>& writes_done;
  };
  Dma(const sc_core::sc_module_name& name, Clock& clock, const PassConfig& config, const std::vector<DmaJob>& jobs,
      GlobalBufferState& buffer, Links links, DataPlane* data);

  /// All jobs issued, all loads arrived and all writes done.
  [[nodiscard]] bool done() const { return job_ == jobs_.size() && words_in_flight_ == 0 && writes_in_flight_ == 0; }
  /// Changes whenever the DMA moves: for the watchdog.
  [[nodiscard]] std::uint64_t activity() const { return stalls_.busy_cycles() + fill_words_; }
  /// Where the DMA stands, for the watchdog's message.
  [[nodiscard]] std::string state() const;
  void report(Counts& counts, StallTable& stalls, std::uint64_t cycles);

 private:
  enum Cause : unsigned { kClaim, kRequest, kDrain, kDram, kDone };

  friend class Block<Dma>;
  void tick();
  void fill_buffer();
  void free_space();
  [[nodiscard]] bool waits_for_news(unsigned causes) const;
  unsigned issue();  ///< 0 if something was claimed or issued, else the mask of causes
  unsigned issue_load(const DmaJob& job);
  unsigned issue_parameters(const DmaJob& job);
  unsigned issue_write(const DmaJob& job);
  void next_job();
  [[nodiscard]] std::uint64_t words(std::uint64_t bursts) const;

  const std::vector<DmaJob>& jobs_;
  GlobalBufferState& buffer_;
  Links links_;
  DataPlane* data_;
  std::uint64_t bursts_per_word_;
  std::uint64_t start_cycles_;
  std::uint64_t request_cycles_;
  std::uint64_t store_read_cycles_;

  std::size_t job_ = 0;
  bool claimed_ = false;
  std::uint64_t request_from_ = 0;
  std::size_t chunk_ = 0;
  std::uint64_t words_in_flight_ = 0;   ///< of loads
  std::uint64_t writes_in_flight_ = 0;  ///< transfers

  std::uint64_t read_bursts_ = 0;
  std::uint64_t write_bursts_ = 0;
  std::uint64_t fill_words_ = 0;
  std::uint64_t store_words_ = 0;
  Stalls<5> stalls_{{"claim", "request", "drain", "dram", "done"}};
};

}  // namespace lnsim::systemc
