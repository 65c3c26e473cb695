// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/workload/pass.hpp"

namespace lnsim {

/// What the counts of a vector operation are proportional to.
enum class Per : std::uint8_t {
  kElement,  ///< elements of the layer's input (embedding: of its output)
  kOutput,   ///< pooling, move, reduce: output elements
  kTap,      ///< pooling: pairs of an output and a window position inside the input
  kCovered,  ///< pooling: input elements that some window meets; move: that the output takes
  kRow,      ///< rows of a layer_norm or softmax; ids of an embedding
  kChannel,  ///< channels, or columns of a layer_norm: elements of the scale
  kPartial,  ///< gradient_add: elements of all the gradients that meet
  kTable,    ///< embedding: elements of the table
  kSecond,   ///< binary: elements of the second input
  kCount
};

/// count x the quantity.
struct Term {
  int count = 0;
  Per per = Per::kElement;
};

/// A tensor read or written; the tensor is larger than what moves where `size` says so.
struct StreamCost {
  std::string_view tensor;
  Role role = Role::kActivation;
  Term moved;
  Term size{};  ///< count 0: as moved
};

/// An operation of the vector unit: the sum of the terms (a term may be negative).
struct OpCost {
  VectorOp op = VectorOp::kAdd;
  std::vector<Term> terms;
};

/// One sweep of one pass of a vector operation: the rule from which passes are made and from which the table in
/// docs/workloads.md and in `explain` is printed.
struct SweepCost {
  /// Layer type, or the function of a unary, "binary_" and "reduce_" and the function, "affine", "affine_scale" and
  /// "affine_shift", "bias_grad", "gradient_add".
  std::string_view type;
  PassKind pass = PassKind::kForward;
  std::string_view sweep;
  std::vector<Term> elements;  ///< processed by the vector unit
  std::vector<StreamCost> reads;
  std::vector<StreamCost> writes;
  std::vector<OpCost> ops;
  unsigned walks = 1;    ///< times each row is walked in the buffer
  bool by_rows = false;  ///< a reduction over rows
};

/// Sweeps of a binary function's backward pass, of which those run that belong to the inputs that get a gradient.
inline constexpr std::string_view kBothGradients = "both_gradients";
inline constexpr std::string_view kFirstGradient = "first_gradient";
inline constexpr std::string_view kSecondGradient = "second_gradient";

/// All sweeps of all vector operations.
[[nodiscard]] const std::vector<SweepCost>& vector_cost_table();

/// A row of the printed table; every cell is text such as "x: 1 per element; sums: 2 per channel".
struct VectorCostRow {
  std::string type, pass, sweep, elements, reads, writes, ops, walks;
};
[[nodiscard]] std::vector<VectorCostRow> vector_op_costs();

}  // namespace lnsim
