// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/shard_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>

#include "sim/support/error.hpp"
#include "sim/support/text.hpp"

namespace lnsim {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostLine = std::size_t{16} << 20U;  ///< bytes

/// Lines of a file, of which none makes the program take more memory than kMostLine.
class Lines {
 public:
  explicit Lines(const fs::path& path) : file_(path.string()) {
    std::error_code error;
    if (!fs::is_regular_file(path, error)) throw InputError(file_, "", "not a file", "a shard file");
    in_.open(path, std::ios::binary);
    if (!in_) throw InputError(file_, "", std::generic_category().message(errno), "a file that can be read");
  }
  /// Nothing at the end, or if the last line has none.
  std::optional<std::string> next() {
    ++number_;
    std::string line;
    for (int c = in_.get(); c != std::char_traits<char>::eof(); c = in_.get()) {
      if (c == '\n') return line;
      if (line.size() == kMostLine) throw InputError(file_, where(), "a line without end", "lines of at most 16 MiB");
      line += static_cast<char>(c);
    }
    cut_ = !line.empty();
    return std::nullopt;
  }
  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] std::string where() const { return "line " + std::to_string(number_); }
  /// There was text behind the last line's end.
  [[nodiscard]] bool cut() const { return cut_; }

 private:
  std::string file_;
  std::ifstream in_;
  std::uint64_t number_ = 0;
  bool cut_ = false;
};

void require(bool holds, const Lines& lines, const std::string& value, const std::string& expected) {
  if (!holds) throw InputError(lines.file(), lines.where(), value, expected);
}

ShardHeader read_header(Lines& lines, const ShardHeader& wanted) {
  const std::optional<std::string> line = lines.next();
  require(line.has_value(), lines, lines.cut() ? "a line without end" : "an empty file", "a shard file's header");
  const ShardHeader header = read_header_line(*line, lines.file());
  require(header.sweep == wanted.sweep, lines, "sweep " + header.sweep, wanted.sweep + ", the sweep at hand");
  require(header.version == wanted.version, lines, "version " + header.version, wanted.version);
  require(header.axes == wanted.axes && header.metrics == wanted.metrics, lines, "other axes or metrics",
          "those of the sweep");
  require(header.shard.index <= header.shard.of, lines, "shard " + std::to_string(header.shard.index),
          "1 to " + std::to_string(header.shard.of));
  return header;
}

/// The row's number is taken as it is; all else is checked.
ShardRow read_row(const std::string& line, const Lines& lines, const ShardHeader& header, const SweepSpec& spec) {
  ShardRow row = read_row_line(line, header.sweep, lines.file(), lines.where());
  const std::string design = "design " + std::to_string(row.design.number);
  require(row.design.number >= header.shard.first(spec.size()) && row.design.number < header.shard.end(spec.size()),
          lines, design, "designs of the shard");
  std::vector<Json> values = spec.values_at(spec.place(row.design.number));
  require(row.design.values == values, lines, "other values", "those of " + design);
  row.design.values = std::move(values);  // 8 and 8.0 are equal, but not the same text
  const bool done = row.design.status == DesignStatus::kDone;
  require(row.design.metrics.size() == (done ? header.metrics.size() : 0), lines,
          std::to_string(row.design.metrics.size()) + " metrics", "as many as the header names, or none if not done");
  require(row.key.empty() != done, lines, "a key of figures", "one where there are figures");
  require((row.design.status == DesignStatus::kExcluded) != spec.allows(row.design.values), lines,
          status_name(row.design.status), "\"excluded\" where the constraints say so");
  return row;
}

}  // namespace

std::string shard_file_name(const SweepShard& shard) {
  return "shard-" + std::to_string(shard.index) + "-of-" + std::to_string(shard.of) + ".jsonl";
}

std::optional<SweepShard> shard_of_name(const std::string& name) {
  SweepShard shard;
  const char* at = name.data();
  const char* const end = at + name.size();
  const auto word = [&](std::string_view text) {
    const bool there = std::string_view(at, static_cast<std::size_t>(end - at)).starts_with(text);
    if (there) at += text.size();
    return there;
  };
  const auto number = [&](std::uint64_t& value) {
    const auto [next, error] = std::from_chars(at, end, value);
    at = next;
    return error == std::errc();
  };
  const bool read = word("shard-") && number(shard.index) && word("-of-") && number(shard.of);
  return read && name == shard_file_name(shard) ? std::optional(shard) : std::nullopt;
}

std::vector<std::string> shard_files(const fs::path& folder) {
  std::vector<std::pair<SweepShard, std::string>> found;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    std::string name = entry->path().filename().string();
    if (const auto shard = shard_of_name(name)) found.emplace_back(*shard, std::move(name));
  }
  if (error) throw InputError(folder.string(), "", error.message(), "a folder of shard files");
  std::sort(found.begin(), found.end(), [](const auto& x, const auto& y) {
    return std::pair(x.first.of, x.first.index) < std::pair(y.first.of, y.first.index);
  });
  std::vector<std::string> names;
  for (auto& [shard, name] : found) names.push_back(std::move(name));
  return names;
}

std::vector<ShardRow> read_shard_file(const fs::path& path, const ShardHeader& wanted, const SweepSpec& spec) {
  Lines lines(path);
  const ShardHeader header = read_header(lines, wanted);
  require(path.filename() == shard_file_name(header.shard), lines, shard_file_name(header.shard) + " by its header",
          "the file's name");
  std::vector<ShardRow> rows;
  std::uint64_t next = header.shard.first(spec.size());
  for (;;) {
    const std::optional<std::string> line = lines.next();
    require(line.has_value(), lines, "the end of the file", "a row, or how many there were");
    if (is_end_line(*line)) {
      const bool whole = read_end_line(*line, lines.file(), lines.where()) == rows.size();
      require(whole && next == header.shard.end(spec.size()), lines, std::to_string(rows.size()) + " rows",
              "one per design of the shard");
      break;
    }
    rows.push_back(read_row(*line, lines, header, spec));
    require(rows.back().design.number == next, lines, "design " + std::to_string(rows.back().design.number),
            "design " + std::to_string(next));
    ++next;
  }
  require(!lines.next() && !lines.cut(), lines, "more text", "the end of the file");
  return rows;
}

std::string sweep_of_shard_file(const fs::path& path) {
  try {
    Lines lines(path);
    const std::optional<std::string> line = lines.next();
    return line ? read_header_line(*line, lines.file()).sweep : "";
  } catch (const InputError&) {
    return "";
  }
}

std::vector<ShardRow> read_part_file(const fs::path& path, const ShardHeader& wanted, const SweepSpec& spec) {
  std::vector<ShardRow> rows;
  try {
    Lines lines(path);
    const ShardHeader header = read_header(lines, wanted);
    if (header.shard.index != wanted.shard.index || header.shard.of != wanted.shard.of) return rows;
    while (const std::optional<std::string> line = lines.next()) rows.push_back(read_row(*line, lines, header, spec));
  } catch (const InputError&) {
    // What is behind is lost with the process that wrote it; it is evaluated again.
  }
  return rows;
}

}  // namespace lnsim
