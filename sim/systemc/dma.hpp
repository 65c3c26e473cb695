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

/// Moves tiles between DRAM and global buffer in the schedule's order (docs/machine.md, section 4).
class Dma final : public Block<Dma> {
 public:
  Dma(const sc_core::sc_module_name& name, Clock& clock, const PassConfig& config, const std::vector<DmaJob>& jobs,
      GlobalBufferState& buffer, Channel<DramRequest>& requests, Channel<FillWord>& responses, DataPlane* data);

  /// All jobs issued and all loads arrived.
  [[nodiscard]] bool done() const { return job_ == jobs_.size() && words_in_flight_ == 0; }
  /// Changes whenever the DMA moves: for the watchdog.
  [[nodiscard]] std::uint64_t activity() const { return read_bursts_ + write_bursts_ + requested_words_; }
  /// Where the DMA stands, for the watchdog's message.
  [[nodiscard]] std::string state() const;
  void report(Counts& counts, std::map<std::string, std::map<std::string, std::uint64_t>>& stalls,
              std::uint64_t cycles);

 private:
  enum Cause : unsigned { kClaim, kRequest, kDrain, kDram };

  friend class Block<Dma>;
  void tick();
  bool receive();
  [[nodiscard]] bool waits_for_news(unsigned causes) const;
  unsigned issue();  ///< 0 if a word was issued, else the mask of causes
  unsigned issue_load(const DmaJob& job);
  unsigned issue_store(const DmaJob& job);
  unsigned issue_zero(const DmaJob& job);
  void next_job();

  const std::vector<DmaJob>& jobs_;
  GlobalBufferState& buffer_;
  Channel<DramRequest>& requests_;
  Channel<FillWord>& responses_;
  DataPlane* data_;
  std::uint32_t bursts_per_word_;
  std::uint64_t start_cycles_;
  std::uint64_t request_cycles_;
  std::uint64_t store_read_cycles_;

  std::size_t job_ = 0;
  bool claimed_ = false;
  std::uint64_t request_from_ = 0;
  std::size_t chunk_ = 0;
  std::uint64_t bursts_issued_ = 0;  ///< of the job (load, zero) or of the chunk (store)
  std::uint64_t words_in_flight_ = 0;
  std::uint64_t requested_words_ = 0;

  std::uint64_t read_bursts_ = 0;
  std::uint64_t write_bursts_ = 0;
  std::uint64_t fill_words_ = 0;
  std::uint64_t store_words_ = 0;
  Stalls<4> stalls_{{"claim", "request", "drain", "dram"}};
};

}  // namespace lnsim::systemc
