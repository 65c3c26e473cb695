// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/numerics/dot_unit.hpp"
#include "sim/workload/pass.hpp"

namespace lnsim {

/// How the scale of an output is found (design: "Scales are inputs of a pass").
enum class ScaleHandling : std::uint8_t { kDelayed, kTwoPass, kStatic };

enum class Optimizer : std::uint8_t { kMadam, kSgdMomentum, kAdam };
[[nodiscard]] std::string_view optimizer_name(Optimizer optimizer);

/// The dot-product unit of a scheme or of `explain --unit`: arithmetic and structure. Formats and vector size are
/// optional here: a scheme takes them from its roles and from the accelerator.
struct DotProductParams {
  numerics::FormatPtr format_a;
  numerics::FormatPtr format_b;
  std::optional<std::uint64_t> vector_size;
  numerics::LnsConversion conversion;
  std::optional<unsigned> tree_fraction_bits;  ///< F; nullopt with tree_exact false: the default (0)
  bool tree_exact = false;
  std::optional<unsigned> window;
  bool sign_split = false;
  numerics::AccumulatorSpec accumulator;
};

/// Number formats per tensor role, the dot-product unit, scales and the optimizer.
struct Scheme {
  std::string name;
  std::string description;
  numerics::FormatPtr weight;
  numerics::FormatPtr activation;
  numerics::FormatPtr gradient;
  numerics::FormatPtr weight_gradient;
  numerics::FormatPtr accumulation;  ///< gradient accumulation buffer over micro-batches
  numerics::FormatPtr vector;        ///< arithmetic of the vector unit
  /// What the optimizer updates: a master copy (FP32), or the log-domain update copy; null: the weight itself.
  numerics::FormatPtr update;
  DotProductParams dot_product;
  ScaleHandling scale = ScaleHandling::kDelayed;
  Optimizer optimizer_cnn = Optimizer::kSgdMomentum;
  Optimizer optimizer_transformer = Optimizer::kAdam;

  [[nodiscard]] const numerics::Format& format(Role role) const;  ///< not for kMask, kIndex
  [[nodiscard]] unsigned bits(const Tensor& tensor) const;
  [[nodiscard]] Optimizer optimizer(const std::string& family) const;
};

/// The optimizer's state tensors per weight, all FP32: first and/or second moment.
[[nodiscard]] unsigned optimizer_states(Optimizer optimizer);

/// The unit of a pass: operand formats a and b (machine operands) with the scheme's structure and accumulator.
[[nodiscard]] numerics::DotSpec dot_spec(const DotProductParams& params, numerics::FormatPtr a, numerics::FormatPtr b,
                                         unsigned vector_size);

}  // namespace lnsim
