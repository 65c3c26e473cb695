// SPDX-License-Identifier: Apache-2.0
// The ops on one element: quantize and decode.
#include <limits>

#include "sim/numerics/lns.hpp"
#include "sim/numerics/requests/operations.hpp"

namespace lnsim::numerics {
namespace {

using nlohmann::json;

/// A number, "inf" or "-inf".
double element(RequestFields& fields) {
  if (!fields.raw("x").is_string()) return fields.number("x");
  const std::string text = fields.text("x");
  if (text == "inf") return std::numeric_limits<double>::infinity();
  if (text == "-inf") return -std::numeric_limits<double>::infinity();
  throw SpecError(fields.path("x") + ": \"" + text + "\", expected a number, \"inf\" or \"-inf\"");
}

}  // namespace

json evaluate_quantize(RequestFields& fields) {
  const FormatPtr format = fields.format("format");
  const double scale = fields.scale("scale");
  const Code code = format->encode(element(fields), scale).code;
  json result;
  if (const auto* lns = dynamic_cast<const LnsFormat*>(format.get())) {
    result["sign"] = lns->negative(code) ? 1 : 0;
    result["e"] = lns->exponent(code);
  } else {
    result["code"] = code;
  }
  result["value"] = finite_number(format->decode(code, scale));
  return result;
}

json evaluate_decode(RequestFields& fields) {
  const FormatPtr format = fields.format("format");
  const double scale = fields.scale("scale");
  Code code = 0;
  if (const auto* lns = dynamic_cast<const LnsFormat*>(format.get())) {
    const bool negative = fields.integer("sign", 0, 1) == 1;
    code = lns->code(negative, static_cast<std::int32_t>(fields.integer("e", 0, lns->max_exponent())));
  } else {
    code = static_cast<Code>(fields.integer("code", 0, std::numeric_limits<Code>::max()));
  }
  return {{"value", finite_number(format->decode(code, scale))}};
}

}  // namespace lnsim::numerics
