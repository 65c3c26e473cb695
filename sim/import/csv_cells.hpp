// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lnsim {

/// A line of a CSV file that has any text: cells without the white space around them, and without empty ones at the
/// end.
struct CsvLine {
  std::uint64_t number = 0;  ///< in the file, from 1
  std::vector<std::string> cells;
};

/// Lines that end in LF or CRLF; a byte order mark and lines of nothing but commas and white space are passed over.
/// Cells have no quotes, as in the files of simulators. Throws InputError for text that is not UTF-8.
[[nodiscard]] std::vector<CsvLine> csv_lines(std::string_view text, const std::string& file);

}  // namespace lnsim
