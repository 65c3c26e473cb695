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
  gap_ = std::max({DramCycle{1}, ccd_s_, ccd_l_, data_});
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

void DramChannel::settle_last() {
  if (last_command_ == kNever) return;
  banks_[last_bank_].last[last_kind_] = ranks_[last_rank_].last[last_kind_] = groups_[last_group_].last[last_kind_] =
      last_command_;
}

DramChannel::Burst DramChannel::command(DramCycle cycle, DramCause cause, Kind kind) {
  last_command_ = cycle;
  last_data_ = cycle + latency(kind);
  places_[place_] = cycle + 1;
  if (++place_ == places_.size()) place_ = 0;
  return {cycle, last_data_, last_data_ + data_, cause};
}

// B8, B12. A burst that follows another in the same row, of the same kind, waits for that one alone: the row, and what
// the bus was turned around from, held the other up at least as long.
DramChannel::Burst DramChannel::issue(const BankAddress& at, bool read, DramCycle arrival) {
  const Kind kind = read ? kRead : kWrite;
  if (goes_on(at, kind, arrival)) {
    const DramCycle ready = std::max(arrival, refresh_end_);
    const DramCycle column = last_command_ + gap_;
    if (column > ready) return command(column, DramCause::kColumn, kind);
    return command(ready, refresh_end_ > arrival ? DramCause::kRefresh : DramCause::kIdle, kind);
  }
  settle_last();
  Ready ready = take_up(arrival);
  Bank& bank = banks_[at.bank];
  const bool hit = bank.open && bank.row == at.row;
  const DramCycle row = hit ? bank.activate + rcd(kind) : kNever;
  if (!hit) ready.cycle = activate(bank, at, ready) + rcd(kind);
  const DramCycle column = column_from(at, kind);
  const DramCycle turnaround = turnaround_from(at, kind);

  const DramCycle cycle = std::max({ready.cycle, row, column, turnaround});
  if (cycle > ready.cycle) {
    ready.cause = cycle == row ? DramCause::kRow : cycle == column ? DramCause::kColumn : DramCause::kTurnaround;
  }
  last_kind_ = kind;
  last_rank_ = at.rank;
  last_group_ = at.group;
  last_bank_ = at.bank;
  last_row_ = at.row;
  return command(cycle, ready.cause, kind);
}

}  // namespace lnsim::fast
