// SPDX-License-Identifier: Apache-2.0
#include "sim/report/text_table.hpp"

#include <algorithm>

namespace lnsim::report {

std::size_t text_width(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string shortened(const std::string& text, std::size_t width) {
  if (text_width(text) <= width) return text;
  std::size_t bytes = 0;
  std::size_t characters = 0;
  while (characters + 3 < width) {
    ++bytes;
    while (bytes < text.size() && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) ++bytes;
    ++characters;
  }
  return text.substr(0, bytes) + "...";
}

std::string TextTable::text(std::size_t indent) const {
  const auto is_title = [&](std::size_t row) {
    return std::find(titles_.begin(), titles_.end(), row) != titles_.end();
  };
  std::vector<std::size_t> widths;
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    if (is_title(r)) continue;
    for (std::size_t c = 0; c < rows_[r].size(); ++c) {
      if (c == widths.size()) widths.push_back(0);
      widths[c] = std::max(widths[c], text_width(rows_[r][c]));
    }
  }
  std::string text;
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    std::string line(is_title(r) ? 0 : indent, ' ');
    for (std::size_t c = 0; c < rows_[r].size(); ++c) {
      const std::string& cell = rows_[r][c];
      const std::size_t width = is_title(r) ? 0 : widths[c];
      const std::string pad(width - std::min(width, text_width(cell)), ' ');
      const bool close = std::find(close_.begin(), close_.end(), c) != close_.end();
      line += (c == 0 ? "" : close ? " " : "  ") + (c < left_ ? cell + pad : pad + cell);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace lnsim::report
