// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/numerics/requests/request_fields.hpp"

namespace lnsim::numerics {

// One function per op: fields in, result out. Each throws an exception derived from std::exception with the reason if
// the request is invalid.

/// quantize: sign and e (LNS) or code, and value.
[[nodiscard]] nlohmann::json evaluate_quantize(RequestFields& fields);
/// decode: value.
[[nodiscard]] nlohmann::json evaluate_decode(RequestFields& fields);
/// dot of LNS, INT or FP operands: acc, saturations, value.
[[nodiscard]] nlohmann::json evaluate_dot(RequestFields& fields);
/// quantize_block: tensor_scale, scales, codes and values of numbers along K (docs/block_formats.md).
[[nodiscard]] nlohmann::json evaluate_quantize_block(RequestFields& fields);
/// decode_block: values.
[[nodiscard]] nlohmann::json evaluate_decode_block(RequestFields& fields);
/// dot_block: acc, saturations, value.
[[nodiscard]] nlohmann::json evaluate_dot_block(RequestFields& fields);
/// madam: scale, sign, e0, and the codes of both copies at the steps to report.
[[nodiscard]] nlohmann::json evaluate_madam(RequestFields& fields);
/// vrr: vrr and ln_v of an accumulator of m_acc mantissa bits.
[[nodiscard]] nlohmann::json evaluate_vrr(RequestFields& fields);
/// min_m_acc: the least mantissa that meets the criterion, and its vrr and ln_v.
[[nodiscard]] nlohmann::json evaluate_min_m_acc(RequestFields& fields);

}  // namespace lnsim::numerics
