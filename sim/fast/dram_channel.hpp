// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "sim/arch/dram_params.hpp"
#include "sim/schedule/dram_address.hpp"

namespace lnsim::fast {

/// A time in cycles of the DRAM's clock. Signed: a command that was never given is far in the past.
using DramCycle = std::int64_t;
inline constexpr DramCycle kNever = -(DramCycle{1} << 60);

/// What a burst waited for last (docs/machine.md, B12), in the order of ties.
enum class DramCause : std::uint8_t { kIdle, kRefresh, kRow, kColumn, kTurnaround };

/// One channel of the banked model: the command times of its bursts (docs/machine.md, B5 to B9).
class DramChannel {
 public:
  explicit DramChannel(const BankedDram& dram);

  struct Burst {
    DramCycle command = 0;  ///< the read or write
    DramCycle data_begin = 0, data_end = 0;
    DramCause cause = DramCause::kIdle;
  };
  /// The channel's next burst, which arrives in cycle `arrival`.
  Burst issue(const BankAddress& at, bool read, DramCycle arrival);
  /// The cycle from which the place of the burst `queue` before the next one is free.
  [[nodiscard]] DramCycle room() const { return places_[place_]; }
  [[nodiscard]] std::uint64_t activates() const { return activates_; }

 private:
  enum Kind : std::size_t { kRead, kWrite };
  struct Bank {
    bool open = false;
    std::uint64_t row = 0;
    DramCycle activate = kNever;
    std::array<DramCycle, 2> last{kNever, kNever};  ///< read, write
  };
  /// Of a rank or a bank group.
  struct Group {
    DramCycle activate = kNever;
    std::array<DramCycle, 2> last{kNever, kNever};
  };
  struct Rank : Group {
    std::array<DramCycle, 4> activates{kNever, kNever, kNever, kNever};
    std::size_t oldest = 0;
  };
  struct Ready {
    DramCycle cycle = 0;
    DramCause cause = DramCause::kIdle;
  };

  [[nodiscard]] bool goes_on(const BankAddress& at, Kind kind, DramCycle arrival) const {
    return kind == last_kind_ && at.bank == last_bank_ && at.row == last_row_ &&
           std::max(arrival, refresh_end_) < refresh_due_;
  }
  /// Whatever another burst may look back to knows of the last one.
  void settle_last();
  Burst command(DramCycle cycle, DramCause cause, Kind kind);
  [[nodiscard]] Ready take_up(DramCycle arrival);
  void refresh();
  [[nodiscard]] DramCycle precharge_from(const Bank& bank) const;
  [[nodiscard]] DramCycle activate(Bank& bank, const BankAddress& at, Ready& ready);
  [[nodiscard]] DramCycle column_from(const BankAddress& at, Kind kind) const;
  [[nodiscard]] DramCycle turnaround_from(const BankAddress& at, Kind kind) const;
  [[nodiscard]] DramCycle latency(Kind kind) const { return kind == kRead ? cl_ : cwl_; }
  [[nodiscard]] DramCycle rcd(Kind kind) const { return kind == kRead ? rcd_read_ : rcd_write_; }

  DramCycle cl_, cwl_, data_, rcd_read_, rcd_write_, rp_, rp_all_, ras_, rc_, rrd_s_, rrd_l_, faw_, ccd_s_, ccd_l_;
  DramCycle rtp_, wr_, wtr_s_, wtr_l_, turnaround_, rank_turnaround_, rfc_, refi_;
  std::vector<Bank> banks_;
  std::vector<Group> groups_;
  std::vector<Rank> ranks_;
  DramCycle last_activate_ = kNever, last_command_ = kNever, last_data_ = kNever;
  Kind last_kind_ = kRead;
  std::uint32_t last_rank_ = 0, last_group_ = 0, last_bank_ = 0;
  std::uint64_t last_row_ = ~std::uint64_t{0};  ///< none at first
  DramCycle gap_;                               ///< between commands of one kind to one row
  DramCycle refresh_due_, refresh_end_ = kNever;
  bool any_open_ = false;
  std::vector<DramCycle> places_;
  std::size_t place_ = 0;  ///< of the next burst
  std::uint64_t activates_ = 0;
};

}  // namespace lnsim::fast
