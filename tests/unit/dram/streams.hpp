// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "sim/fast/dram.hpp"
#include "sim/systemc/dram_timing.hpp"
#include "tests/support/banked_dram.hpp"

namespace lnsim::test {

/// A transfer as the DMA would issue it: the DRAM sees it from core cycle `visible` on.
struct StreamTransfer {
  bool read = true;
  std::vector<std::uint64_t> bursts;  ///< addresses
  std::uint64_t visible = 1;
};

/// What a DRAM alone did with a list of transfers.
struct StreamResult {
  std::vector<std::uint64_t> words;   ///< of loads: cycle in which each was written
  std::vector<std::uint64_t> writes;  ///< cycle in which each transfer was done
  RunResult run;                      ///< counts and stalls of the cycles up to the last of them

  friend bool operator==(const StreamResult&, const StreamResult&) = default;
};

/// The stalls of the DRAM as text.
inline std::string stalls_of(const StreamResult& result) {
  std::string text;
  for (const auto& [cause, cycles] : result.run.stalls.at("dram")) text += cause + " " + std::to_string(cycles) + " ";
  return text;
}

/// A machine of one burst per word whose core clock is `clock_hz`.
inline PassConfig stream_config(const BankedDram& dram, std::uint64_t clock_hz = 400000000) {
  PassConfig config;
  config.clock_hz = clock_hz;
  use_banked(config.accelerator, dram);
  config.accelerator.global_buffer.word_bytes = config.accelerator.dram.burst_bytes;
  return config;
}

inline BurstList list_of(const std::vector<std::uint64_t>& bursts) {
  std::vector<BurstRange> ranges;
  for (const std::uint64_t burst : bursts) ranges.push_back({burst, 1});
  return burst_list(std::move(ranges), 0);
}

inline StreamResult run_fast(const PassConfig& config, const std::vector<StreamTransfer>& transfers) {
  fast::Dram dram(config);
  StreamResult result;
  for (const StreamTransfer& transfer : transfers) {
    const BurstList addresses = list_of(transfer.bursts);
    const auto moved = dram.serve(transfer.visible, transfer.bursts.size(), transfer.read, addresses);
    for (std::uint64_t i = 0; transfer.read && i < moved.words; ++i) result.words.push_back(dram.filled(moved, i));
    if (!transfer.read) result.writes.push_back(moved.end.ceil());
  }
  for (const auto* times : {&result.words, &result.writes}) {
    for (const std::uint64_t time : *times) result.run.cycles = std::max(result.run.cycles, time);
  }
  dram.report(result.run);
  return result;
}

/// The clocked DRAM, ticked by hand. The clock stops with the last word or write.
inline StreamResult run_clocked(const PassConfig& config, const std::vector<StreamTransfer>& transfers) {
  systemc::Channel<systemc::TransferRequest> requests(transfers.size(), 1);
  systemc::Channel<systemc::FillWord> fills(64, 1);
  systemc::Channel<systemc::WriteDone> writes_done(systemc::dram_write_slots(config), 1);
  const auto dram = systemc::make_banked_dram(config, {requests, fills, writes_done});
  std::vector<BurstList> addresses;
  for (const StreamTransfer& transfer : transfers) addresses.push_back(list_of(transfer.bursts));
  StreamResult result;
  std::size_t next = 0, writes = 0, words = 0;
  for (const StreamTransfer& transfer : transfers) transfer.read ? words += transfer.bursts.size() : ++writes;
  for (std::uint64_t now = 0; result.words.size() < words || result.writes.size() < writes; ++now) {
    for (; next < transfers.size() && transfers[next].visible <= now + 1; ++next) {
      const StreamTransfer& transfer = transfers[next];
      requests.push(now, {transfer.bursts.size(), transfer.read, transfer.read, Region::kA, 0, &addresses[next]});
    }
    for (; fills.valid(now); fills.pop(now)) result.words.push_back(now);
    for (; writes_done.valid(now); writes_done.pop(now)) result.writes.push_back(now);
    result.run.cycles = now;
    if (result.words.size() < words || result.writes.size() < writes) dram->tick(now);
  }
  dram->report(result.run.counts, result.run.stalls, result.run.cycles);
  return result;
}

}  // namespace lnsim::test
