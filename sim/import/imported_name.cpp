// SPDX-License-Identifier: Apache-2.0
#include "sim/import/imported_name.hpp"

#include <algorithm>

#include "sim/support/text.hpp"

namespace lnsim {

std::string imported_name(std::string_view name) {
  std::string result;
  for (std::string_view rest = name; !rest.empty();) {
    char32_t ignored = 0;
    const std::size_t length = decode_utf8(rest, ignored);
    result += length > 0 ? std::string(rest.substr(0, length)) : escape_terminal(rest.substr(0, 1));
    rest.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return result;
}

}  // namespace lnsim
