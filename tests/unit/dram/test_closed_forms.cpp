// SPDX-License-Identifier: Apache-2.0
// The banked DRAM alone, in both engines, against times worked out by hand from docs/machine.md, section 4b.
#include <catch2/catch.hpp>

#include <functional>

#include "sim/support/wide.hpp"
#include "tests/unit/dram/streams.hpp"

namespace lnsim {
namespace {

using test::StreamResult;
using test::StreamTransfer;

/// Small numbers, all different where the rules allow, the DRAM clock that of the core, no refresh in sight. Rows of
/// eight bursts.
BankedDram plain() {
  BankedDram dram;
  dram.channels = 1;
  dram.ranks = 1;
  dram.bank_groups = 1;
  dram.banks_per_group = 8;
  dram.rows = 64;
  dram.channel_bits = 32;
  dram.burst_length = 16;
  dram.row_bytes = 8 * 64;
  dram.tck_ps = 2500;
  dram.tck_divisor = 1;
  dram.queue = 16;
  dram.burst_cycles = 4;
  dram.cl = 11, dram.cwl = 7, dram.rcd_read = 9, dram.rcd_write = 8, dram.rp = 10, dram.rp_all = 12;
  dram.ras = 22, dram.rc = 33, dram.rrd_s = 3, dram.rrd_l = 5, dram.faw = 18, dram.ccd_s = 4, dram.ccd_l = 4;
  dram.rtp = 6, dram.wr = 13, dram.wtr_s = 4, dram.wtr_l = 8, dram.turnaround = 2, dram.rank_turnaround = 1;
  dram.rfc = 50, dram.refi = 100000000;
  return dram;
}

/// Address of a burst by its coordinates (B1).
struct At {
  std::uint64_t channel = 0, group = 0, column = 0, bank = 0, rank = 0, row = 0;
};
std::uint64_t address(const BankedDram& dram, const At& at) {
  const std::uint64_t columns = dram.row_bytes / dram.burst_bytes();
  return at.channel +
         dram.channels *
             (at.group + dram.bank_groups * (at.column + columns * (at.bank + dram.banks_per_group *
                                                                                  (at.rank + dram.ranks * at.row))));
}

StreamResult run(const BankedDram& dram, const std::vector<StreamTransfer>& transfers,
                 std::uint64_t clock_hz = 400000000) {
  const PassConfig config = test::stream_config(dram, clock_hz);
  StreamResult fast = test::run_fast(config, transfers);
  const StreamResult clocked = test::run_clocked(config, transfers);
  CHECK(fast.words == clocked.words);
  CHECK(fast.writes == clocked.writes);
  CHECK(fast.run.cycles == clocked.run.cycles);
  CHECK(test::stalls_of(fast) == test::stalls_of(clocked));
  CHECK(fast.run.counts == clocked.run.counts);
  return fast;
}

std::vector<std::uint64_t> ascending(std::uint64_t count) {
  std::vector<std::uint64_t> bursts(count);
  for (std::uint64_t i = 0; i < count; ++i) bursts[i] = i;
  return bursts;
}

}  // namespace

TEST_CASE("a burst takes its way: hand-over, activate, read, data") {
  const BankedDram dram = plain();
  // Seen in 1 and handed over, arrives in 2: activate; read 9 later, data 11 after that for 4 cycles.
  CHECK(run(dram, {{true, {0}, 1}}).words == std::vector<std::uint64_t>{2 + 9 + 11 + 4});
  // A write: 8 to the command, 7 to its data.
  CHECK(run(dram, {{false, {0}, 1}}).writes == std::vector<std::uint64_t>{2 + 8 + 7 + 4});
}

TEST_CASE("a sequential stream keeps the data bus full") {
  const BankedDram dram = plain();
  const StreamResult result = run(dram, {{true, ascending(400), 1}});
  // The first word as above, the others 4 cycles apart: activates of the next rows come early enough.
  CHECK(result.words.back() == 2 + 9 + 11 + 4 + 399 * 4);
  CHECK(result.run.counts[Action::kDramActivates] == 400 / 8);
  CHECK(result.run.stalls.at("dram").at("busy") == 400 * 4);
  // tRCD and CL after the request came: nothing else was in the way.
  CHECK(result.run.stalls.at("dram").at("idle") == 2 + 9 + 11);
}

TEST_CASE("refresh takes its share of a sequential stream") {
  BankedDram dram = plain();
  dram.refi = 700;
  const std::uint64_t bursts = 20000;
  const StreamResult result = run(dram, {{true, ascending(bursts), 1}});
  const std::uint64_t refreshes = result.run.counts[Action::kDramRefreshes];
  CHECK(refreshes == (result.run.cycles - 1) / 700);
  // From the last read to the next one: rtp to the precharge (the row has long been open), then precharge, refresh,
  // activate. The data bus carries 4 cycles of this.
  const std::uint64_t lost = 6 + 12 + 50 + 9 - 4;
  CHECK(result.words.back() >= 26 + (bursts - 1) * 4 + (refreshes - 1) * lost);
  // The precharge also waits for the youngest row (ras), and for the refresh to be due.
  CHECK(result.words.back() <= 26 + (bursts - 1) * 4 + refreshes * (lost + 22));
  CHECK(result.run.stalls.at("dram").at("refresh") > refreshes * 50);
}

TEST_CASE("one refresh between two reads, cycle by cycle") {
  BankedDram dram = plain();
  dram.refi = 120;
  // The first read is over long before. Due in 120: precharge of all banks, 12 later the refresh, 50 later the second
  // burst, which was there in 126, is taken up: activate, read, data.
  const StreamResult result = run(dram, {{true, {0}, 1}, {true, {1}, 125}});
  CHECK(result.words[1] == 120 + 12 + 50 + 9 + 11 + 4);
  CHECK(result.run.stalls.at("dram").at("refresh") == 120 + 12 + 50 + 9 + 11 - 26);
  // Without a read before, no bank is open: no precharge.
  CHECK(run(dram, {{true, {1}, 125}}).words[0] == 120 + 50 + 9 + 11 + 4);
  // A burst that is there in 119 is served first, and the refresh waits for its row: ras after its activate.
  const StreamResult late = run(dram, {{true, {0}, 118}, {true, {1}, 119}});
  CHECK(late.words[0] == 119 + 9 + 11 + 4);
  CHECK(late.words[1] == 119 + 22 + 12 + 50 + 9 + 11 + 4);
}

TEST_CASE("rows that miss in one bank follow each other by its row cycle") {
  BankedDram dram = plain();
  std::vector<std::uint64_t> rows;
  for (std::uint64_t i = 0; i < 20; ++i) rows.push_back(address(dram, {.row = i}));
  const auto reads = run(dram, {{true, rows, 1}});
  // max(rc, max(ras, rcd_read + rtp) + rp) = max(33, max(22, 9 + 6) + 10)
  CHECK(reads.words.back() - reads.words.front() == 19 * 33);
  CHECK(reads.run.counts[Action::kDramActivates] == 20);
  CHECK(reads.run.stalls.at("dram").at("row") == 19 * (33 - 4));
  dram.rtp = 20;  // max(33, max(22, 9 + 20) + 10)
  const auto slow = run(dram, {{true, rows, 1}});
  CHECK(slow.words.back() - slow.words.front() == 19 * 39);
  // Writes: max(33, max(22, rcd_write 8 + cwl 7 + burst 4 + wr 13) + 10); each in a transfer of its own.
  std::vector<StreamTransfer> transfers;
  for (const std::uint64_t row : rows) transfers.push_back({false, {row}, 1});
  const auto writes = run(dram, transfers);
  CHECK(writes.writes.back() - writes.writes.front() == 19 * 42);
}

TEST_CASE("activates are bound by the window of four and by their distance") {
  BankedDram dram = plain();
  std::vector<std::uint64_t> banks;
  for (std::uint64_t i = 0; i < 160; ++i) banks.push_back(address(dram, {.bank = i % 8, .row = i / 8}));
  // Four activates per max(faw, 4 rrd_l, 4 bursts, half a row cycle of 33) = max(18, 20, 16, 17).
  const auto distance = run(dram, {{true, banks, 1}});
  CHECK(distance.words[159] - distance.words[119] == 40 / 4 * 20);
  dram.faw = 27;
  const auto window = run(dram, {{true, banks, 1}});
  CHECK(window.words[159] - window.words[119] == 40 / 4 * 27);
  // Two bank groups in turn: rrd_s = 3 between them, 5 only within one; the data bus is left, 4.
  dram.faw = 12;
  dram.bank_groups = 2;
  dram.rc = 32;
  dram.row_bytes = 64;
  const auto groups = run(dram, {{true, ascending(160), 1}});
  CHECK(groups.words[159] - groups.words[119] == 40 * 4);
  CHECK(groups.run.counts[Action::kDramActivates] == 160);
}

TEST_CASE("reads and writes of one bank group are ccd_l apart, of several ccd_s") {
  BankedDram dram = plain();
  dram.ccd_s = 5;
  dram.ccd_l = 6;
  const auto one = run(dram, {{true, {0, 1, 2, 3}, 1}});
  CHECK(one.words[3] - one.words[0] == 3 * 6);
  CHECK(one.run.stalls.at("dram").at("column") == 3 * (6 - 4));
  dram.bank_groups = 2;
  const auto two = run(dram, {{true, {0, 1, 2, 3}, 1}});
  CHECK(two.words[3] - two.words[1] == 2 * 5);
}

TEST_CASE("the data bus turns around by the rules of writes and reads") {
  const BankedDram dram = plain();
  // All in one open row; the reads of the first transfer open it. Read to write: the bus is idle for 2 cycles.
  const auto to_write = run(dram, {{true, {0, 1}, 1}, {false, {2}, 1}});
  CHECK(to_write.writes[0] == to_write.words[1] + 2 + 4);
  CHECK(to_write.run.stalls.at("dram").at("turnaround") == 2);
  // Write to read: wtr_l = 8 from the end of the write's data to the read, then cl.
  const auto to_read = run(dram, {{false, {0}, 1}, {true, {1}, 1}});
  CHECK(to_read.words[0] == to_read.writes[0] + 8 + 11 + 4);
  CHECK(to_read.run.stalls.at("dram").at("turnaround") == 8 + 11);
  // The other bank group: wtr_s = 4.
  BankedDram groups = plain();
  groups.bank_groups = 2;
  groups.rcd_read = 1;
  const auto other = run(groups, {{false, {0}, 1}, {true, {1}, 1}});
  CHECK(other.words[0] == other.writes[0] + 4 + 11 + 4);
  // Another rank: no wtr, but the bus is idle for max(turnaround, rank_turnaround) = 2.
  BankedDram ranks = plain();
  ranks.ranks = 2;
  ranks.rcd_read = 1;
  ranks.cwl = 12;
  const auto rank = run(ranks, {{false, {0}, 1}, {true, {address(ranks, {.rank = 1})}, 1}});
  CHECK(rank.words[0] == rank.writes[0] + 2 + 4);
}

TEST_CASE("channels work side by side, and words are written in order, one per cycle") {
  BankedDram dram = plain();
  dram.channels = 4;
  const auto result = run(dram, {{true, ascending(400), 1}});
  // Each channel a burst in 4 cycles: together a word per cycle, which is also the rate of the hand-over.
  // Nothing piles up before a channel comes back to its first bank, whose precharge (rp) then waits for the burst that
  // needs it; from then on bursts wait, and precharges go ahead of them.
  CHECK(result.words.front() == 26);
  CHECK(result.words.back() == 26 + 399 + 10);
  dram.channels = 8;  // the hand-over bounds
  const auto more = run(dram, {{true, ascending(400), 1}});
  CHECK(more.words.back() == 26 + 399);
}

TEST_CASE("a queue of one burst pays the way there and back for each") {
  BankedDram dram = plain();
  dram.queue = 1;
  dram.ccd_l = 6;
  const auto result = run(dram, {{true, ascending(8), 1}});
  // Read in s; the place is seen free in s + 1, the next burst is handed over and is there in s + 2, ccd_l 6 after s.
  CHECK(result.words[7] - result.words[0] == 7 * 6);
  dram.ccd_l = 4;
  CHECK(run(dram, {{true, ascending(8), 1}}).words[7] == 26 + 7 * 4);
  dram.tck_ps = 2500 / 4;  // ten DRAM cycles are two core cycles and a half
  const auto fast = run(dram, {{true, ascending(8), 1}});
  CHECK(fast.words[7] - fast.words[0] >= 7 * 2);  // free in the cycle after the read, there in the next
}

TEST_CASE("a clock ratio that is not whole loses no fraction of a cycle") {
  BankedDram dram = plain();
  dram.tck_ps = 4000;
  dram.tck_divisor = 7;
  // 400 MHz core, 1.75 GHz DRAM: 35 / 8 DRAM cycles per core cycle. Handed over in 1, seen from core cycle 2 on, which
  // is DRAM cycle ceil(2 x 35 / 8) = 9. Data end in 9 + 9 + 11 + 4 and every 4 from there.
  const auto result = run(dram, {{true, ascending(4000), 1}});
  const auto core = [](std::uint64_t edges) { return (edges * 8 + 34) / 35; };
  CHECK(result.words.front() == core(9 + 9 + 11 + 4));
  // A burst lasts 4 x 8 / 35 < 1 core cycle: words come one per cycle, as they are handed over; the last row's bursts
  // may wait for its precharge (rp), as nothing piles up ahead of it.
  CHECK(result.words.back() >= result.words.front() + 3999);
  CHECK(result.words.back() <= result.words.front() + 3999 + core(10));
  dram.burst_cycles = dram.ccd_s = dram.ccd_l = 6;
  const auto slow = run(dram, {{true, ascending(4000), 1}});
  CHECK(slow.words.back() == core(9 + 9 + 11 + 6 + 3999 * 6));
  // A DRAM slower than the core.
  dram.tck_ps = 10007;
  dram.tck_divisor = 3;
  const auto slower = run(dram, {{true, ascending(1000), 1}}, 1000000000);
  // 10007 / 3000 core cycles each. Seen from core cycle 2 on: edge 1.
  CHECK(slower.words.back() == ((1 + 9 + 11 + 6 + 999 * 6) * 10007 + 2999) / 3000);
}

TEST_CASE("one more cycle of a timing shows where it binds") {
  struct Row {
    const char* name;
    std::function<void(BankedDram&)> change;
    std::vector<StreamTransfer> transfers;
    std::uint64_t more;
  };
  const BankedDram base = plain();
  const auto row = [&](std::uint64_t n) { return address(base, {.row = n}); };
  const auto bank = [&](std::uint64_t n) { return address(base, {.bank = n}); };
  const std::vector<StreamTransfer> read{{true, {0}, 1}}, write{{false, {0}, 1}};
  const std::vector<StreamTransfer> rows{{true, {row(0), row(1)}, 1}};
  const Row table[] = {
      {"cl", [](BankedDram& d) { ++d.cl; }, read, 1},
      {"cwl", [](BankedDram& d) { ++d.cwl; }, write, 1},
      {"rcd_read", [](BankedDram& d) { ++d.rcd_read; }, read, 1},
      {"rcd_read for writes", [](BankedDram& d) { ++d.rcd_read; }, write, 0},
      {"rcd_write", [](BankedDram& d) { ++d.rcd_write; }, write, 1},
      {"burst_cycles", [](BankedDram& d) { ++d.burst_cycles, ++d.ccd_s; }, read, 1},
      {"rc", [](BankedDram& d) { ++d.rc; }, rows, 1},
      {"rp, hidden by rc", [](BankedDram& d) { ++d.rp; }, rows, 0},
      {"rp", [](BankedDram& d) { d.rp += 2, ++d.rc; }, rows, 1},
      {"ras", [](BankedDram& d) { d.ras += 2, ++d.rc; }, rows, 1},
      {"rtp", [](BankedDram& d) { d.rtp += 9; }, rows, 1},  // 9 + 15 + 10 = 34
      {"wr", [](BankedDram& d) { ++d.wr; }, {{false, {row(0)}, 1}, {false, {row(1)}, 1}}, 1},
      {"rrd_l", [](BankedDram& d) { ++d.rrd_l; }, {{true, {bank(0), bank(1), bank(2)}, 1}}, 2},
      {"faw", [](BankedDram& d) { d.faw += 3; }, {{true, {bank(0), bank(1), bank(2), bank(3), bank(4)}, 1}}, 1},
      {"ccd_l", [](BankedDram& d) { ++d.ccd_l; }, {{true, {0, 1, 2}, 1}}, 2},
      {"ccd_s", [](BankedDram& d) { ++d.ccd_s, ++d.ccd_l; }, {{true, {0, 1, 2}, 1}}, 2},
      {"wtr_l", [](BankedDram& d) { ++d.wtr_l; }, {{false, {0}, 1}, {true, {1}, 1}}, 1},
      {"turnaround", [](BankedDram& d) { ++d.turnaround; }, {{true, {0}, 1}, {false, {1}, 1}}, 1},
      {"rp_all", [](BankedDram& d) { d.refi = 120, ++d.rp_all; }, {{true, {0}, 1}, {true, {1}, 125}}, 1},
      {"rfc", [](BankedDram& d) { d.refi = 120, ++d.rfc; }, {{true, {0}, 1}, {true, {1}, 125}}, 1},
      {"refi", [](BankedDram& d) { d.refi = 121; }, {{true, {0}, 1}, {true, {1}, 125}}, 1},
  };
  for (const Row& line : table) {
    INFO(line.name);
    BankedDram before = base, after = base;
    line.change(after);
    if (after.refi < base.refi) before.refi = 120;
    CHECK(run(after, line.transfers).run.cycles == run(before, line.transfers).run.cycles + line.more);
  }
}

}  // namespace lnsim
