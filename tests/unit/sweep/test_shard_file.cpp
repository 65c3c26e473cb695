// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/shard_file.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>
#include <limits>

#include "sim/support/error.hpp"
#include "sim/sweep/design.hpp"
#include "sim/sweep/shard_output.hpp"
#include "tests/unit/support/scratch_folder.hpp"

using namespace lnsim;

namespace {

SweepSpec spec_of_six() {
  return read_sweep(parse_json(R"({"schema": "lnsim.sweep/1", "name": "x", "constraints": ["lanes * batch < 300"],
                                   "axes": [{"name": "lanes", "at": "/accelerator/pe/lanes", "values": [8, 16, 32]},
                                            {"at": "/batch", "values": [1, 10]}]})",
                               "x.json"),
                    metric_names());
}

ShardHeader header_of(const SweepSpec& spec, SweepShard shard, const std::string& sweep = "id") {
  return {sweep, "1.0", shard, spec.axis_names(), metric_names()};
}

/// Design 5 is excluded, design 4 failed.
ShardRow row_of(const SweepSpec& spec, std::uint64_t number) {
  ShardRow row;
  row.design.number = number;
  row.design.values = spec.values_at(number);
  if (number == 5) {
    row.design.status = DesignStatus::kExcluded;
  } else if (number == 4) {
    row.design.status = DesignStatus::kFailed;
    row.design.error = "line 1\n\"quoted\" \x01 \xff";
  } else {
    row.key = "key" + std::to_string(number);
    for (std::size_t i = 0; i < metric_names().size(); ++i) {
      row.design.metrics.push_back(static_cast<double>(number) + 0.1 * static_cast<double>(i));
    }
    row.design.metrics[1] = std::numeric_limits<double>::infinity();
    row.design.metrics[2] = -1e-310;
  }
  return row;
}

std::string file_text(const SweepSpec& spec, SweepShard shard) {
  std::string text = header_line(header_of(spec, shard));
  for (std::uint64_t i = shard.first(6); i < shard.end(6); ++i) text += row_line("id", row_of(spec, i));
  return text + end_line(shard.end(6) - shard.first(6));
}

class Folder {
 public:
  explicit Folder(std::string name = "shard-2-of-2.jsonl") : path_(scratch_.path() / std::move(name)) {}
  const std::filesystem::path& write(const std::string& text) {
    std::ofstream(path_, std::ios::binary) << text;
    return path_;
  }

 private:
  test::ScratchFolder scratch_;
  std::filesystem::path path_;
};

bool is_refused(const std::filesystem::path& path, const SweepSpec& spec) {
  try {
    (void)read_shard_file(path, header_of(spec, {}), spec);
    return false;
  } catch (const InputError& error) {
    return error.problems().front().file == path.string() && !error.problems().front().expected.empty();
  }
}

}  // namespace

TEST_CASE("rows come back from a shard file as they were", "[shard]") {
  const SweepSpec spec = spec_of_six();
  Folder folder;
  const auto rows = read_shard_file(folder.write(file_text(spec, {2, 2})), header_of(spec, {}), spec);
  REQUIRE(rows.size() == 3);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ShardRow wanted = row_of(spec, 3 + i);
    CHECK(rows[i].design.number == wanted.design.number);
    CHECK(rows[i].design.status == wanted.design.status);
    CHECK(rows[i].design.values == wanted.design.values);
    CHECK(rows[i].design.metrics == wanted.design.metrics);
    CHECK(rows[i].key == wanted.key);
  }
  CHECK(rows[1].design.error == "line 1\n\"quoted\" \x01 \xEF\xBF\xBD");  // what is no UTF-8 is replaced
}

TEST_CASE("a shard file with any byte changed is refused", "[shard]") {
  const SweepSpec spec = spec_of_six();
  const std::string sound = file_text(spec, {2, 2});
  Folder folder;
  REQUIRE_FALSE(is_refused(folder.write(sound), spec));
  std::size_t accepted = 0;
  for (std::size_t at = 0; at < sound.size(); ++at) {
    for (const int flip : {1, 4, 0x80}) {
      std::string damaged = sound;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      if (is_refused(folder.write(damaged), spec)) continue;
      ++accepted;
      CAPTURE(at, flip, damaged.substr(at < 20 ? 0 : at - 20, 40));
      CHECK(false);
    }
  }
  CHECK(accepted == 0);
}

TEST_CASE("a shard file that is cut anywhere is refused", "[shard]") {
  const SweepSpec spec = spec_of_six();
  const std::string sound = file_text(spec, {2, 2});
  Folder folder;
  for (std::size_t size = 0; size < sound.size(); ++size) {
    CAPTURE(size);
    CHECK(is_refused(folder.write(sound.substr(0, size)), spec));
  }
}

TEST_CASE("a shard file must hold each design of its shard once, in order", "[shard]") {
  const SweepSpec spec = spec_of_six();
  const auto row = [&](std::uint64_t number) { return row_line("id", row_of(spec, number)); };
  const std::string header = header_line(header_of(spec, {2, 2}));
  Folder folder;
  CHECK_FALSE(is_refused(folder.write(header + row(3) + row(4) + row(5) + end_line(3)), spec));
  CHECK(is_refused(folder.write(header + row(3) + row(5) + end_line(2)), spec));
  CHECK(is_refused(folder.write(header + row(3) + row(5) + row(4) + end_line(3)), spec));
  CHECK(is_refused(folder.write(header + row(3) + row(4) + row(4) + row(5) + end_line(4)), spec));
  CHECK(is_refused(folder.write(header + row(3) + row(4) + end_line(2)), spec));
  CHECK(is_refused(folder.write(header + row(2) + row(3) + row(4) + row(5) + end_line(4)), spec));
  CHECK(is_refused(folder.write(header + row(3) + row(4) + row(5) + end_line(3) + "\n"), spec));
  CHECK(is_refused(folder.write(header + row(3) + row(4) + row(5) + end_line(2)), spec));
}

TEST_CASE("rows that are sound in themselves but not of this sweep are refused", "[shard]") {
  const SweepSpec spec = spec_of_six();
  Folder folder;
  const auto with_row = [&](const ShardRow& row, const std::string& sweep = "id") {
    return folder.write(header_line(header_of(spec, {2, 2})) + row_line(sweep, row) + row_line("id", row_of(spec, 4)) +
                        row_line("id", row_of(spec, 5)) + end_line(3));
  };
  CHECK_FALSE(is_refused(with_row(row_of(spec, 3)), spec));
  CHECK(is_refused(with_row(row_of(spec, 3), "other"), spec));
  ShardRow row = row_of(spec, 3);
  row.design.values[0] = 64;
  CHECK(is_refused(with_row(row), spec));
  row = row_of(spec, 3);
  row.design.metrics.pop_back();
  CHECK(is_refused(with_row(row), spec));
  row = row_of(spec, 3);
  row.key.clear();
  CHECK(is_refused(with_row(row), spec));
  row = row_of(spec, 3);
  row.design.status = DesignStatus::kExcluded;
  row.design.metrics.clear();
  row.key.clear();
  CHECK(is_refused(with_row(row), spec));  // its constraints hold
}

TEST_CASE("a header of another sweep, version, schema or name is refused", "[shard]") {
  const SweepSpec spec = spec_of_six();
  const std::string rows =
      row_line("id", row_of(spec, 3)) + row_line("id", row_of(spec, 4)) + row_line("id", row_of(spec, 5)) + end_line(3);
  Folder folder;
  const auto refused_with = [&](const auto& change) {
    ShardHeader header = header_of(spec, {2, 2});
    change(header);
    return is_refused(folder.write(header_line(header) + rows), spec);
  };
  CHECK_FALSE(refused_with([](ShardHeader&) {}));
  CHECK(refused_with([](ShardHeader& header) { header.sweep = "other"; }));
  CHECK(refused_with([](ShardHeader& header) { header.version = "2.0"; }));
  CHECK(refused_with([](ShardHeader& header) { header.axes.pop_back(); }));
  CHECK(refused_with([](ShardHeader& header) { std::swap(header.metrics[0], header.metrics[1]); }));
  CHECK(refused_with([](ShardHeader& header) { header.shard = {3, 2}; }));
  CHECK(refused_with([](ShardHeader& header) { header.shard = {1, 2}; }));
  Folder renamed("shard-1-of-2.jsonl");
  CHECK(is_refused(renamed.write(file_text(spec, {2, 2})), spec));
}

TEST_CASE("a part file gives the rows before the first line that is cut", "[shard]") {
  const SweepSpec spec = spec_of_six();
  const std::string header = header_line(header_of(spec, {2, 2}));
  std::string sound = header;
  std::vector<std::size_t> ends;
  for (std::uint64_t i = 3; i < 6; ++i) {
    sound += row_line("id", row_of(spec, i));
    ends.push_back(sound.size());
  }
  Folder folder("x.part");
  for (std::size_t size = 0; size <= sound.size(); ++size) {
    std::size_t wanted = 0;
    while (wanted < ends.size() && ends[wanted] <= size) ++wanted;
    CAPTURE(size);
    CHECK(read_part_file(folder.write(sound.substr(0, size)), header_of(spec, {2, 2}), spec).size() == wanted);
  }
  CHECK(read_part_file(folder.write(sound), header_of(spec, {1, 2}), spec).empty());
  CHECK(read_part_file(folder.write(sound), header_of(spec, {2, 2}, "other"), spec).empty());
}

TEST_CASE("names of shard files are read strictly and listed in order", "[shard]") {
  test::ScratchFolder scratch;
  for (const char* name : {"shard-10-of-12.jsonl", "shard-2-of-12.jsonl", "shard-1-of-3.jsonl", "shard-01-of-3.jsonl",
                           "shard-1-of-3.jsonl.bak", "shard-1-of-.jsonl", "shard--1-of-3.jsonl", "xshard-1-of-3.jsonl",
                           "shard-99999999999999999999-of-3.jsonl"}) {
    std::ofstream(scratch.path() / name) << "x";
  }
  CHECK(shard_files(scratch.path()) ==
        std::vector<std::string>{"shard-1-of-3.jsonl", "shard-2-of-12.jsonl", "shard-10-of-12.jsonl"});
  CHECK_THROWS_AS(shard_files(scratch.path() / "nosuch"), InputError);
}

TEST_CASE("two runs of a shard at a time come to one file, of which no row is lost", "[shard]") {
  const SweepSpec spec = spec_of_six();
  test::ScratchFolder scratch;
  ShardOutput first(scratch.path() / "s", header_of(spec, {2, 2}), spec);
  ShardOutput second(scratch.path() / "s", header_of(spec, {2, 2}), spec);
  CHECK(first.begin(false) == std::vector<bool>(6, false));
  (void)second.begin(false);
  const auto one = first.open();
  const auto other = second.open();
  const auto put = [&](DesignSink& sink, std::uint64_t number) {
    const ShardRow row = row_of(spec, number);
    sink.put(row.design, row.key);
  };
  put(*one, 3);
  put(*other, 3);
  put(*one, 4);
  CHECK_FALSE(first.finish());
  CHECK(second.begin(false) == std::vector<bool>{false, false, false, true, true, false});
  CHECK(second.begin(true) == std::vector<bool>{false, false, false, true, false, false});
  put(*one, 5);
  CHECK(first.finish());
  put(*other, 4);  // its part is gone, the rows are not
  CHECK(second.finish());
  CHECK(shards_with_parts(scratch.path() / "s").empty());
  std::ifstream file(scratch.path() / "s" / "shard-2-of-2.jsonl", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  CHECK(text == file_text(spec, {2, 2}));
}

TEST_CASE("a design that was done counts before one that failed", "[shard]") {
  const SweepSpec spec = spec_of_six();
  test::ScratchFolder scratch;
  ShardOutput output(scratch.path(), header_of(spec, {1, 6}), spec);
  (void)output.begin(false);
  const ShardRow done = row_of(spec, 0);
  ShardRow failed = done;
  failed.key.clear();
  failed.design.metrics.clear();
  failed.design.status = DesignStatus::kFailed;
  failed.design.error = "killed";
  for (int i = 0; i < 4; ++i) {
    const auto sink = output.open();
    if (i == 2) sink->put(done.design, done.key);
    if (i != 2) sink->put(failed.design, "");
  }
  CHECK(output.rows().at(0).design.status == DesignStatus::kDone);
  CHECK(output.finish());
  CHECK(output.rows().at(0).design.metrics == done.design.metrics);
}

TEST_CASE("a shard of another sweep is not overwritten", "[shard]") {
  const SweepSpec spec = spec_of_six();
  Folder folder;
  const std::filesystem::path& path = folder.write(file_text(spec, {2, 2}));
  ShardOutput other(path.parent_path(), header_of(spec, {2, 2}, "other"), spec);
  CHECK_THROWS_AS(other.begin(false), InputError);
  folder.write("not a shard file");
  ShardOutput same(path.parent_path(), header_of(spec, {2, 2}), spec);
  CHECK(same.begin(false) == std::vector<bool>(6, false));
}
