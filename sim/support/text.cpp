// SPDX-License-Identifier: Apache-2.0
#include "sim/support/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace lnsim {

std::uint64_t checked_mul(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) {
    throw OverflowError(std::to_string(a) + " * " + std::to_string(b) + " does not fit 64 bits");
  }
  return product;
}

std::uint64_t checked_add(std::uint64_t a, std::uint64_t b) {
  std::uint64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) {
    throw OverflowError(std::to_string(a) + " + " + std::to_string(b) + " does not fit 64 bits");
  }
  return sum;
}

std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

std::string joined(std::span<const std::string> words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ",") + word;
  return text;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Optimal string alignment, three rows: two, one and zero letters of `a` back.
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitute = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({substitute, last[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

std::string nearest(std::string_view word, std::span<const std::string_view> names) {
  constexpr std::size_t kMostEdits = 3;
  constexpr std::size_t kLongestWord = 256;  // the distance takes time in the product of the lengths
  if (word.size() > kLongestWord) return {};
  std::string_view best;
  std::size_t best_edits = kMostEdits + 1;
  for (const std::string_view name : names) {
    if (name.size() > kLongestWord) continue;
    const std::size_t edits = edit_distance(word, name);
    const std::size_t allowed = std::max<std::size_t>(1, std::max(word.size(), name.size()) / 3);
    if (edits < best_edits && edits <= allowed && edits < name.size()) {
      best = name;
      best_edits = edits;
    }
  }
  return std::string(best);
}

std::string suggestion(std::string_view word, std::span<const std::string_view> names) {
  if (const std::string near = nearest(word, names); !near.empty()) return "\"" + near + "\"";
  if (names.empty()) return "nothing here";
  std::string list = names.size() == 1 ? "" : "one of ";
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) list += ", ";
    list += "\"" + std::string(names[i]) + "\"";
  }
  return list;
}

std::size_t decode_utf8(std::string_view text, char32_t& code_point) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) {
    code_point = first;
    return 1;
  }
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  code_point = first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
    code_point = (code_point << 6U) | (byte(i) & 0x3FU);
  }
  constexpr std::array<char32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  return code_point < kSmallest[length] || surrogate || code_point > 0x10FFFF ? 0 : length;
}

namespace {

/// True for code points that move the cursor, break the line, or reorder what is shown.
bool is_unsafe(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x61C || (c >= 0x200E && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

std::string visible(char32_t c) {
  switch (c) {
    case U'\n': return "\\n";
    case U'\r': return "\\r";
    case U'\t': return "\\t";
    default: break;
  }
  std::array<char, 16> buffer{};
  std::snprintf(buffer.data(), buffer.size(), c < 0x80 ? "\\x%02x" : "\\u%04x", static_cast<unsigned>(c));
  return buffer.data();
}

}  // namespace

std::string escape_terminal(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    char32_t code_point = 0;
    std::size_t length = decode_utf8(text, code_point);
    if (length == 0) {
      std::array<char, 8> buffer{};
      std::snprintf(buffer.data(), buffer.size(), "\\x%02x",
                    static_cast<unsigned>(static_cast<unsigned char>(text[0])));
      result += buffer.data();
      length = 1;
    } else if (is_unsafe(code_point)) {
      result += visible(code_point);
    } else {
      result += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return result;
}

std::string format_double(double value) {
  if (!std::isfinite(value)) throw std::domain_error("NaN or infinity cannot be written as a number");
  std::array<char, 32> buffer{};
  constexpr double kPlainBelow = 1e15;  // all integers below are exact, and 15 digits are still easy to read
  const bool plain = std::floor(value) == value && std::fabs(value) < kPlainBelow;
  const auto end = plain ? std::to_chars(buffer.begin(), buffer.end(), value, std::chars_format::fixed)
                         : std::to_chars(buffer.begin(), buffer.end(), value);
  std::string text(buffer.data(), end.ptr);
  if (plain) text += ".0";
  return text;
}

}  // namespace lnsim
