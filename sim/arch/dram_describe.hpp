// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The fields of DramParams as files name them, with their ranges and the rules over several of them.

#include <array>
#include <string_view>
#include <utility>

#include "sim/arch/dram_params.hpp"
#include "sim/support/describe.hpp"

namespace lnsim {

inline constexpr std::array<std::pair<std::string_view, DramModel>, 2> kDramModels{
    {{"bandwidth", DramModel::kBandwidth}, {"banked", DramModel::kBanked}}};
inline constexpr Limits kDramCycles{.min = 1, .max = 1000000, .unit = "cycles"};

template <class V>
void describe(BankedDram& p, V& v) {
  v.field("source", p.source, {.max = 10000}, "where its numbers come from");
  v.field("channels", p.channels, {.min = 1, .max = 1024}, "channels, with buses of their own");
  v.field("ranks", p.ranks, {.min = 1, .max = 16}, "ranks of a channel");
  v.field("bank_groups", p.bank_groups, {.min = 1, .max = 64}, "bank groups of a rank");
  v.field("banks_per_group", p.banks_per_group, {.min = 1, .max = 64}, "banks of a bank group");
  v.field("rows", p.rows, {.min = 1, .max = 1ULL << 32U}, "rows of a bank");
  v.field("row_bytes", p.row_bytes, {.min = 1, .max = 1 << 20, .unit = "bytes"}, "row buffer of a bank");
  v.field("channel_bits", p.channel_bits, {.min = 8, .max = 4096, .unit = "bit"}, "data bus of a channel");
  v.field("burst_length", p.burst_length, {.min = 1, .max = 64}, "transfers of a burst");
  v.field("burst_cycles", p.burst_cycles, {.min = 1, .max = 1000, .unit = "cycles"}, "data bus per burst");
  v.field("tck_ps", p.tck_ps, {.min = 1, .max = 1e7, .unit = "ps"}, "tck_divisor command clocks take this long");
  v.field("tck_divisor", p.tck_divisor, {.min = 1, .max = 1e6}, "command clocks in tck_ps");
  v.field("queue", p.queue, {.min = 1, .max = 1024}, "bursts in a channel's controller");
  v.field("cl", p.cl, kDramCycles, "read to data");
  v.field("cwl", p.cwl, kDramCycles, "write to data");
  v.field("rcd_read", p.rcd_read, kDramCycles, "activate to read");
  v.field("rcd_write", p.rcd_write, kDramCycles, "activate to write");
  v.field("rp", p.rp, kDramCycles, "precharge to activate");
  v.field("rp_all", p.rp_all, kDramCycles, "precharge of all banks to refresh");
  v.field("ras", p.ras, kDramCycles, "activate to precharge");
  v.field("rc", p.rc, kDramCycles, "activate to activate, same bank");
  v.field("rrd_s", p.rrd_s, kDramCycles, "activate to activate, other bank group");
  v.field("rrd_l", p.rrd_l, kDramCycles, "activate to activate, same bank group");
  v.field("faw", p.faw, kDramCycles, "window of four activates of a rank");
  v.field("ccd_s", p.ccd_s, kDramCycles, "read to read, write to write, other bank group");
  v.field("ccd_l", p.ccd_l, kDramCycles, "read to read, write to write, same bank group");
  v.field("rtp", p.rtp, kDramCycles, "read to precharge");
  v.field("wr", p.wr, kDramCycles, "end of write data to precharge");
  v.field("wtr_s", p.wtr_s, kDramCycles, "end of write data to read, other bank group");
  v.field("wtr_l", p.wtr_l, kDramCycles, "end of write data to read, same bank group");
  v.field("turnaround", p.turnaround, {.min = 0, .max = 1000, .unit = "cycles"},
          "idle data bus when its direction changes");
  v.field("rank_turnaround", p.rank_turnaround, {.min = 0, .max = 1000, .unit = "cycles"},
          "idle data bus when the rank changes");
  v.field("rfc", p.rfc, kDramCycles, "refresh of all banks");
  v.field("refi", p.refi, {.min = 1, .max = 1e9, .unit = "cycles"}, "refresh interval");
}
void check(const BankedDram& p, Problems& problems);

template <class V>
void describe(DramParams& p, V& v) {
  v.field("type", p.type, {.min = 1, .max = 200}, "memory type, for prices");
  v.choice("model", p.model, kDramModels, "timing model");
  v.field("preset", p.preset, {.min = 1, .max = 1000},
          "file of configs/dram whose fields hold where there is none here");
  v.field("bandwidth_bytes_per_second", p.bandwidth_bytes_per_second, {.min = 1, .max = 1e15, .unit = "bytes/s"},
          "peak bandwidth of all channels");
  v.field("latency_ns", p.latency_ns, {.min = 0, .max = 1e6, .unit = "ns"}, "request to first data");
  v.field("burst_bytes", p.burst_bytes, {.min = 1, .max = 4096, .unit = "bytes"}, "bytes of one burst");
  v.field("capacity_bytes", p.capacity_bytes, {.min = 1, .max = 1e15, .unit = "bytes"}, "capacity");
  v.object("banked", p.banked, "organisation and command timing, for the banked model");
}
void check(const DramParams& p, Problems& problems);

}  // namespace lnsim
