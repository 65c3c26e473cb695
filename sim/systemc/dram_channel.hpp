// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <deque>
#include <vector>

#include "sim/arch/dram_params.hpp"
#include "sim/schedule/dram_address.hpp"

namespace lnsim::systemc {

/// What ended a gap of the data bus (docs/machine.md, B12), in the order of ties.
enum class DramCause : std::uint8_t { kIdle, kRefresh, kRow, kColumn, kTurnaround };

/// The controller and the devices of one DRAM channel, a command clock cycle at a time (docs/machine.md, B5 to B9).
/// Timing is kept as registers that hold the first cycle in which a command is allowed again, as controllers do.
class DramChannel {
 public:
  explicit DramChannel(const BankedDram& dram);

  /// A burst that is handed over in core cycle `now`; the controller sees it from the next one on. Requires room.
  void hand_over(const BankAddress& at, bool read, std::uint64_t tag, std::uint64_t now);
  [[nodiscard]] std::size_t held() const { return queue_.size(); }

  /// A command that reads or writes was given in the cycle that was stepped.
  struct Command {
    std::uint64_t tag = 0;
    std::uint64_t data_end = 0;  ///< DRAM cycle behind the data
  };
  /// One DRAM cycle, in core cycle `now`. True if a read or write was given.
  bool step(std::uint64_t edge, std::uint64_t now, Command& command);
  /// The cycles [edge, end) with nothing held: only refreshes happen.
  void rest(std::uint64_t edge, std::uint64_t end);

  /// Data are on the bus in the cycle that was stepped last; `cause`: why not before.
  [[nodiscard]] bool on_bus() const { return on_bus_; }
  [[nodiscard]] DramCause cause() const { return data_.front().cause; }
  [[nodiscard]] bool quiet() const { return queue_.empty() && data_.empty(); }
  [[nodiscard]] std::uint64_t activates() const { return activates_; }

 private:
  enum Kind : std::size_t { kRead, kWrite };
  struct Entry {
    BankAddress at;
    Kind kind = kRead;
    std::uint64_t tag = 0;
    std::uint64_t visible = 0;  ///< core cycle
    bool waited = false;        ///< visible, but a refresh was pending or under way
    bool precharge = false;     ///< a command that is still to be given
    bool activate = false;
    bool opens = false;             ///< this burst activates the row
    std::uint64_t activate_ok = 0;  ///< after its own precharge
    DramCause cause = DramCause::kIdle;
  };
  struct Bank {
    bool open = false;
    std::uint64_t row = 0;
    std::uint64_t precharge_ok = 0, activate_ok = 0;
    std::array<std::uint64_t, 2> command_ok{};
  };
  /// Of a rank or a bank group.
  struct Group {
    std::uint64_t activate_ok = 0;
    std::array<std::uint64_t, 2> column_ok{};
    std::uint64_t read_after_write_ok = 0;
  };
  struct Rank : Group {
    std::deque<std::uint64_t> activates;  ///< the last four
  };
  struct Data {
    std::uint64_t begin = 0, end = 0;
    DramCause cause = DramCause::kIdle;
  };

  void drive_bus(std::uint64_t edge);
  void refresh(std::uint64_t edge);
  void take_up(std::uint64_t now);
  void precharge(std::uint64_t edge);
  void activate(std::uint64_t edge);
  void note_activate(Entry& entry, std::uint64_t edge);
  bool read_or_write(std::uint64_t edge, Command& command);
  /// The constraint that holds the front burst, if its own row is ready.
  [[nodiscard]] bool blocked(std::uint64_t edge, DramCause& cause) const;
  void note_command(const Entry& entry, std::uint64_t edge);

  BankedDram dram_;
  std::deque<Entry> queue_;
  std::size_t taken_ = 0;  ///< entries at the front that were taken up
  std::vector<Bank> banks_;
  std::vector<Group> groups_;
  std::vector<Rank> ranks_;
  std::uint64_t activate_ok_ = 0;
  std::uint64_t command_ok_ = 0;
  std::uint64_t bus_free_ = 0;  ///< behind the last data
  bool bus_used_ = false;
  Kind last_kind_ = kRead;
  std::uint32_t last_rank_ = 0;

  enum class Refresh : std::uint8_t { kNone, kPending, kPrecharged, kRunning };
  Refresh refresh_ = Refresh::kNone;
  std::uint64_t refresh_due_;
  std::uint64_t refresh_ok_ = 0;   ///< precharged
  std::uint64_t refresh_end_ = 0;  ///< running

  std::deque<Data> data_;
  bool on_bus_ = false;
  std::uint64_t activates_ = 0;
};

}  // namespace lnsim::systemc
