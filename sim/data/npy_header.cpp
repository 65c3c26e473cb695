// SPDX-License-Identifier: Apache-2.0
#include "sim/data/npy_header.hpp"

#include "sim/support/error.hpp"
#include "sim/support/text.hpp"

namespace lnsim {
namespace {

/// A cursor over the literal; every failure is an InputError that shows where it stopped.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& file) : rest_(text), file_(file) {}

  NpyHeader parse() {
    NpyHeader header;
    bool descr = false;
    bool order = false;
    bool shape = false;
    expect('{');
    while (!accept('}')) {
      const std::string key = read_string();
      expect(':');
      if (key == "descr" && !descr) {
        descr = true;
        header.descr = read_string();
      } else if (key == "fortran_order" && !order) {
        order = true;
        header.fortran_order = read_bool();
      } else if (key == "shape" && !shape) {
        shape = true;
        header.elements = read_shape();
      } else {
        fail("'" + key + "'", "the keys 'descr', 'fortran_order' and 'shape', each once");
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_space();
    if (!rest_.empty()) fail("", "nothing behind the dictionary");
    if (!descr || !order || !shape) fail("", "'descr', 'fortran_order' and 'shape'");
    return header;
  }

 private:
  [[noreturn]] void fail(std::string value, std::string expected) const {
    if (value.empty()) value = rest_.empty() ? "the end of the header" : std::string(rest_.substr(0, 20));
    throw InputError(file_, "header", std::move(value), std::move(expected));
  }
  void skip_space() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\n')) rest_.remove_prefix(1);
  }
  bool accept(char letter) {
    skip_space();
    if (rest_.empty() || rest_.front() != letter) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char letter) {
    if (!accept(letter)) fail("", std::string("'") + letter + "'");
  }
  bool accept_word(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  std::string read_string() {
    const char quote = accept('"') ? '"' : '\'';
    if (quote == '\'' && !accept('\'')) fail("", "a string");  // a list: a structured type
    const std::size_t end = rest_.find(quote);
    if (end == std::string_view::npos) fail("", "the end of a string");
    std::string text(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    return text;
  }
  bool read_bool() {
    skip_space();
    if (accept_word("True")) return true;
    if (!accept_word("False")) fail("", "True or False");
    return false;
  }
  std::uint64_t read_size() {
    skip_space();
    std::uint64_t value = 0;
    std::size_t digits = 0;
    for (; digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9'; ++digits) {
      value = checked_add(checked_mul(value, 10), static_cast<std::uint64_t>(rest_[digits] - '0'));
    }
    if (digits == 0) fail("", "a size");
    rest_.remove_prefix(digits);
    return value;
  }
  std::uint64_t read_shape() {
    const std::string_view start = rest_;
    expect('(');
    std::uint64_t elements = 1;
    try {
      while (!accept(')')) {
        elements = checked_mul(elements, read_size());
        if (!accept(',')) {
          expect(')');
          break;
        }
      }
    } catch (const OverflowError&) {
      fail("shape " + std::string(start.substr(0, 60)), "a number of elements below 2^64");
    }
    return elements;
  }

  std::string_view rest_;
  const std::string& file_;
};

}  // namespace

NpyHeader parse_npy_header(std::string_view text, const std::string& file) { return HeaderParser(text, file).parse(); }

}  // namespace lnsim
