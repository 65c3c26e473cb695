// SPDX-License-Identifier: Apache-2.0
#include "sim/numerics/requests/operations.hpp"
#include "sim/numerics/vrr.hpp"

namespace lnsim::numerics {
namespace {

using nlohmann::json;

Accumulation accumulation(RequestFields& fields) {
  constexpr auto kMaxLength = static_cast<std::int64_t>(Accumulation::kMaxLength);
  Accumulation sum;
  sum.product_mantissa = fields.natural("m_p", 1, Accumulation::kMaxBits);
  sum.length = static_cast<std::uint64_t>(fields.integer("n", 1, kMaxLength));
  if (fields.has("chunk")) sum.chunk = static_cast<std::uint64_t>(fields.integer("chunk", 1, kMaxLength));
  sum.non_zero_ratio = fields.number("nzr", sum.non_zero_ratio);
  return sum;
}

json result_of(const Accumulation& sum, unsigned accumulator_mantissa) {
  const Retention kept = retention(sum, accumulator_mantissa);
  return {{"vrr", finite_number(kept.vrr)}, {"ln_v", finite_number(kept.ln_v)}};
}

}  // namespace

json evaluate_vrr(RequestFields& fields) {
  const Accumulation sum = accumulation(fields);
  return result_of(sum, fields.natural("m_acc", 1, Accumulation::kMaxBits));
}

json evaluate_min_m_acc(RequestFields& fields) {
  const Accumulation sum = accumulation(fields);
  const unsigned least = least_mantissa(sum);
  json result = result_of(sum, least);
  result["min_m_acc"] = least;
  return result;
}

}  // namespace lnsim::numerics
