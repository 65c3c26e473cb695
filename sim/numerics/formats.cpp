// SPDX-License-Identifier: Apache-2.0
// The list of named formats.
#include "sim/numerics/float_format.hpp"
#include "sim/numerics/format.hpp"
#include "sim/numerics/int.hpp"

namespace lnsim::numerics {
namespace {

std::vector<FormatPtr> make_named_formats() {
  std::vector<FormatPtr> formats;
  for (unsigned bits = IntFormat::kMinBits; bits <= IntFormat::kMaxBits; ++bits) {
    formats.push_back(std::make_shared<const IntFormat>(bits));
  }
  append_float_formats(formats);
  return formats;
}

}  // namespace

const std::vector<FormatPtr>& named_formats() {
  static const std::vector<FormatPtr> formats = make_named_formats();
  return formats;
}

FormatPtr find_format(std::string_view name) {
  for (const FormatPtr& format : named_formats()) {
    if (format->name() == name) return format;
  }
  return nullptr;
}

}  // namespace lnsim::numerics
