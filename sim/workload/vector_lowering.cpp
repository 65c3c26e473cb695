// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/vector_lowering.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <string>

#include "sim/support/error.hpp"
#include "sim/workload/layer_sizes.hpp"
#include "sim/workload/vector_costs.hpp"

namespace lnsim {
namespace {

/// The quantities that costs are proportional to, for a whole batch.
struct Quantities {
  std::array<std::uint64_t, static_cast<std::size_t>(Per::kCount)> amounts{};
  std::uint64_t row_elements = 0;
  unsigned index_bits = 0;

  std::uint64_t& operator[](Per per) { return amounts.at(static_cast<std::size_t>(per)); }
  [[nodiscard]] std::uint64_t total(const std::vector<Term>& terms) const {
    std::uint64_t sum = 0;  // unsigned sums wrap back: negative terms never exceed the positive ones
    for (const Term& term : terms) {
      sum += static_cast<std::uint64_t>(static_cast<std::int64_t>(term.count)) *
             amounts.at(static_cast<std::size_t>(term.per));
    }
    return sum;
  }
};

/// Bits that tell `values` values apart, at least one.
unsigned bits_for(std::uint64_t values) { return std::max(1U, static_cast<unsigned>(std::bit_width(values - 1))); }

Quantities of_rows(std::uint64_t width, std::uint64_t rows, std::uint64_t batch) {
  Quantities q;
  q[Per::kElement] = batch * rows * width;
  q[Per::kRow] = batch * rows;
  q[Per::kChannel] = width;
  q.row_elements = width;
  return q;
}

Quantities quantities(const BatchNorm& op, std::uint64_t batch) {
  Quantities q;
  q[Per::kElement] = batch * op.height * op.width * op.channels;
  q[Per::kChannel] = op.channels;
  return q;
}

Quantities quantities(const LayerNorm& op, std::uint64_t batch) { return of_rows(op.width, op.rows, batch); }
Quantities quantities(const Softmax& op, std::uint64_t batch) { return of_rows(op.width, op.rows, batch); }

Quantities elementwise(const Sizes& shape, std::uint64_t batch) {
  Quantities q;
  q[Per::kElement] = batch * product(shape);
  return q;
}
Quantities quantities(const Relu& op, std::uint64_t batch) { return elementwise(op.shape, batch); }
Quantities quantities(const Gelu& op, std::uint64_t batch) { return elementwise(op.shape, batch); }
Quantities quantities(const Add& op, std::uint64_t batch) { return elementwise(op.shape, batch); }

Quantities quantities(const Pool& op, std::uint64_t batch) {
  const Window window = window_of(op);
  const std::uint64_t planes = batch * op.channels;
  Quantities q;
  q[Per::kElement] = planes * op.height * op.width;
  q[Per::kOutput] = planes * window.h.out() * window.w.out();
  q[Per::kTap] = planes * window.h.valid_taps() * window.w.valid_taps();
  q[Per::kCovered] = planes * window.h.covered() * window.w.covered();
  q.index_bits = bits_for(window.h.kernel * window.w.kernel);
  return q;
}

Quantities quantities(const Embedding& op, std::uint64_t batch) {
  Quantities q;
  q[Per::kElement] = batch * op.tokens * op.width;
  q[Per::kRow] = batch * op.tokens;
  q[Per::kTable] = op.vocabulary * op.width;
  q.index_bits = bits_for(op.vocabulary);
  return q;
}

Quantities quantities(const Unary& op, std::uint64_t batch) { return elementwise(op.shape, batch); }

Quantities quantities(const Binary& op, std::uint64_t batch) {
  Quantities q = elementwise(op.shape, batch);
  q[Per::kSecond] = op.second == 0 ? q[Per::kElement] : batch * op.second;
  return q;
}

Quantities quantities(const Affine& op, std::uint64_t batch) {
  Quantities q = elementwise(op.shape, batch);
  q[Per::kChannel] = op.parameters;
  return q;
}

Quantities quantities(const Move& op, std::uint64_t batch) {
  Quantities q;
  for (const std::uint64_t from : op.from) q[Per::kElement] += batch * from;
  q[Per::kOutput] = batch * op.to;
  q[Per::kCovered] = std::min(q[Per::kElement], q[Per::kOutput]);
  return q;
}

Quantities quantities(const Reduce& op, std::uint64_t batch) {
  Quantities q;
  q[Per::kElement] = batch * op.in;
  q[Per::kOutput] = batch * op.out;
  q.index_bits = bits_for(op.in / op.out);
  return q;
}

Quantities quantities(const Conv2d&, std::uint64_t) { return {}; }
Quantities quantities(const ConvTranspose2d&, std::uint64_t) { return {}; }
Quantities quantities(const Linear&, std::uint64_t) { return {}; }
Quantities quantities(const Matmul&, std::uint64_t) { return {}; }

/// Index of the tensor in the pass, added at its first use.
StreamUse use_of(const StreamCost& cost, const Quantities& q, std::vector<Tensor>& tensors) {
  const std::uint64_t moved = q.total({cost.moved});
  const auto same = [&](const Tensor& tensor) { return tensor.name == cost.tensor; };
  const auto found = std::find_if(tensors.begin(), tensors.end(), same);
  const auto index = static_cast<std::size_t>(found - tensors.begin());
  if (found == tensors.end()) {
    const std::uint64_t size = cost.size.count == 0 ? moved : q.total({cost.size});
    const unsigned bits = cost.role == Role::kIndex ? q.index_bits : 0;
    tensors.push_back({std::string(cost.tensor), cost.role, size, bits});
  }
  return {index, moved};
}

Sweep sweep_of(const SweepCost& cost, const Quantities& q, std::vector<Tensor>& tensors) {
  Sweep sweep;
  sweep.name = std::string(cost.sweep);
  sweep.elements = q.total(cost.elements);
  sweep.row_elements = cost.by_rows ? q.row_elements : 0;
  sweep.buffer_passes = cost.walks;
  for (const StreamCost& read : cost.reads) sweep.reads.push_back(use_of(read, q, tensors));
  for (const StreamCost& write : cost.writes) sweep.writes.push_back(use_of(write, q, tensors));
  for (const OpCost& op : cost.ops) {
    if (const std::uint64_t count = q.total(op.terms); count > 0) sweep.ops.emplace_back(op.op, count);
  }
  return sweep;
}

/// The name by which the table of costs knows a layer: its function's, where the layer has one.
template <class Op>
std::string cost_name(const Op& op) {
  if constexpr (std::is_same_v<Op, Unary>) {
    return std::string(function_name(op.function));
  } else if constexpr (std::is_same_v<Op, Binary>) {
    return "binary_" + std::string(function_name(op.function));
  } else if constexpr (std::is_same_v<Op, Affine>) {
    return !op.shift ? "affine_scale" : (!op.scale ? "affine_shift" : "affine");
  } else if constexpr (std::is_same_v<Op, Reduce>) {
    return "reduce_" + std::string(function_name(op.function));
  } else {
    return std::string(type_name(op));
  }
}
std::string cost_name_of(const LayerOp& op) {
  return std::visit([](const auto& layer) { return cost_name(layer); }, op);
}

bool is_backward(const SweepCost& cost) {
  return cost.pass == PassKind::kInputGrad || cost.pass == PassKind::kWeightGrad;
}

template <class Skip>
std::optional<LayerPass> pass_of(std::string_view type, PassKind kind, const Quantities& q, Skip skip) {
  LayerPass pass;
  pass.type = std::string(type);
  pass.kind = kind;
  for (const SweepCost& cost : vector_cost_table()) {
    if (cost.type != type || cost.pass != kind || skip(cost)) continue;
    pass.sweeps.push_back(sweep_of(cost, q, pass.tensors));
  }
  if (pass.sweeps.empty()) return std::nullopt;
  return pass;
}

LayerPass pass_of(std::string_view type, PassKind kind, const Quantities& q) {
  std::optional<LayerPass> pass = pass_of(type, kind, q, [](const SweepCost&) { return false; });
  LNSIM_CHECK(pass.has_value(), "no cost of " + std::string(type));
  return *std::move(pass);
}

}  // namespace

std::optional<LayerPass> vector_pass(const LayerOp& op, PassKind kind, std::uint64_t batch,
                                     const VectorContext& context) {
  const Quantities q = std::visit([&](const auto& layer) { return quantities(layer, batch); }, op);
  const bool both = context.first_gradient && context.second_gradient;
  std::optional<LayerPass> pass = pass_of(cost_name_of(op), kind, q, [&](const SweepCost& cost) {
    return (context.table_zeroed && cost.type == "embedding" && cost.sweep == "zero") ||
           (cost.sweep == kBothGradients && !both) ||
           (cost.sweep == kFirstGradient && (both || !context.first_gradient)) ||
           (cost.sweep == kSecondGradient && (both || !context.second_gradient));
  });
  if (const auto* norm = std::get_if<BatchNorm>(&op); norm != nullptr && pass) {
    for (Sweep& sweep : pass->sweeps) {
      if (sweep.name != "statistics") continue;
      sweep.fused_if_producer_holds_channels = context.statistics_fused;
      sweep.channels = norm->channels;
    }
  }
  return pass;
}

SavedForBackward saved_for_backward(const LayerOp& op) {
  SavedForBackward saved;
  saved.inputs = std::holds_alternative<Conv2d>(op) || std::holds_alternative<ConvTranspose2d>(op) ||
                 std::holds_alternative<Linear>(op) || std::holds_alternative<Matmul>(op);
  const std::string name = cost_name_of(op);
  for (const SweepCost& cost : vector_cost_table()) {
    if (cost.type != name || !is_backward(cost)) continue;
    for (const StreamCost& read : cost.reads) {
      if (read.role != Role::kActivation) continue;
      (read.tensor == "y" ? saved.output : saved.inputs) = true;
    }
  }
  return saved;
}

bool passes_gradient_on(const LayerOp& op) {
  const std::string name = cost_name_of(op);
  bool known = false;
  for (const SweepCost& cost : vector_cost_table()) {
    if (cost.type != name) continue;
    known = true;
    for (const StreamCost& write : cost.writes) {
      if (is_backward(cost) && write.tensor.starts_with("dx")) return false;
    }
  }
  return known && name != "embedding";
}

LayerPass bias_gradient_pass(std::uint64_t rows, std::uint64_t channels) {
  Quantities q;
  q[Per::kElement] = rows * channels;
  q[Per::kChannel] = channels;
  return pass_of("bias_grad", PassKind::kWeightGrad, q);
}

LayerPass gradient_add_pass(std::uint64_t elements, std::uint64_t gradients) {
  Quantities q;
  q[Per::kElement] = elements;
  q[Per::kPartial] = elements * gradients;
  return pass_of("gradient_add", PassKind::kInputGrad, q);
}

}  // namespace lnsim
