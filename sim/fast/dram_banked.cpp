// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>

#include "sim/fast/dram.hpp"
#include "sim/fast/dram_bus.hpp"
#include "sim/fast/dram_channel.hpp"
#include "sim/schedule/gemm_schedule.hpp"
#include "sim/support/divisor.hpp"
#include "sim/support/wide.hpp"

namespace lnsim::fast {
namespace {

constexpr std::uint64_t kPsPerSecond = 1000000000000;

/// Core clock and DRAM clock (docs/machine.md, B3): `dram_` DRAM cycles are `core_` core cycles.
class Crossing {
 public:
  Crossing(std::uint64_t clock_hz, const BankedDram& dram)
      : Crossing(clock_hz * dram.tck_ps, kPsPerSecond * dram.tck_divisor) {}
  [[nodiscard]] std::uint64_t to_dram(std::uint64_t core) const { return scaled(core, dram_, core_, true); }
  /// to_core(dram) <= core.
  [[nodiscard]] bool not_later(std::uint64_t dram, std::uint64_t core) const {
    return Uint128{dram} * core_.value() <= Uint128{core} * dram_.value();
  }
  [[nodiscard]] std::uint64_t to_core(std::uint64_t dram) const { return scaled(dram, core_, dram_, true); }
  /// The core cycle that is running at the edge.
  [[nodiscard]] std::uint64_t core_at(std::uint64_t dram) const { return scaled(dram, core_, dram_, false); }

 private:
  Crossing(std::uint64_t core, std::uint64_t dram)
      : core_(core / std::gcd(core, dram)), dram_(dram / std::gcd(core, dram)) {}
  static std::uint64_t scaled(std::uint64_t x, const Divisor& times, const Divisor& over, bool up) {
    std::uint64_t product = 0;
    if (!__builtin_mul_overflow(x, times.value(), &product)) {
      const Divisor::Result result = over.divide(product);
      return result.quotient + (up && result.remainder != 0 ? 1 : 0);
    }
    const Uint128 wide = Uint128{x} * times.value();
    return static_cast<std::uint64_t>(wide / over.value()) + (up && wide % over.value() != 0 ? 1 : 0);
  }
  Divisor core_, dram_;
};

/// DRAM with banks, burst by burst (docs/machine.md, section 4b).
class BankedDramTiming final : public DramTiming {
 public:
  explicit BankedDramTiming(const PassConfig& config)
      : dram_(*config.accelerator.dram.banked),
        map_(dram_, config.accelerator.dram.burst_bytes),
        crossing_(config.clock_hz, dram_),
        bursts_per_word_(config.accelerator.global_buffer.word_bytes / config.accelerator.dram.burst_bytes),
        channels_(dram_.channels, DramChannel(dram_)) {}

  DramTransfer serve(Cycle visible, std::uint64_t bursts, bool read, const BurstList& addresses) override;
  [[nodiscard]] Cycle filled(const DramTransfer& load, std::uint64_t index) const override {
    return (*load.filled)[index];
  }
  [[nodiscard]] Cycle last_write_done() const override { return last_write_done_; }
  void report(RunResult& result) const override;
  /// Never twice the same: refreshes and addresses move on, so there is no jump.
  void visit(StateVisitor&) override {}
  [[nodiscard]] bool recurs() const override { return false; }
  void watch(Timeline& timeline) override {
    timeline_ = &timeline;
    spans_.resize(channels_.size());
  }
  void forget_past(Cycle) override {}
  void forget_past(DramTransfer&, Cycle) const override {}

 private:
  [[nodiscard]] Cycle move_burst(std::uint64_t address, bool read);
  void add_to_timeline(bool read);

  BankedDram dram_;
  AddressMap map_;
  Crossing crossing_;
  std::uint64_t bursts_per_word_;
  std::vector<DramChannel> channels_;
  DramBus bus_;
  std::uint64_t address_ = 0;    ///< of the last burst, at first of the first in memory
  AddressMap::Digits digits_{};  ///< of it
  Cycle handed_over_ = 0;        ///< H of it
  Cycle seen_ = 0;               ///< the core cycle after it
  DramCycle arrival_ = 0;        ///< D(seen_)
  Cycle next_word_ = 0;          ///< the first cycle in which the next word can be handed over
  Cycle next_fill_ = 0;          ///< the first cycle in which the next word of a load can be written
  Cycle last_write_done_ = 0;
  std::uint64_t read_bursts_ = 0, write_bursts_ = 0;

  struct Span {
    Cycle begin = kUnknown, end = 0;
  };
  Timeline* timeline_ = nullptr;
  std::vector<Span> spans_;      ///< of the transfer, per channel
  std::uint64_t transfers_ = 0;  ///< that the timeline has
};

// B4; the first core cycle after the burst's data.
Cycle BankedDramTiming::move_burst(std::uint64_t address, bool read) {
  // Bursts mostly follow each other.
  if (address == address_ + 1) {
    map_.next(digits_);
  } else {
    digits_ = map_.digits(address);
  }
  address_ = address;
  const BankAddress at = map_.of(digits_);
  DramChannel& channel = channels_[at.channel];
  const auto room = static_cast<std::uint64_t>(channel.room());
  if (!crossing_.not_later(room, handed_over_)) handed_over_ = crossing_.to_core(room);
  if (handed_over_ + 1 != seen_) {
    seen_ = handed_over_ + 1;
    arrival_ = static_cast<DramCycle>(crossing_.to_dram(seen_));
  }
  const DramChannel::Burst burst = channel.issue(at, read, arrival_);
  const Cycle end = crossing_.to_core(static_cast<std::uint64_t>(burst.data_end));
  if (timeline_ != nullptr) {
    Span& span = spans_[at.channel];
    span.begin = std::min(span.begin, crossing_.to_core(static_cast<std::uint64_t>(burst.data_begin)));
    span.end = std::max(span.end, end);
  }
  bus_.add(crossing_.core_at(static_cast<std::uint64_t>(burst.data_begin)), end - 1, at.channel, burst.cause);
  return end;
}

void BankedDramTiming::add_to_timeline(bool read) {
  for (std::size_t channel = 0; channel < spans_.size(); ++channel) {
    Span& span = spans_[channel];
    if (span.begin == kUnknown) continue;
    timeline_->add(
        {read ? TimelineTrack::kDramRead : TimelineTrack::kDramWrite, channel, span.begin, span.end, transfers_});
    span = {};
  }
  ++transfers_;
}

DramTransfer BankedDramTiming::serve(Cycle visible, std::uint64_t bursts, bool read, const BurstList& addresses) {
  DramTransfer transfer;
  transfer.words = ceil_div(bursts, bursts_per_word_);
  std::vector<Cycle> filled;
  if (read) filled.reserve(transfer.words);
  BurstCursor cursor(addresses);
  next_word_ = std::max(next_word_, visible);
  for (std::uint64_t word = 0; word < transfer.words; ++word) {
    const std::uint64_t count = std::min(bursts_per_word_, bursts - word * bursts_per_word_);
    handed_over_ = next_word_;
    // Nothing that is handed over from now on has data before.
    if (handed_over_ > 0) bus_.settle(handed_over_ - 1);
    Cycle end = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
      LNSIM_CHECK(!cursor.done(), "a transfer has fewer addresses than bursts");
      end = std::max(end, move_burst(cursor.address(), read));
      if (word == 0 && i == 0) transfer.start = {handed_over_, 0};
      cursor.next();
    }
    next_word_ = handed_over_ + 1;
    if (read) {
      filled.push_back(std::max(next_fill_, end));  // B10
      next_fill_ = filled.back() + 1;
    } else {
      last_write_done_ = std::max(last_write_done_, end);  // B11
    }
  }
  LNSIM_CHECK(cursor.done(), "a transfer has more addresses than bursts");
  transfer.end = {read ? next_fill_ : last_write_done_, 0};
  transfer.filled = std::make_shared<const std::vector<Cycle>>(std::move(filled));
  (read ? read_bursts_ : write_bursts_) += bursts;
  if (timeline_ != nullptr) add_to_timeline(read);
  return transfer;
}

void BankedDramTiming::report(RunResult& result) const {
  result.counts[Action::kDramReadBursts] += read_bursts_;
  result.counts[Action::kDramWriteBursts] += write_bursts_;
  std::uint64_t activates = 0;
  for (const DramChannel& channel : channels_) activates += channel.activates();
  result.counts[Action::kDramActivates] += activates;
  // B13.
  const std::uint64_t cycles = crossing_.to_dram(result.cycles);
  const std::uint64_t copies = dram_.channels * dram_.ranks;
  result.counts[Action::kDramRefreshes] += (cycles == 0 ? 0 : (cycles - 1) / dram_.refi) * copies;
  result.counts[Action::kDramBackgroundCycles] += cycles * copies;
  bus_.stalls(result.cycles)
      .report(result.stalls, "dram", {"idle", "refresh", "row", "column", "turnaround"}, result.cycles);
}

}  // namespace

std::unique_ptr<DramTiming> make_banked_dram(const PassConfig& config) {
  return std::make_unique<BankedDramTiming>(config);
}

}  // namespace lnsim::fast
