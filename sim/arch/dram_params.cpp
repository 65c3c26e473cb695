// SPDX-License-Identifier: Apache-2.0
#include "sim/arch/dram_params.hpp"

#include "sim/arch/dram_describe.hpp"
#include "sim/support/wide.hpp"

namespace lnsim {
namespace {

constexpr std::uint64_t kPsPerSecond = 1000000000000;

void at_least(const char* pointer, std::uint64_t value, std::uint64_t least, const char* why, Problems& problems) {
  if (value >= least) return;
  problems.add(pointer, std::to_string(value), ">= " + std::to_string(least) + " (" + why + ")");
}

void equal(const char* pointer, std::uint64_t value, std::uint64_t expected, const char* why, Problems& problems) {
  if (value != expected) problems.add(pointer, std::to_string(value), std::to_string(expected) + " (" + why + ")");
}

}  // namespace

std::uint64_t BankedDram::peak_bytes_per_second() const {
  const Uint128 bytes = Uint128{channels} * burst_bytes() * kPsPerSecond * tck_divisor;
  const Uint128 rate = bytes / (Uint128{burst_cycles} * tck_ps);
  return rate >> 64U == 0 ? static_cast<std::uint64_t>(rate) : 0;
}

void check(const BankedDram& p, Problems& problems) {
  if (p.channel_bits % 8 != 0) problems.add("/channel_bits", std::to_string(p.channel_bits), "a multiple of 8");
  if (p.row_bytes % p.burst_bytes() != 0) {
    problems.add("/row_bytes", std::to_string(p.row_bytes),
                 "a multiple of the burst, " + std::to_string(p.burst_bytes()) + " bytes");
  }
  at_least("/rc", p.rc, p.ras + p.rp, "ras + rp", problems);
  at_least("/rp_all", p.rp_all, p.rp, "rp", problems);
  at_least("/rrd_l", p.rrd_l, p.rrd_s, "rrd_s", problems);
  at_least("/faw", p.faw, p.rrd_s, "rrd_s", problems);
  at_least("/ccd_l", p.ccd_l, p.ccd_s, "ccd_s", problems);
  at_least("/ccd_s", p.ccd_s, p.burst_cycles, "burst_cycles: one data bus", problems);
  at_least("/wtr_l", p.wtr_l, p.wtr_s, "wtr_s", problems);
  // Otherwise a refresh is due before the one before has ended.
  at_least("/refi", p.refi, p.rfc + p.rc + p.rp_all + 1, "more than rfc + rc + rp_all", problems);
}

void check(const DramParams& p, Problems& problems) {
  if (p.preset) problems.add("/preset", brief_json(Json(*p.preset)), "a preset that was looked up before");
  if (!p.banked) {
    if (p.model == DramModel::kBanked) {
      problems.add("/banked", "missing", "an object with organisation and timing, or a preset that has one");
    }
    return;
  }
  const BankedDram& banked = *p.banked;
  equal("/burst_bytes", p.burst_bytes, banked.burst_bytes(), "banked.channel_bits / 8 x burst_length", problems);
  equal("/bandwidth_bytes_per_second", p.bandwidth_bytes_per_second, banked.peak_bytes_per_second(),
        "banked: channels x burst / (burst_cycles x tCK), rounded down", problems);
  const Uint128 capacity = Uint128{banked.channels} * banked.banks() * banked.rows * banked.row_bytes;
  const bool fits = capacity >> 64U == 0;
  equal("/capacity_bytes", p.capacity_bytes, fits ? static_cast<std::uint64_t>(capacity) : 0,
        "banked: channels x ranks x bank_groups x banks_per_group x rows x row_bytes", problems);
}

}  // namespace lnsim
