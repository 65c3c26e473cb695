// SPDX-License-Identifier: Apache-2.0
#include "sim/support/describe_docs.hpp"

namespace lnsim {

void DocWriter::add(std::string_view name, const Json& value, std::string range, const Limits& limits,
                    std::string_view text) {
  std::string defaults;
  if (limits.required) {
    defaults = "required";
  } else if (!value.is_null()) {
    defaults = value.dump();
  }
  rows_.push_back({pointer_to(pointer_, name), std::move(defaults), std::move(range), limits.unit, std::string(text)});
}

}  // namespace lnsim
