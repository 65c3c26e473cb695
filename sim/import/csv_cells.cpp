// SPDX-License-Identifier: Apache-2.0
#include "sim/import/csv_cells.hpp"

#include <algorithm>

#include "sim/support/error.hpp"
#include "sim/support/text.hpp"

namespace lnsim {
namespace {

std::string trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\v\f";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(kSpace) - first + 1));
}

void check_text(std::string_view line, const std::string& file, std::uint64_t number) {
  for (std::string_view rest = line; !rest.empty();) {
    char32_t code_point = 0;
    const std::size_t length = decode_utf8(rest, code_point);
    if (length == 0 || code_point == 0) {
      throw InputError(file, "line " + std::to_string(number), "bytes that are not UTF-8 text", "a CSV file");
    }
    rest.remove_prefix(length);
  }
}

}  // namespace

std::vector<CsvLine> csv_lines(std::string_view text, const std::string& file) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
  std::vector<CsvLine> lines;
  for (std::uint64_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    check_text(line, file, number);
    CsvLine read{number, {}};
    for (;;) {
      const std::size_t comma = std::min(line.find(','), line.size());
      read.cells.push_back(trimmed(line.substr(0, comma)));
      if (comma == line.size()) break;
      line.remove_prefix(comma + 1);
    }
    while (!read.cells.empty() && read.cells.back().empty()) read.cells.pop_back();
    if (!read.cells.empty()) lines.push_back(std::move(read));
  }
  return lines;
}

}  // namespace lnsim
