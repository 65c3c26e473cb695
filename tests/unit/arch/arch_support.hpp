// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "sim/support/error.hpp"
#include "sim/support/json.hpp"

namespace lnsim::test {

inline Json json_of(std::string_view text) { return parse_json(text, "test.json").root; }

/// The message of the InputError that the call throws, or "" if it throws none.
template <class Call>
std::string input_error(Call call) {
  try {
    call();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

inline bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace lnsim::test
