// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "sim/support/json.hpp"

namespace lnsim::detail {

/// What a fast parse gives.
struct FastParse {
  std::optional<Json> root;  ///< empty: the text is not sound, or only the strict parser can tell
  bool handed_over = false;  ///< elements of the array were handed over
};

/// The value of sound JSON, as the strict parser builds it, several times as fast. Whatever that parser refuses is not
/// accepted, without a message: the strict parser then has the word. `array`, `each`: as in read_json_file().
/// `padded`: kPadding more bytes behind the text may be read.
[[nodiscard]] FastParse parse_fast(std::string_view text, bool padded, const std::string& array,
                                   const std::function<void(Json&&)>& each);
inline constexpr std::size_t kPadding = 64;

}  // namespace lnsim::detail
