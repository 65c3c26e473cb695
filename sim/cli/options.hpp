// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lnsim::cli {

/// The options of one subcommand: declared once with name, text, default and range, parsed by Boost.Program_options
/// without abbreviations. The variable's value at the declaration is the default; parse() overwrites it.
class Options {
 public:
  /// `usage` follows "Usage: lnsim " ("validate [options] FILE..."); `about` explains the subcommand.
  Options(std::string usage, std::string about);
  ~Options();
  Options(const Options&) = delete;
  Options& operator=(const Options&) = delete;

  /// Starts a new group of the help text.
  void group(const std::string& title);

  /// A switch without a value.
  void flag(const std::string& name, bool& target, const std::string& text);
  /// Any text; `value_name` stands for it in the help ("FILE").
  void text(const std::string& name, std::string& target, const std::string& value_name, const std::string& text);
  /// A whole number min..max.
  void count(const std::string& name, std::uint64_t& target, std::uint64_t min, std::uint64_t max,
             const std::string& text);
  /// The same without a default; the text says what holds then.
  void count(const std::string& name, std::optional<std::uint64_t>& target, std::uint64_t min, std::uint64_t max,
             const std::string& text);
  /// One of `names`.
  void choice(const std::string& name, std::string& target, const std::vector<std::string>& names,
              const std::string& text);
  /// Words separated by commas; if `names` is not empty, each must be one of them.
  void list(const std::string& name, std::vector<std::string>& target, const std::string& value_name,
            const std::vector<std::string>& names, const std::string& text);
  /// The words that are not options. Without this call there may be none.
  void operands(std::vector<std::string>& target);

  /// Given as the only word, these ask for the help as a part of the man page and as a case of the bash completion.
  static constexpr const char* kRoff = "--help-roff";
  static constexpr const char* kBash = "--help-bash";

  /// Parses the words after the subcommand's name. Returns false if help was asked for, in any form. Throws InputError
  /// for unknown (with the nearest known), repeated and incomplete options and for values out of range.
  [[nodiscard]] bool parse(const std::vector<std::string>& arguments);

  [[nodiscard]] std::string help() const;

 private:
  using Store = std::function<void(const std::string&)>;
  void add(const std::string& name, const std::string& value_name, const std::string& shown_default,
           const std::string& text, Store store);
  [[nodiscard]] std::vector<std::string_view> names() const;

  struct Impl;  // keeps Boost's headers out of every subcommand
  std::unique_ptr<Impl> impl_;
};

/// A whole number in decimal digits, min..max; throws InputError that names the option.
[[nodiscard]] std::uint64_t parse_count(const std::string& option, const std::string& text, std::uint64_t min,
                                        std::uint64_t max);

/// A number min..max, locale-independent; throws InputError that names the option.
[[nodiscard]] double parse_real(const std::string& option, const std::string& text, double min, double max);

/// "a,b,c" without empty words; throws InputError that names the option.
[[nodiscard]] std::vector<std::string> split_list(const std::string& option, const std::string& text);

}  // namespace lnsim::cli
