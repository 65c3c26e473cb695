// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace lnsim::report {

/// Rows of cells in aligned columns: the first column to the left, the others to the right.
class TextTable {
 public:
  /// `left`: how many of the first columns are aligned to the left.
  explicit TextTable(std::size_t left = 1) : left_(left) {}

  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  /// A line of its own between rows.
  void title(const std::string& text) { rows_.push_back({text}), titles_.push_back(rows_.size() - 1); }

  /// The column has one space before it instead of two.
  void close_up(std::size_t column) { close_.push_back(column); }

  /// Lines end with a line break, without spaces before it; each starts with `indent` spaces.
  [[nodiscard]] std::string text(std::size_t indent = 0) const;

 private:
  std::size_t left_;
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::size_t> titles_;
  std::vector<std::size_t> close_;
};

/// Characters (code points) of UTF-8 text.
[[nodiscard]] std::size_t text_width(const std::string& text);
/// At most `width` characters; cut with "..." in the end.
[[nodiscard]] std::string shortened(const std::string& text, std::size_t width);

}  // namespace lnsim::report
