// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "energy/bill.hpp"
#include "energy/components/widths.hpp"

namespace lnsim::energy {

/// One code becomes a floating-point number (1, exponent, mantissa): LNS by a table of 2^(r/gamma) and an exponent
/// add, INT by normalisation, FP by rebiasing (and normalising subnormals).
void add_decode(Bill& bill, std::string_view part, const FormatWidths& code, double exponent, double mantissa);

/// A floating-point number becomes a code: LNS by a table of log2 and an exponent add, INT by the scale multiplier,
/// shift and rounding, FP by rounding; clamped to the format's range.
void add_encode(Bill& bill, std::string_view part, const FormatWidths& code, double exponent, double mantissa);

/// Entries of the log2 table of an encoder: two address bits more than the fraction has.
[[nodiscard]] double log_table_entries(const FormatWidths& lns);

/// What encoding an element of a block-scaled format takes beyond its code: it waits, `bits` wide, until the largest
/// magnitude of its block is known, from which the scale follows once per block. Nothing for other formats.
void add_block_scale(Bill& bill, const numerics::Format& format, double bits);

/// What rounding an element at random takes: a generator of its own, and an adder in place of the rounding's carry.
void add_stochastic_rounding(Bill& bill);

}  // namespace lnsim::energy
