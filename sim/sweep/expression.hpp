// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lnsim {

/// A condition or a number over named values, as sweeps use them: numbers, names, + - * / and parentheses,
/// < <= > >= == !=, && || and !. Comparisons give 1 or 0; && and || look at both sides.
class Expression {
 public:
  /// Throws std::invalid_argument, with the column and what was expected there.
  explicit Expression(std::string text);
  ~Expression();
  Expression(Expression&&) noexcept;
  Expression& operator=(Expression&&) noexcept;

  [[nodiscard]] const std::string& text() const { return text_; }
  /// The names in it, each once, in the order of their first use.
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

  /// The value with what `value_of` gives for each name. IEEE arithmetic: x / 0 is infinite or NaN.
  [[nodiscard]] double value(const std::function<double(const std::string&)>& value_of) const;

  struct Node;

 private:
  std::string text_;
  std::vector<std::string> names_;
  std::unique_ptr<const Node> root_;
};

}  // namespace lnsim
