// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/numerics/chunked.hpp"
#include "sim/numerics/dot_unit.hpp"
#include "sim/numerics/group_rounding.hpp"
#include "sim/numerics/lns.hpp"

namespace lnsim::numerics {

/// value * 2^left, floor for negative `left`; value >= 0 and the result below 2^63.
inline std::int64_t shift_net(std::int64_t value, std::int64_t left) {
  if (left >= 0) return value << (left < 63 ? left : 63);
  return left <= -63 ? 0 : value >> -left;
}

/// One operand of an LNS unit: its format, and how its exponent codes become those of the common gamma.
struct LnsOperand {
  std::shared_ptr<const LnsFormat> format;
  unsigned exponent_shift = 0;  ///< log2(gamma / gamma_operand)

  /// e * gamma / gamma_operand of a code.
  [[nodiscard]] std::int64_t exponent(Code code) const {
    return std::int64_t{format->exponent(code)} << exponent_shift;
  }
  /// E * gamma / gamma_operand.
  [[nodiscard]] std::int64_t max_exponent() const { return std::int64_t{format->max_exponent()} << exponent_shift; }
};

/// The fixed integers of an LNS dot-product unit, derived from its spec; letters as in the definition:
/// p = e_a + e_b at the larger gamma, q = p >> b, r = p mod gamma, bin i = r >> (b - l), t = r mod (gamma / L).
/// Sources: LNS-Madam (Zhao et al. 2022) for the bins, Mitchell (1962) for 2^(t/gamma) ~ 1 + t/gamma.
struct LnsDatapath {
  LnsOperand a;
  LnsOperand b;
  bool per_element = true;
  unsigned log2_gamma = 0;              ///< b
  unsigned log2_lut = 0;                ///< l
  unsigned fraction_bits = 0;           ///< C
  unsigned guard = 0;                   ///< G
  std::int64_t full_scale = 0;          ///< P, the largest p
  std::int64_t max_quotient = 0;        ///< q_max
  std::int64_t lsb = 0;                 ///< lam: an accumulator LSB is 2^lam unit products
  std::int64_t dropped = 0;             ///< D of bin_trees, D' of per_element
  std::int64_t tree_bits = 0;           ///< bits of a group's sum, with sign
  GroupRounding rounding;               ///< of a group's sum into the accumulator (R, floor or nearest even)
  std::vector<std::int64_t> constants;  ///< c_i

  [[nodiscard]] std::int64_t gamma() const { return std::int64_t{1} << log2_gamma; }
  /// What reaches the tree of one element with p, before its sign: m of bin_trees, x of per_element.
  [[nodiscard]] std::int64_t tree_input(std::int64_t p) const;
  /// i, the bin of one element.
  [[nodiscard]] std::size_t bin(std::int64_t p) const {
    return static_cast<std::size_t>((p & (gamma() - 1)) >> (log2_gamma - log2_lut));
  }
  /// An element's contribution to the group's sum T without its sign: m * c_i, or x.
  [[nodiscard]] std::int64_t contribution(std::int64_t p) const {
    return per_element ? tree_input(p) : tree_input(p) * constants[bin(p)];
  }
};

/// Checks the spec of an LNS unit and derives its datapath; throws SpecError with what is wrong.
[[nodiscard]] LnsDatapath make_lns_datapath(const DotSpec& spec);

}  // namespace lnsim::numerics
