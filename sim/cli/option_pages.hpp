// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace lnsim::cli {

/// An option as its subcommand declares it.
struct OptionRow {
  std::string group;       ///< heading
  std::string name;        ///< without dashes
  std::string value_name;  ///< "FILE", "table|json|csv"; "" for a switch
  std::string text;
};

/// The subcommand's part of the man page. `usage`: "sweep [options] SPEC.json".
[[nodiscard]] std::string roff_section(const std::string& usage, const std::string& about,
                                       const std::vector<OptionRow>& rows);
/// The subcommand's case of the bash completion: its options, and the values of those that take one of some words.
[[nodiscard]] std::string bash_case(const std::string& usage, const std::vector<OptionRow>& rows);

/// What stands before and behind the parts of all subcommands.
[[nodiscard]] std::string man_page_head();
[[nodiscard]] std::string man_page_end();
[[nodiscard]] std::string completion_head();
[[nodiscard]] std::string completion_end();

}  // namespace lnsim::cli
