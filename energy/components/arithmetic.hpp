// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "energy/bill.hpp"

namespace lnsim::energy {

/// Pipelined floating-point accumulation (1, e, m) of a signed sum of `sum_bits` magnitude bits: normalise the sum,
/// align the smaller addend, add, normalise again, round. `times` per action, one instance.
void add_float_accumulate(Bill& bill, std::string_view part, double sum_bits, double exponent, double mantissa,
                          double times, const LogicPrices& logic);

/// Pipelined floating-point addition of two (1, e, m) numbers: align, add, normalise, round.
void add_float_add(Bill& bill, std::string_view part, double exponent, double mantissa, double times,
                   const LogicPrices& logic);

/// Floating-point multiplication: significands, exponents, rounding.
void add_float_multiply(Bill& bill, std::string_view part, double exponent, double mantissa, double times);

/// Larger of two floating-point numbers: an integer comparison.
void add_float_compare(Bill& bill, std::string_view part, double exponent, double mantissa, double times);

/// Constant table of `entries` words of `bits`.
void add_table(Bill& bill, std::string_view part, double entries, double bits, double times);

}  // namespace lnsim::energy
