// SPDX-License-Identifier: Apache-2.0
#include "sim/fast/dram_channel.hpp"

namespace lnsim::fast {

DramChannel::DramChannel(const BankedDram& dram)
    : banks_(dram.banks()), groups_(dram.ranks * dram.bank_groups), ranks_(dram.ranks), places_(dram.queue, 0) {
  const auto set = [](DramCycle& to, std::uint64_t from) { to = static_cast<DramCycle>(from); };
  set(cl_, dram.cl), set(cwl_, dram.cwl), set(data_, dram.burst_cycles);
  set(rcd_read_, dram.rcd_read), set(rcd_write_, dram.rcd_write);
  set(rp_, dram.rp), set(rp_all_, dram.rp_all), set(ras_, dram.ras), set(rc_, dram.rc);
  set(rrd_s_, dram.rrd_s), set(rrd_l_, dram.rrd_l), set(faw_, dram.faw);
  set(ccd_s_, dram.ccd_s), set(ccd_l_, dram.ccd_l);
  set(rtp_, dram.rtp), set(wr_, dram.wr), set(wtr_s_, dram.wtr_s), set(wtr_l_, dram.wtr_l);
  set(turnaround_, dram.turnaround), set(rank_turnaround_, dram.rank_turnaround);
  set(rfc_, dram.rfc), set(refi_, dram.refi), set(refresh_due_, dram.refi);
}

// B5.
DramChannel::Ready DramChannel::take_up(DramCycle arrival) {
  for (DramCycle from = std::max(arrival, refresh_end_); from >= refresh_due_; from = std::max(arrival, refresh_end_)) {
    refresh();
  }
  if (refresh_end_ > arrival) return {refresh_end_, DramCause::kRefresh};
  return {arrival, DramCause::kIdle};
}

// B6, without o_i.
DramCycle DramChannel::precharge_from(const Bank& bank) const {
  return std::max({bank.activate + ras_, bank.last[kRead] + rtp_, bank.last[kWrite] + cwl_ + data_ + wr_});
}

// B9.
void DramChannel::refresh() {
  DramCycle at = std::max(refresh_due_, refresh_end_);
  if (any_open_) {
    // Every burst leaves its bank open.
    for (const Bank& bank : banks_) {
      if (bank.open) at = std::max(at, precharge_from(bank));
    }
    at += rp_all_;
    for (Bank& bank : banks_) {
      at = std::max(at, bank.activate + rc_);
      bank.open = false;
    }
    any_open_ = false;
  }
  refresh_end_ = at + rfc_;
  refresh_due_ += refi_;
}

// B6, B7; `ready` becomes what the activate waited for last.
DramCycle DramChannel::activate(Bank& bank, const BankAddress& at, Ready& ready) {
  if (bank.open) {
    const DramCycle precharge = std::max(ready.cycle, precharge_from(bank));
    if (precharge > ready.cycle) ready.cause = DramCause::kRow;
    ready.cycle = precharge + rp_;
  }
  Group& group = groups_[at.group];
  Rank& rank = ranks_[at.rank];
  const DramCycle others = std::max({bank.activate + rc_, rank.activate + rrd_s_, group.activate + rrd_l_,
                                     rank.activates[rank.oldest] + faw_, last_activate_ + 1});
  if (others > ready.cycle) ready = {others, DramCause::kRow};
  const DramCycle cycle = ready.cycle;
  rank.activates[rank.oldest] = cycle;
  rank.oldest = (rank.oldest + 1) % rank.activates.size();
  bank.activate = group.activate = rank.activate = last_activate_ = cycle;
  bank.open = any_open_ = true;
  bank.row = at.row;
  ++activates_;
  return cycle;
}

DramCycle DramChannel::column_from(const BankAddress& at, Kind kind) const {
  DramCycle from =
      std::max({last_command_ + 1, ranks_[at.rank].last[kind] + ccd_s_, groups_[at.group].last[kind] + ccd_l_});
  if (last_kind_ == kind && last_rank_ == at.rank) from = std::max(from, last_data_ + data_ - latency(kind));
  return from;
}

DramCycle DramChannel::turnaround_from(const BankAddress& at, Kind kind) const {
  DramCycle from = kNever;
  if (last_kind_ != kind || last_rank_ != at.rank) {
    const DramCycle gap = std::max(last_kind_ != kind ? turnaround_ : 0, last_rank_ != at.rank ? rank_turnaround_ : 0);
    from = last_data_ + data_ + gap - latency(kind);
  }
  if (kind == kRead) {
    from = std::max({from, ranks_[at.rank].last[kWrite] + cwl_ + data_ + wtr_s_,
                     groups_[at.group].last[kWrite] + cwl_ + data_ + wtr_l_});
  }
  return from;
}

// B8, B12.
DramChannel::Burst DramChannel::issue(const BankAddress& at, bool read, DramCycle arrival) {
  const Kind kind = read ? kRead : kWrite;
  Ready ready = take_up(arrival);
  Bank& bank = banks_[at.bank];
  const bool hit = bank.open && bank.row == at.row;
  const DramCycle row = hit ? bank.activate + rcd(kind) : kNever;
  if (!hit) ready.cycle = activate(bank, at, ready) + rcd(kind);
  const DramCycle column = column_from(at, kind);
  const DramCycle turnaround = turnaround_from(at, kind);

  Burst burst{std::max({ready.cycle, row, column, turnaround}), 0, 0, ready.cause};
  if (burst.command > ready.cycle) {
    burst.cause = burst.command == row      ? DramCause::kRow
                  : burst.command == column ? DramCause::kColumn
                                            : DramCause::kTurnaround;
  }
  burst.data_begin = burst.command + latency(kind);
  burst.data_end = burst.data_begin + data_;
  bank.last[kind] = ranks_[at.rank].last[kind] = groups_[at.group].last[kind] = last_command_ = burst.command;
  last_data_ = burst.data_begin;
  last_kind_ = kind;
  last_rank_ = at.rank;
  places_[place_] = burst.command + 1;
  if (++place_ == places_.size()) place_ = 0;
  return burst;
}

}  // namespace lnsim::fast
