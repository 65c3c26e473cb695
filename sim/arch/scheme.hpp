// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/arch/element_size.hpp"
#include "sim/numerics/block_dot.hpp"
#include "sim/numerics/dot_unit.hpp"
#include "sim/support/json.hpp"
#include "sim/workload/pass.hpp"

namespace lnsim {

/// How the scale of an output is found (design: "Scales are inputs of a pass").
enum class ScaleHandling : std::uint8_t { kDelayed, kTwoPass, kStatic };

/// How gradients of activations are rounded to their format: to the nearest number, or to one of its neighbours at
/// random (numerics/stochastic.hpp).
enum class GradientRounding : std::uint8_t { kNearest, kStochastic };

enum class Optimizer : std::uint8_t { kMadam, kSgdMomentum, kAdam };
[[nodiscard]] std::string_view optimizer_name(Optimizer optimizer);

/// The dot-product unit of a scheme or of `explain --unit`: arithmetic and structure, with the defaults of the operand
/// kind filled in where a file was read. Formats and vector size are empty in a scheme, which takes them from its roles
/// and from the accelerator. Fields that do not belong to the operand kind keep their defaults and have no meaning.
struct DotProductParams {
  numerics::FormatPtr format_a;
  numerics::FormatPtr format_b;
  std::optional<std::uint64_t> vector_size;
  numerics::LnsConversion conversion;          ///< LNS operands
  std::optional<unsigned> tree_fraction_bits;  ///< F; nullopt with tree_exact false: the default (0)
  bool tree_exact = false;
  std::optional<unsigned> window;  ///< FP operands into a float accumulator; nullopt: by the operands of each pass
  bool sign_split = false;  ///< positive and negative magnitudes in trees of their own (structure, not arithmetic)
  numerics::AccumulatorSpec accumulator;
};

/// Number formats per tensor role, the dot-product unit, scales and the optimizer.
struct Scheme {
  std::string name;
  std::string description;
  std::string source;  ///< where its numbers come from
  numerics::FormatPtr weight;
  numerics::FormatPtr activation;
  numerics::FormatPtr gradient;
  numerics::FormatPtr weight_gradient;
  numerics::FormatPtr accumulation;  ///< gradient accumulation buffer over micro-batches
  numerics::FormatPtr vector;        ///< arithmetic of the vector unit
  /// What the optimizer updates: a master copy (FP32), or the log-domain update copy; null: the weight itself.
  numerics::FormatPtr update;
  DotProductParams dot_product;
  /// "accumulator": "auto" in the file: dot_product holds the default accumulator of the operand kind until the least
  /// one for a network takes its place (auto_accumulator(), which clears this).
  bool auto_accumulator = false;
  ScaleHandling scale = ScaleHandling::kDelayed;
  GradientRounding gradient_rounding = GradientRounding::kNearest;
  Optimizer optimizer_cnn = Optimizer::kSgdMomentum;
  Optimizer optimizer_transformer = Optimizer::kAdam;

  [[nodiscard]] const numerics::Format& format(Role role) const;  ///< not for kMask, kIndex
  [[nodiscard]] unsigned bits(const Tensor& tensor) const;        ///< of a code
  /// What an element takes in memory, block scales included.
  [[nodiscard]] ElementSize size(const Tensor& tensor) const;
  /// Whether weights, activations and gradients have block scales; they all have, or none.
  [[nodiscard]] bool block_scaled() const;
  /// Of a network family, "cnn" or "transformer"; throws std::invalid_argument for another one.
  [[nodiscard]] Optimizer optimizer(const std::string& family) const;
};

/// Reads and checks a scheme file ("lnsim.scheme/1"); throws InputError.
[[nodiscard]] Scheme read_scheme(const Document& document);
/// The resolved scheme: every default written out; reads back to the same scheme.
[[nodiscard]] Json write_scheme(const Scheme& scheme);
[[nodiscard]] Json scheme_schema();
/// Whether the scheme's unit exists for every pair of operands that a training step multiplies, at this vector size;
/// throws InputError ("/dot_product") otherwise. read_scheme checks at vector size 1, which any chunk length allows;
/// chunks and sums of V elements need the accelerator's.
void check_scheme(const Scheme& scheme, std::uint64_t vector_size, const std::string& file);

/// Throws InputError if the scheme has block scales, of which `what` ("--data") has no codes.
void refuse_block_scales(const Scheme& scheme, const std::string& file, const std::string& what);

/// Reads a bare dot_product object (the FILE of `explain --unit`); pointer is where it stands in its file.
/// Its formats are required, its vector size is 32 by default; throws InputError, also for a unit that does not exist.
[[nodiscard]] DotProductParams read_dot_product(const Json& json, const std::string& file, const std::string& pointer);
/// A unit with operands of that kind, every default written out; fields of other kinds are left out.
[[nodiscard]] Json write_dot_product(const DotProductParams& params, numerics::FormatKind kind);
[[nodiscard]] Json dot_product_schema();

/// A number format: a name ("int8") or {"type": "lns", "bits", "gamma", "zero"} ("zero_code", the default, or
/// "min_code"). Throws InputError.
[[nodiscard]] numerics::FormatPtr read_format(const Json& json, const std::string& file, const std::string& pointer);
[[nodiscard]] Json write_format(const numerics::Format& format);

/// The optimizer's state tensors per weight, all FP32: first and/or second moment.
[[nodiscard]] unsigned optimizer_states(Optimizer optimizer);

/// The unit of a pass: operand formats a and b (machine operands) with the scheme's structure and accumulator. Fields
/// that do not belong to the kind of the operands are left out.
[[nodiscard]] numerics::DotSpec dot_spec(const DotProductParams& params, numerics::FormatPtr a, numerics::FormatPtr b,
                                         unsigned vector_size);

/// Bits of the raw accumulator state of the unit for two operands, block-scaled or not. Throws numerics::SpecError if
/// there is no such unit.
[[nodiscard]] unsigned accumulator_bits(const DotProductParams& params, const numerics::FormatPtr& a,
                                        const numerics::FormatPtr& b, unsigned vector_size);

}  // namespace lnsim
