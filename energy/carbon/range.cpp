// SPDX-License-Identifier: Apache-2.0
#include "energy/carbon/range.hpp"

#include <array>
#include <charconv>
#include <cstddef>

#include "sim/support/error.hpp"
#include "sim/support/json.hpp"
#include "sim/support/text.hpp"

namespace lnsim::carbon {

Range parse_range(const std::string& origin, const std::string& text, double min, double max) {
  const auto refuse = [&] {
    throw InputError(
        origin, "", brief_json(Json(text)),
        "a number " + format_double(min) + " to " + format_double(max) + ", or LOW:MID:HIGH with LOW <= MID <= HIGH");
  };
  std::array<double, 3> figures{};
  std::size_t count = 0;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  while (true) {
    if (count == figures.size()) refuse();
    const auto [stop, error] = std::from_chars(at, end, figures[count], std::chars_format::fixed);
    if (error != std::errc{} || !(figures[count] >= min) || !(figures[count] <= max)) refuse();
    ++count;
    if (stop == end) break;
    if (*stop != ':') refuse();
    at = stop + 1;
  }
  if (count == 1) return {figures[0], figures[0], figures[0]};
  if (count != figures.size() || figures[0] > figures[1] || figures[1] > figures[2]) refuse();
  return {figures[0], figures[1], figures[2]};
}

}  // namespace lnsim::carbon
