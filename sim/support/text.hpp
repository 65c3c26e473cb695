// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace lnsim {

/// A size computed from the input does not fit 64 bits. The command line reports it as bad input.
class OverflowError : public std::overflow_error {
 public:
  using std::overflow_error::overflow_error;
};

/// a * b; throws OverflowError instead of wrapping.
[[nodiscard]] std::uint64_t checked_mul(std::uint64_t a, std::uint64_t b);
/// a + b; throws OverflowError instead of wrapping.
[[nodiscard]] std::uint64_t checked_add(std::uint64_t a, std::uint64_t b);

/// a / b, rounded up; b > 0.
[[nodiscard]] constexpr std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

/// "text", with its quotes.
[[nodiscard]] std::string in_quotes(std::string_view text);

/// The words with commas between them.
[[nodiscard]] std::string joined(std::span<const std::string> words);

/// Number of insertions, deletions, substitutions and swaps of neighbours that turn a into b (bytes).
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// The name most like `word` (fewest edits, the first of equals), or "" if none is near: more than a third of the
/// longer word's letters, or more than 3 edits.
[[nodiscard]] std::string nearest(std::string_view word, std::span<const std::string_view> names);

/// The same for any range of strings.
template <class Names>
[[nodiscard]] std::string nearest(std::string_view word, const Names& names) {
  std::vector<std::string_view> views;
  for (const auto& name : names) views.emplace_back(name);
  return nearest(word, std::span<const std::string_view>(views));
}

/// "one of "a", "b"", or the nearest of them first: "did you mean "lanes"?" style help for an unknown word:
/// returns `"lanes"` when one is near, otherwise `one of "lanes", "vector_size"`.
[[nodiscard]] std::string suggestion(std::string_view word, std::span<const std::string_view> names);

/// Makes text safe and visible on a terminal: control characters (C0, DEL, C1), line and paragraph separators,
/// directional overrides and bytes that are not UTF-8 become \n, \t, \r, \xNN or \uNNNN.
[[nodiscard]] std::string escape_terminal(std::string_view text);

/// Decodes the UTF-8 sequence that starts at text[0] (text not empty). Returns its length in bytes, or 0 if it is not
/// well formed (overlong, surrogate, beyond U+10FFFF, truncated); sets `code_point`.
[[nodiscard]] std::size_t decode_utf8(std::string_view text, char32_t& code_point);

/// The shortest decimal that reads back to the same binary64, the same in every locale; integers below 1e15 without
/// exponent and with ".0" ("1.0", "0.1", "1e+22"). Throws std::domain_error for NaN and infinities.
[[nodiscard]] std::string format_double(double value);

}  // namespace lnsim
