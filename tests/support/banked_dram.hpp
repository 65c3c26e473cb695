// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/arch/accelerator.hpp"
#include "tests/support/choices.hpp"

namespace lnsim::test {

/// Switches the machine to the banked model; burst, bandwidth and capacity follow from the parameters.
inline void use_banked(Accelerator& machine, const BankedDram& banked) {
  DramParams& dram = machine.dram;
  dram.model = DramModel::kBanked;
  dram.banked = banked;
  dram.burst_bytes = banked.burst_bytes();
  dram.bandwidth_bytes_per_second = banked.peak_bytes_per_second();
  dram.capacity_bytes = banked.channels * banked.banks() * banked.rows * banked.row_bytes;
}

/// Any timing that the rules allow, short rows, few banks: everything gets in the way of everything. `longest`: most
/// cycles of a single timing.
inline BankedDram random_banked(Choices& choices, std::uint64_t burst_bytes, std::uint64_t longest = 30) {
  BankedDram dram;
  const auto cycles = [&] { return choices.between(1, longest); };
  dram.channels = choices.between(1, 4);
  dram.ranks = choices.between(1, 3);
  dram.bank_groups = choices.between(1, 3);
  dram.banks_per_group = choices.between(1, 4);
  dram.rows = choices.between(1, 5);
  dram.channel_bits = 32;
  dram.burst_length = burst_bytes / 4;
  dram.row_bytes = burst_bytes * choices.between(1, 9);
  dram.burst_cycles = choices.between(1, 6);
  // From a tenth to ten times the core clock's cycle of 2.5 ns, whole ratios and others.
  dram.tck_ps = choices.flip() ? 250 * choices.between(1, 40) : choices.between(250, 25000);
  dram.tck_divisor = choices.flip() ? 1 : choices.between(1, 7);
  dram.queue = choices.between(1, 12);
  dram.cl = cycles(), dram.cwl = cycles();
  dram.rcd_read = cycles(), dram.rcd_write = cycles();
  dram.rp = cycles(), dram.rp_all = dram.rp + choices.between(0, 5);
  dram.ras = cycles(), dram.rc = dram.ras + dram.rp + choices.between(0, 9);
  dram.rrd_s = choices.between(1, 9), dram.rrd_l = dram.rrd_s + choices.between(0, 6);
  dram.faw = dram.rrd_s + choices.between(0, 2 * longest);
  dram.ccd_s = dram.burst_cycles + choices.between(0, 2), dram.ccd_l = dram.ccd_s + choices.between(0, 4);
  dram.rtp = cycles(), dram.wr = cycles();
  dram.wtr_s = choices.between(1, 12), dram.wtr_l = dram.wtr_s + choices.between(0, 6);
  dram.turnaround = choices.between(0, 6), dram.rank_turnaround = choices.between(0, 3);
  dram.rfc = choices.between(1, 4 * longest);
  dram.refi = dram.rfc + dram.rc + dram.rp_all + choices.between(1, 600);
  return dram;
}

}  // namespace lnsim::test
