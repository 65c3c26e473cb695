// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <deque>
#include <map>
#include <numeric>

#include "sim/support/wide.hpp"
#include "sim/systemc/dram_channel.hpp"
#include "sim/systemc/dram_timing.hpp"
#include "sim/systemc/stalls.hpp"

namespace lnsim::systemc {
namespace {

/// DRAM with banks (docs/machine.md, section 4b). Its clock runs inside the core clock's cycles: in each core cycle,
/// all edges of the DRAM clock that fall into it. The time from the start of the core cycle to the next edge is state.
class BankedDramTiming final : public DramTiming {
 public:
  BankedDramTiming(const PassConfig& config, const DramLinks& links);

  bool tick(std::uint64_t now) override;
  [[nodiscard]] bool idle() const override {
    return links_.requests.empty() && bursts_left_ == 0 && reads_.empty() && writes_.empty();
  }
  [[nodiscard]] std::uint64_t last_write_done() const override { return last_write_done_; }
  void report(Counts& counts, StallTable& stalls, std::uint64_t cycles) override;
  void watch(Timeline& timeline) override { timeline_ = &timeline; }
  [[nodiscard]] bool on_bus(std::uint64_t /*cycle*/) const override { return on_bus_; }

 private:
  /// A word whose bursts are under way, or a transfer's part of them.
  struct Word {
    std::uint32_t bursts = 0, missing = 0;
    std::uint64_t end = 0;  ///< first core cycle after its data
    bool last = false;      ///< of its transfer
    TransferRequest transfer;
    std::uint64_t number = 0;  ///< of the transfer
  };
  struct Words : std::deque<Word> {
    std::uint64_t first = 0;  ///< number of the front one
  };
  struct Delivery {
    std::uint64_t cycle = 0;
    Word word;
  };

  void catch_up(std::uint64_t now);
  void hand_over(std::uint64_t now);
  bool next_word(std::uint64_t now);
  void step_clock(std::uint64_t now);
  void watch_bus(std::uint32_t channel);
  void finish_burst(std::uint32_t channel, const DramChannel::Command& command, std::uint64_t edge, std::uint64_t now);
  void finish_words();
  void deliver(std::uint64_t now);
  [[nodiscard]] std::uint64_t core_cycle(std::uint64_t edges, std::uint64_t now) const;
  void charge(std::uint64_t now);
  [[nodiscard]] bool quiet() const;

  DramLinks links_;
  BankedDram dram_;
  AddressMap map_;
  std::uint64_t bursts_per_word_;
  std::vector<DramChannel> channels_;
  std::vector<std::deque<std::uint64_t>> freed_;  ///< per channel: core cycles from which places are seen free
  std::vector<std::uint64_t> held_;               ///< per channel: places that the core sees in use

  // A core cycle is core_period_ units of time, a DRAM cycle dram_period_.
  std::uint64_t core_period_ = 1, dram_period_ = 1;
  std::uint64_t to_edge_ = 0;  ///< from the start of the core cycle to the next edge
  std::uint64_t edge_ = 0;     ///< number of the next edge
  std::uint64_t next_tick_ = 0;

  TransferRequest transfer_;
  BurstCursor cursor_;
  std::uint64_t bursts_left_ = 0;     ///< of the transfer, not handed over
  std::uint64_t word_left_ = 0;       ///< of the word
  std::uint64_t next_word_from_ = 0;  ///< core cycle
  Words reads_, writes_;
  std::deque<Delivery> loaded_, written_;
  std::uint64_t next_load_ = 0;
  std::uint64_t last_write_done_ = 0;
  std::uint64_t read_bursts_ = 0, write_bursts_ = 0;

  bool edge_on_bus_ = false;  ///< data on the bus in the DRAM cycle that runs at the start of the core cycle
  bool on_bus_ = false;       ///< in this core cycle
  bool was_on_bus_ = false;
  std::uint32_t lowest_ = 0;
  DramCause cause_ = DramCause::kIdle;
  Stalls<5> stalls_{{"idle", "refresh", "row", "column", "turnaround"}};

  /// Core cycles of a transfer's data on a channel.
  struct Span {
    std::uint64_t begin = ~std::uint64_t{0}, end = 0;
  };
  struct Watched {
    std::uint64_t missing = 0;  ///< bursts
    std::vector<Span> channels;
  };
  Timeline* timeline_ = nullptr;
  std::uint64_t transfers_ = 0;               ///< taken
  std::map<std::uint64_t, Watched> watched_;  ///< under way
};

BankedDramTiming::BankedDramTiming(const PassConfig& config, const DramLinks& links)
    : links_(links),
      dram_(*config.accelerator.dram.banked),
      map_(dram_, config.accelerator.dram.burst_bytes),
      bursts_per_word_(config.accelerator.global_buffer.word_bytes / config.accelerator.dram.burst_bytes),
      channels_(dram_.channels, DramChannel(dram_)),
      freed_(dram_.channels),
      held_(dram_.channels, 0) {
  constexpr std::uint64_t kPsPerSecond = 1000000000000;
  core_period_ = kPsPerSecond * dram_.tck_divisor;
  dram_period_ = config.clock_hz * dram_.tck_ps;
  const std::uint64_t unit = std::gcd(core_period_, dram_period_);
  core_period_ /= unit;
  dram_period_ /= unit;
}

bool BankedDramTiming::tick(std::uint64_t now) {
  if (now > next_tick_) catch_up(now);
  next_tick_ = now + 1;
  hand_over(now);
  step_clock(now);
  deliver(now);
  charge(now);
  return !quiet();
}

// Core cycles in which this block slept: nothing was held, only refreshes happened.
void BankedDramTiming::catch_up(std::uint64_t now) {
  const Uint128 slept = Uint128{now - next_tick_} * core_period_;
  if (slept > to_edge_) {
    const auto edges = static_cast<std::uint64_t>((slept - to_edge_ + dram_period_ - 1) / dram_period_);
    for (DramChannel& channel : channels_) channel.rest(edge_, edge_ + edges);
    edge_ += edges;
    to_edge_ = static_cast<std::uint64_t>(to_edge_ + Uint128{edges} * dram_period_ - slept);
    edge_on_bus_ = false;
  } else {
    to_edge_ -= static_cast<std::uint64_t>(slept);
  }
}

// B4.
void BankedDramTiming::hand_over(std::uint64_t now) {
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    while (!freed_[i].empty() && freed_[i].front() <= now) freed_[i].pop_front(), --held_[i];
  }
  while (word_left_ > 0 || next_word(now)) {
    const BankAddress at = map_.of(cursor_.address());
    if (held_[at.channel] == dram_.queue) return;
    Words& words = transfer_.read ? reads_ : writes_;
    channels_[at.channel].hand_over(at, transfer_.read, (words.first + words.size() - 1) * 2 + (transfer_.read ? 0 : 1),
                                    now);
    ++held_[at.channel];
    cursor_.next();
    --bursts_left_;
    if (--word_left_ == 0) next_word_from_ = now + 1;
  }
}

// The next word, of the next transfer where there is no other; a transfer is taken with its first burst only.
bool BankedDramTiming::next_word(std::uint64_t now) {
  if (now < next_word_from_) return false;
  if (bursts_left_ == 0) {
    if (!links_.requests.valid(now)) return false;
    const TransferRequest& next = links_.requests.front();
    const BurstCursor cursor(*next.addresses);
    LNSIM_CHECK(next.bursts > 0 && !cursor.done(), "a transfer without bursts or addresses");
    if (held_[map_.of(cursor.address()).channel] == dram_.queue) return false;
    transfer_ = next;
    cursor_ = cursor;
    bursts_left_ = transfer_.bursts;
    (transfer_.read ? read_bursts_ : write_bursts_) += bursts_left_;
    links_.requests.pop(now);
    if (timeline_ != nullptr) watched_[transfers_] = {bursts_left_, std::vector<Span>(channels_.size())};
    ++transfers_;
  }
  word_left_ = std::min(bursts_per_word_, bursts_left_);
  const auto bursts = static_cast<std::uint32_t>(word_left_);
  (transfer_.read ? reads_ : writes_)
      .push_back({bursts, bursts, 0, word_left_ == bursts_left_, transfer_, transfers_ - 1});
  return true;
}

void BankedDramTiming::step_clock(std::uint64_t now) {
  on_bus_ = edge_on_bus_ && to_edge_ > 0;
  lowest_ = static_cast<std::uint32_t>(channels_.size());
  for (; to_edge_ < core_period_; to_edge_ += dram_period_, ++edge_) {
    edge_on_bus_ = false;
    for (std::uint32_t i = 0; i < channels_.size(); ++i) {
      DramChannel::Command command;
      if (channels_[i].step(edge_, now, command)) {
        finish_burst(i, command, edge_, now);
        freed_[i].push_back(core_cycle(1, now));
      }
      if (channels_[i].on_bus()) watch_bus(i);
    }
  }
  to_edge_ -= core_period_;
  finish_words();
}

void BankedDramTiming::watch_bus(std::uint32_t channel) {
  edge_on_bus_ = on_bus_ = true;
  if (channel >= lowest_) return;
  lowest_ = channel;
  cause_ = channels_[channel].cause();
}

/// The first core cycle that begins at the edge `edges` after the current one, or later (B3).
std::uint64_t BankedDramTiming::core_cycle(std::uint64_t edges, std::uint64_t now) const {
  const Uint128 time = to_edge_ + Uint128{edges} * dram_period_;
  return now + static_cast<std::uint64_t>((time + core_period_ - 1) / core_period_);
}

void BankedDramTiming::finish_burst(std::uint32_t channel, const DramChannel::Command& command, std::uint64_t edge,
                                    std::uint64_t now) {
  Words& words = command.tag % 2 == 0 ? reads_ : writes_;
  Word& word = words[command.tag / 2 - words.first];
  word.end = std::max(word.end, core_cycle(command.data_end - edge, now));
  --word.missing;
  if (timeline_ == nullptr) return;
  const auto watched = watched_.find(word.number);
  Span& span = watched->second.channels[channel];
  span.begin = std::min(span.begin, core_cycle(command.data_end - dram_.burst_cycles - edge, now));
  span.end = std::max(span.end, core_cycle(command.data_end - edge, now));
  if (--watched->second.missing > 0) return;
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    const Span& of = watched->second.channels[i];
    if (of.end == 0) continue;
    timeline_->add({word.transfer.read ? TimelineTrack::kDramRead : TimelineTrack::kDramWrite, i, of.begin, of.end,
                    watched->first});
  }
  watched_.erase(watched);
}

// B10, B11: words are finished in order.
void BankedDramTiming::finish_words() {
  const auto finish = [](Words& words, auto take) {
    while (!words.empty() && words.front().missing == 0) {
      // The last word may still get bursts: `missing` counts all of them from the start.
      take(words.front());
      words.pop_front();
      ++words.first;
    }
  };
  finish(reads_, [&](const Word& word) {
    const std::uint64_t cycle = std::max(next_load_, word.end);
    next_load_ = cycle + 1;
    if (word.transfer.fills_buffer) loaded_.push_back({cycle, word});
  });
  finish(writes_, [&](const Word& word) {
    last_write_done_ = std::max(last_write_done_, word.end);
    if (word.last) written_.push_back({last_write_done_, word});
  });
}

// Words are pushed in the cycle before the one in which they are seen.
void BankedDramTiming::deliver(std::uint64_t now) {
  for (; !loaded_.empty() && loaded_.front().cycle == now + 1; loaded_.pop_front()) {
    const Word& word = loaded_.front().word;
    links_.fills.push(now, {word.bursts, word.transfer.region});
  }
  for (; !written_.empty() && written_.front().cycle == now + 1; written_.pop_front()) {
    const Word& word = written_.front().word;
    links_.writes_done.push(now, {word.transfer.region, word.transfer.free_bytes});
  }
}

void BankedDramTiming::charge(std::uint64_t now) {
  if (on_bus_) {
    if (!was_on_bus_) stalls_.explain_gap(1U << static_cast<unsigned>(cause_));
    stalls_.busy(now);
  } else {
    stalls_.blocked(now, 1U << static_cast<unsigned>(DramCause::kIdle));
  }
  was_on_bus_ = on_bus_;
}

// Not in a busy cycle: the gap behind it has to be begun first.
bool BankedDramTiming::quiet() const {
  return !on_bus_ && idle() && loaded_.empty() && written_.empty() &&
         std::all_of(channels_.begin(), channels_.end(), [](const DramChannel& channel) { return channel.quiet(); });
}

void BankedDramTiming::report(Counts& counts, StallTable& stalls, std::uint64_t cycles) {
  counts[Action::kDramReadBursts] += read_bursts_;
  counts[Action::kDramWriteBursts] += write_bursts_;
  for (const DramChannel& channel : channels_) counts[Action::kDramActivates] += channel.activates();
  // B13.
  const std::uint64_t copies = dram_.channels * dram_.ranks;
  const auto edges = static_cast<std::uint64_t>((Uint128{cycles} * core_period_ + dram_period_ - 1) / dram_period_);
  std::uint64_t refreshes = 0;
  for (std::uint64_t due = dram_.refi; due < edges; due += dram_.refi) ++refreshes;
  counts[Action::kDramRefreshes] += refreshes * copies;
  counts[Action::kDramBackgroundCycles] += edges * copies;
  stalls_.report(stalls["dram"], cycles, static_cast<unsigned>(DramCause::kIdle));
}

}  // namespace

std::unique_ptr<DramTiming> make_banked_dram(const PassConfig& config, const DramLinks& links) {
  return std::make_unique<BankedDramTiming>(config, links);
}

}  // namespace lnsim::systemc
