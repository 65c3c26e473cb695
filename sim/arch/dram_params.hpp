// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace lnsim {

enum class DramModel : std::uint8_t {
  kBandwidth,  ///< a rational bandwidth and a latency (docs/machine.md, section 4)
  kBanked,     ///< channels, banks, row buffers and command timing (section 4b)
};

/// Organisation and timing of the banked model (docs/machine.md, section 4b). Timings are in cycles of the DRAM's
/// command clock; names are those of JEDEC's standards without the t. The defaults are those of
/// configs/dram/lpddr4x_4266.json.
struct BankedDram {
  std::string source;             ///< where the numbers come from
  std::uint64_t channels = 2;     ///< with a command and a data bus of their own
  std::uint64_t ranks = 1;        ///< that share a channel's buses
  std::uint64_t bank_groups = 1;  ///< per rank
  std::uint64_t banks_per_group = 8;
  std::uint64_t rows = 131072;      ///< per bank
  std::uint64_t row_bytes = 4096;   ///< row buffer of a bank, all devices of the channel together
  std::uint64_t channel_bits = 32;  ///< width of the data bus
  std::uint64_t burst_length = 16;  ///< transfers per burst
  std::uint64_t burst_cycles = 8;   ///< of the data bus per burst
  std::uint64_t tck_ps = 1000000;   ///< cycle of the command clock: tck_ps / tck_divisor picoseconds
  std::uint64_t tck_divisor = 2133;
  std::uint64_t queue = 16;           ///< bursts that a channel's controller holds
  std::uint64_t cl = 36;              ///< read to its first data
  std::uint64_t cwl = 18;             ///< write to its first data
  std::uint64_t rcd_read = 39;        ///< activate to read
  std::uint64_t rcd_write = 39;       ///< activate to write
  std::uint64_t rp = 39;              ///< precharge to activate
  std::uint64_t rp_all = 45;          ///< precharge of all banks to refresh
  std::uint64_t ras = 90;             ///< activate to precharge
  std::uint64_t rc = 129;             ///< activate to activate of a bank
  std::uint64_t rrd_s = 22;           ///< activate to activate of another bank group
  std::uint64_t rrd_l = 22;           ///< the same, of the same bank group
  std::uint64_t faw = 86;             ///< four activates of a rank
  std::uint64_t ccd_s = 8;            ///< read to read or write to write, another bank group
  std::uint64_t ccd_l = 8;            ///< the same, the same bank group
  std::uint64_t rtp = 17;             ///< read to precharge
  std::uint64_t wr = 39;              ///< end of write data to precharge
  std::uint64_t wtr_s = 22;           ///< end of write data to read, another bank group
  std::uint64_t wtr_l = 22;           ///< the same, the same bank group
  std::uint64_t turnaround = 6;       ///< idle cycles of the data bus when its direction changes
  std::uint64_t rank_turnaround = 1;  ///< idle cycles of the data bus when the rank changes
  std::uint64_t rfc = 812;            ///< refresh of all banks
  std::uint64_t refi = 8341;          ///< refresh interval

  [[nodiscard]] std::uint64_t banks() const { return ranks * bank_groups * banks_per_group; }
  [[nodiscard]] std::uint64_t burst_bytes() const { return channel_bits / 8 * burst_length; }
  /// Of all channels, rounded down; 0 if it does not fit 64 bits.
  [[nodiscard]] std::uint64_t peak_bytes_per_second() const;
};

struct DramParams {
  std::string type = "LPDDR4X-4266";
  DramModel model = DramModel::kBandwidth;
  /// A file of configs/dram whose fields hold where this one has none (with_dram_preset); absent once it is resolved.
  std::optional<std::string> preset;
  std::uint64_t bandwidth_bytes_per_second = 34128000000;  ///< 4266 MT/s x 64 bit
  double latency_ns = 35.2;                                ///< request to first data: tRCD + RL = (39 + 36) x 0.469 ns
  std::uint64_t burst_bytes = 64;                          ///< 32-bit channel, burst length 16
  std::uint64_t capacity_bytes = 8589934592;               ///< four x16 channels of 16 Gbit
  std::optional<BankedDram> banked;                        ///< required by the banked model
};

}  // namespace lnsim
