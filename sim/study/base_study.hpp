// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/numerics/format.hpp"
#include "sim/workload/pass.hpp"

namespace lnsim {

/// An LNS format with a zero code: bits with sign, gamma = 2^log2_gamma steps per octave.
struct LnsBase {
  unsigned bits = 8;
  unsigned gamma = 8;
  friend auto operator<=>(const LnsBase&, const LnsBase&) = default;
};
[[nodiscard]] numerics::FormatPtr format_of(const LnsBase& base);

/// The roles whose format a scheme chooses, in this order.
inline constexpr std::array kStudiedRoles = {Role::kWeight, Role::kActivation, Role::kGradient};

struct BaseStudyOptions {
  unsigned least_bits = 4;  ///< 2..16
  unsigned most_bits = 8;
  std::uint64_t samples = 65536;  ///< elements of each tensor, evenly over it where they come from a file
  std::uint64_t seed = 1;         ///< of synthetic tensors
  std::vector<LnsBase> also;      ///< studied beside those of the range
  /// Folder with NumPy files "<layer>.<tensor>.npy"; tensors without a file are synthetic.
  std::optional<std::filesystem::path> tensors;
};

/// How well each base keeps one tensor: noise to signal, the second moment of the errors over that of the values.
struct TensorNoise {
  std::string layer;
  std::string tensor;
  Role role = Role::kWeight;
  bool measured = false;      ///< from a file
  std::uint64_t macs = 0;     ///< of the GEMMs that read it in an iteration
  std::vector<double> noise;  ///< per base of BaseStudy::bases
};

/// The pair of roles that a GEMM multiplies, as indices into kStudiedRoles, a <= b, and the MACs of such GEMMs.
struct PairWork {
  std::size_t a = 0;
  std::size_t b = 0;
  std::uint64_t macs = 0;
};

struct BaseStudy {
  std::vector<LnsBase> bases;  ///< by bits, then gamma
  std::vector<TensorNoise> tensors;
  std::vector<PairWork> pairs;
  /// Noise of a role under each base: the mean over its tensors, by MACs; empty if no GEMM reads the role.
  std::array<std::vector<double>, kStudiedRoles.size()> noise;
};

/// Quantises samples of every tensor that a GEMM reads, with the usual scale (the largest magnitude). Throws InputError
/// for a tensor file that cannot be used.
[[nodiscard]] BaseStudy study_bases(const std::vector<LayerPass>& passes, const BaseStudyOptions& options);

/// Price of one MAC of two operands, in any unit of measure; the same for both orders.
using PairCost = std::function<double(const LnsBase& a, const LnsBase& b)>;

/// A base for each role.
struct BaseChoice {
  std::array<LnsBase, kStudiedRoles.size()> bases;
  double noise = 0;  ///< of a product, mean over all MACs: the noise of both operands
  double cost = 0;   ///< of a MAC, mean over all MACs
};
/// What a choice has for noise and cost.
[[nodiscard]] BaseChoice judge(const BaseStudy& study, const std::array<LnsBase, kStudiedRoles.size()>& bases,
                               const PairCost& cost);
/// The choice with the least noise whose cost does not exceed the budget; of equal noise the cheaper one, then the one
/// of fewer bits. All combinations are tried. nullopt: none is that cheap.
[[nodiscard]] std::optional<BaseChoice> best_bases(const BaseStudy& study, const PairCost& cost, double budget);

/// 10 log10 of signal over noise; infinite without noise.
[[nodiscard]] double snr_db(double noise);

}  // namespace lnsim
