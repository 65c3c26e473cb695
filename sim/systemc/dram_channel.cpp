// SPDX-License-Identifier: Apache-2.0
#include "sim/systemc/dram_channel.hpp"

#include <algorithm>
#include <utility>

#include "sim/support/error.hpp"

namespace lnsim::systemc {
namespace {

void later(std::uint64_t& register_, std::uint64_t cycle) { register_ = std::max(register_, cycle); }

}  // namespace

DramChannel::DramChannel(const BankedDram& dram)
    : dram_(dram),
      banks_(dram.banks()),
      groups_(dram.ranks * dram.bank_groups),
      ranks_(dram.ranks),
      refresh_due_(dram.refi) {}

void DramChannel::hand_over(const BankAddress& at, bool read, std::uint64_t tag, std::uint64_t now) {
  LNSIM_CHECK(queue_.size() < dram_.queue, "a burst is handed to a full DRAM queue");
  Entry entry;
  entry.at = at;
  entry.kind = read ? kRead : kWrite;
  entry.tag = tag;
  entry.visible = now + 1;
  queue_.push_back(entry);
}

bool DramChannel::step(std::uint64_t edge, std::uint64_t now, Command& command) {
  drive_bus(edge);
  refresh(edge);
  take_up(now);
  precharge(edge);
  activate(edge);
  return read_or_write(edge, command);
}

void DramChannel::drive_bus(std::uint64_t edge) {
  while (!data_.empty() && data_.front().end <= edge) data_.pop_front();
  on_bus_ = !data_.empty() && data_.front().begin <= edge;
}

// B9, one state per step of the sequence; several steps may fall into one cycle.
void DramChannel::refresh(std::uint64_t edge) {
  if (refresh_ == Refresh::kRunning && edge >= refresh_end_) refresh_ = Refresh::kNone;
  if (refresh_ == Refresh::kNone && edge >= refresh_due_) refresh_ = Refresh::kPending;
  if (refresh_ == Refresh::kPending && taken_ == 0) {
    bool open = false, ready = true;
    for (const Bank& bank : banks_) {
      open |= bank.open;
      ready &= !bank.open || edge >= bank.precharge_ok;
    }
    if (ready) {
      for (Bank& bank : banks_) bank.open = false;
      refresh_ok_ = open ? edge + dram_.rp_all : edge;
      refresh_ = Refresh::kPrecharged;
    }
  }
  if (refresh_ == Refresh::kPrecharged && edge >= refresh_ok_) {
    const bool ready =
        std::all_of(banks_.begin(), banks_.end(), [&](const Bank& bank) { return edge >= bank.activate_ok; });
    if (ready) {
      refresh_ = Refresh::kRunning;
      refresh_end_ = edge + dram_.rfc;
      refresh_due_ += dram_.refi;
    }
  }
}

void DramChannel::rest(std::uint64_t edge, std::uint64_t end) {
  while (edge < end) {
    drive_bus(edge);
    refresh(edge);
    // Nothing changes before the next of these.
    std::uint64_t next = edge + 1;
    if (refresh_ == Refresh::kNone) next = std::max(next, refresh_due_);
    if (refresh_ == Refresh::kRunning) next = std::max(next, refresh_end_);
    edge = std::min(next, end);
  }
}

// B5.
void DramChannel::take_up(std::uint64_t now) {
  const bool closed = refresh_ != Refresh::kNone;
  for (std::size_t i = taken_; i < queue_.size() && queue_[i].visible <= now; ++i) {
    Entry& entry = queue_[i];
    if (closed) {
      entry.waited = true;
      continue;
    }
    const Bank& bank = banks_[entry.at.bank];
    bool open = bank.open;
    std::uint64_t row = bank.row;
    for (std::size_t j = 0; j < taken_; ++j) {
      if (queue_[j].at.bank == entry.at.bank) open = true, row = queue_[j].at.row;
    }
    entry.opens = entry.activate = !open || row != entry.at.row;
    entry.precharge = open && row != entry.at.row;
    entry.cause = entry.waited ? DramCause::kRefresh : DramCause::kIdle;
    ++taken_;
  }
}

// B6: as soon as every earlier burst of the bank has had its command.
void DramChannel::precharge(std::uint64_t edge) {
  for (std::size_t i = 0; i < taken_; ++i) {
    Entry& entry = queue_[i];
    if (!entry.precharge) continue;
    Bank& bank = banks_[entry.at.bank];
    bool earlier = false;
    for (std::size_t j = 0; j < i; ++j) earlier |= queue_[j].at.bank == entry.at.bank;
    if (earlier || edge < bank.precharge_ok) {
      entry.cause = DramCause::kRow;
      continue;
    }
    bank.open = false;
    entry.precharge = false;
    entry.activate_ok = edge + dram_.rp;
  }
}

// B7: the oldest burst that needs an activate may get it, the others wait for their turn.
void DramChannel::activate(std::uint64_t edge) {
  bool first = true;
  for (std::size_t i = 0; i < taken_; ++i) {
    Entry& entry = queue_[i];
    if (!entry.activate) continue;
    const bool turn = std::exchange(first, false);
    if (entry.precharge || edge < entry.activate_ok) continue;
    const Rank& rank = ranks_[entry.at.rank];
    const bool window = rank.activates.size() < 4 || edge >= rank.activates.front() + dram_.faw;
    const bool allowed = turn && window && edge >= activate_ok_ && edge >= banks_[entry.at.bank].activate_ok &&
                         edge >= rank.activate_ok && edge >= groups_[entry.at.group].activate_ok;
    if (allowed) {
      note_activate(entry, edge);
    } else {
      entry.cause = DramCause::kRow;
    }
  }
}

void DramChannel::note_activate(Entry& entry, std::uint64_t edge) {
  entry.activate = false;
  Bank& bank = banks_[entry.at.bank];
  bank.open = true;
  bank.row = entry.at.row;
  bank.activate_ok = edge + dram_.rc;
  bank.precharge_ok = edge + dram_.ras;
  bank.command_ok = {edge + dram_.rcd_read, edge + dram_.rcd_write};
  Rank& rank = ranks_[entry.at.rank];
  rank.activate_ok = edge + dram_.rrd_s;
  rank.activates.push_back(edge);
  if (rank.activates.size() > 4) rank.activates.pop_front();
  groups_[entry.at.group].activate_ok = edge + dram_.rrd_l;
  activate_ok_ = edge + 1;
  ++activates_;
}

// B8.
bool DramChannel::read_or_write(std::uint64_t edge, Command& command) {
  const auto ready = [&](const Entry& entry) {
    if (!entry.opens) return true;
    return !entry.activate && edge >= banks_[entry.at.bank].command_ok[entry.kind];
  };
  bool given = false;
  while (taken_ > 0 && ready(queue_.front())) {
    DramCause cause = DramCause::kIdle;
    if (blocked(edge, cause)) {
      queue_.front().cause = cause;
      break;
    }
    const Entry entry = queue_.front();
    queue_.pop_front();
    --taken_;
    note_command(entry, edge);
    command = {entry.tag, data_.back().end};
    given = true;  // the next burst is looked at too: it has to wait, and why is its cause
  }
  return given;
}

bool DramChannel::blocked(std::uint64_t edge, DramCause& cause) const {
  const Entry& entry = queue_.front();
  const Group &rank = ranks_[entry.at.rank], &group = groups_[entry.at.group];
  const std::uint64_t data = edge + (entry.kind == kRead ? dram_.cl : dram_.cwl);
  const bool turns = bus_used_ && (last_kind_ != entry.kind || last_rank_ != entry.at.rank);
  if (edge < banks_[entry.at.bank].command_ok[entry.kind]) {
    cause = DramCause::kRow;
    return true;
  }
  if (edge < command_ok_ || edge < rank.column_ok[entry.kind] || edge < group.column_ok[entry.kind] ||
      (!turns && data < bus_free_)) {
    cause = DramCause::kColumn;
    return true;
  }
  std::uint64_t gap = 0;
  if (turns && last_kind_ != entry.kind) gap = dram_.turnaround;
  if (turns && last_rank_ != entry.at.rank) gap = std::max(gap, dram_.rank_turnaround);
  const bool after_write = entry.kind == kRead && (edge < rank.read_after_write_ok || edge < group.read_after_write_ok);
  cause = DramCause::kTurnaround;
  return after_write || (turns && data < bus_free_ + gap);
}

void DramChannel::note_command(const Entry& entry, std::uint64_t edge) {
  const bool read = entry.kind == kRead;
  const std::uint64_t begin = edge + (read ? dram_.cl : dram_.cwl);
  const std::uint64_t end = begin + dram_.burst_cycles;
  later(banks_[entry.at.bank].precharge_ok, read ? edge + dram_.rtp : end + dram_.wr);
  Group &rank = ranks_[entry.at.rank], &group = groups_[entry.at.group];
  rank.column_ok[entry.kind] = edge + dram_.ccd_s;
  group.column_ok[entry.kind] = edge + dram_.ccd_l;
  if (!read) {
    rank.read_after_write_ok = end + dram_.wtr_s;
    group.read_after_write_ok = end + dram_.wtr_l;
  }
  command_ok_ = edge + 1;
  bus_free_ = end;
  bus_used_ = true;
  last_kind_ = entry.kind;
  last_rank_ = entry.at.rank;
  data_.push_back({begin, end, entry.cause});
}

}  // namespace lnsim::systemc
