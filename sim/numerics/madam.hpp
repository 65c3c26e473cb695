// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sim/numerics/lns.hpp"

namespace lnsim::numerics {

/// Hyperparameters of the Madam update in the log domain; defaults of Zhao et al., LNS-Madam, 2022.
struct MadamParams {
  std::shared_ptr<const LnsFormat> format;  ///< of the forward copy, LNS(B, gamma)
  unsigned update_bits = 16;                ///< B_U >= B; gamma_U = gamma * 2^(B_U - B)
  double learning_rate = 1.0 / 128.0;       ///< lr > 0; lr * gamma_U should be an integer >= 1
  double scale_factor = 3.0;                ///< p_scale: scale = p_scale * rms(initial weights)
  double gradient_bound = 10.0;             ///< normalised gradients are clamped to +-this
  double beta = 0.999;                      ///< decay of the second moment, in [0, 1)
};

/// Weights of one tensor under Madam: an update copy of wide codes, the second moments, and the forward copy derived
/// from them. Both copies share one scale. All steps in binary64, element by element, as the definition orders them.
class MadamTensor {
 public:
  /// Quantises the initial weights. Throws SpecError for parameters out of range, CodeError for NaN weights.
  MadamTensor(const MadamParams& params, std::span<const double> initial_weights);

  /// One update with the gradients of all weights; throws std::invalid_argument if their number differs and CodeError
  /// for an infinite or NaN gradient.
  void step(std::span<const double> gradients) { step(gradients, params_.learning_rate); }
  /// The same at another learning rate > 0, for schedules.
  void step(std::span<const double> gradients, double learning_rate);
  /// Continues from a state that was read from another object of equal parameters and size; throws
  /// std::invalid_argument if it cannot be one.
  void restore(std::uint64_t steps, double scale, std::vector<Code> update_codes, std::vector<double> moments);

  [[nodiscard]] std::size_t size() const { return codes_.size(); }
  [[nodiscard]] double scale() const { return scale_; }
  /// Updates so far.
  [[nodiscard]] std::uint64_t steps() const { return steps_; }
  /// LNS(B_U, gamma_U), and its codes.
  [[nodiscard]] const std::shared_ptr<const LnsFormat>& update_format() const { return update_format_; }
  [[nodiscard]] const std::vector<Code>& update_codes() const { return codes_; }
  /// LNS(B, gamma), and the code of one weight in it.
  [[nodiscard]] const std::shared_ptr<const LnsFormat>& forward_format() const { return params_.format; }
  [[nodiscard]] Code forward_code(std::size_t i) const;
  /// The forward copy of the tensor, size() codes of the forward format's container.
  void forward_codes(std::byte* codes) const;
  /// Second moments v.
  [[nodiscard]] const std::vector<double>& moments() const { return moments_; }

 private:
  [[nodiscard]] Code stepped(Code code, double normalised, double learning_rate) const;

  MadamParams params_;
  std::shared_ptr<const LnsFormat> update_format_;
  double scale_ = 1.0;
  std::uint64_t steps_ = 0;
  std::vector<Code> codes_;
  std::vector<double> moments_;
};

/// The forward code of an update code: e_f = E - rhe((E_U - e) / 2^(B_U - B)), (0, 0) where it vanishes.
[[nodiscard]] Code madam_forward_code(const LnsFormat& update, const LnsFormat& forward, Code code);

}  // namespace lnsim::numerics
