// SPDX-License-Identifier: Apache-2.0
// Matrix products: with a constant they are linear layers, of two activations (attention) matmuls; a look-up in a table
// of constants is an embedding.
#include <utility>

#include "sim/import/onnx/importer.hpp"

namespace lnsim::onnx_import {
namespace {

TensorView without_axes(const TensorView& view, std::size_t first, std::size_t last) {
  TensorView part;
  part.dims.assign(view.dims.begin() + static_cast<std::ptrdiff_t>(first),
                   view.dims.begin() + static_cast<std::ptrdiff_t>(last));
  part.strides.assign(view.strides.begin() + static_cast<std::ptrdiff_t>(first),
                      view.strides.begin() + static_cast<std::ptrdiff_t>(last));
  return part;
}

/// A linear layer on the last axis: rows may lie in any order, each with its elements side by side.
Value linear(Importer& importer, const Node& node, const Value& given, std::uint64_t out_features, bool bias) {
  const std::size_t rank = given.dims().size();
  const std::uint64_t in_features = given.dims()[rank - 1];
  if (in_features == 0 || out_features == 0) importer.refuse(node, "an operand without elements", "at least one");
  const bool side_by_side = in_features == 1 || given.view.strides[rank - 1] == 1;
  const Value value =
      given.is_whole() && side_by_side ? given : importer.laid_out(node, given, row_major(given.dims()));
  Linear op;
  op.in_features = in_features;
  op.out_features = out_features;
  op.rows = value.view.elements() / in_features;
  op.bias = bias;
  TensorView out = value.view;
  out.dims[rank - 1] = out_features;
  for (std::size_t i = 0; i + 1 < rank; ++i) out.strides[i] = out.strides[i] / in_features * out_features;
  out.strides[rank - 1] = 1;
  return importer.add(node, op, {value}, out);
}

/// What a bias of this size, added to the output of Gemm, is.
bool adds_bias(const Importer& importer, const Node& node) {
  return importer.has_input(node, 2) && node.real("beta", 1) != 0;
}

void gemm(Importer& importer, const Node& node) {
  const Value& a = importer.input(node, 0);
  const Value& b = importer.input(node, 1);
  if (a.dims().size() != 2 || b.dims().size() != 2) importer.refuse(node, "operands of another rank", "two matrices");
  if (!b.constant || a.constant) importer.refuse(node, "a weight that the model computes", "a constant B");
  const bool transpose_a = node.integer("transA", 0) != 0;
  const bool transpose_b = node.integer("transB", 0) != 0;
  const Value rows = transpose_a ? Importer::viewed(a, transposed(a.view, {1, 0})) : a;
  const std::uint64_t in_features = b.dims()[transpose_b ? 1 : 0];
  if (rows.dims()[1] != in_features) {
    importer.refuse(node, "rows of " + std::to_string(rows.dims()[1]), std::to_string(in_features));
  }
  importer.set(node, linear(importer, node, rows, b.dims()[transpose_b ? 0 : 1], adds_bias(importer, node)));
}

/// The layout of `count` matrices of rows x columns, if matmul knows it.
struct Layout {
  bool transpose = false;
  MatmulLayout layout = MatmulLayout::kBatchFirst;
};

std::optional<Layout> layout_of(const Joined& count, const Joined& rows, const Joined& columns) {
  // An axis of one element may be taken to stand anywhere.
  const auto is = [](const Joined& axis, std::uint64_t stride) { return axis.size == 1 || axis.stride == stride; };
  if (is(columns, 1) && is(rows, columns.size) && is(count, rows.size * columns.size)) return Layout{};
  if (is(rows, 1) && is(columns, rows.size) && is(count, rows.size * columns.size)) return Layout{true};
  if (is(columns, 1) && is(count, columns.size) && is(rows, count.size * columns.size)) {
    return Layout{false, MatmulLayout::kBatchInside};
  }
  if (is(rows, 1) && is(count, rows.size) && is(columns, count.size * rows.size)) {
    return Layout{true, MatmulLayout::kBatchInside};
  }
  return std::nullopt;
}

struct Operand {
  Value value;
  Layout layout;
  std::uint64_t count = 1, rows = 1, columns = 1;
};

std::optional<Layout> layout_of(const Value& value) {
  const std::size_t rank = value.dims().size();
  const std::optional<Joined> count = joined(value.view, 0, rank - 2);
  if (!count || !value.is_whole()) return std::nullopt;
  return layout_of(*count, {value.dims()[rank - 2], value.view.strides[rank - 2]},
                   {value.dims()[rank - 1], value.view.strides[rank - 1]});
}

Operand operand(Importer& importer, const Node& node, const Value& given) {
  Operand made;
  const std::size_t rank = given.dims().size();
  made.value = layout_of(given) ? given : importer.laid_out(node, given, row_major(given.dims()));
  made.layout = layout_of(made.value).value_or(Layout{});
  made.rows = given.dims()[rank - 2];
  made.columns = given.dims()[rank - 1];
  made.count = given.view.elements() / (made.rows * made.columns);
  return made;
}

/// A matrix for all of the other operand's: repeated as often.
Value repeated(Importer& importer, const Node& node, const Value& given, const Dims& leading) {
  Dims dims = leading;
  dims.insert(dims.end(), given.dims().end() - 2, given.dims().end());
  if (elements_of(dims) == given.view.elements()) {
    if (const auto same = reshaped(given.view, dims)) return Importer::viewed(given, *same);
  }
  Move move;
  move.from = {given.size};
  move.to = elements_of(dims);
  return importer.add(node, move, {given}, row_major(dims), ".repeat");
}

/// Whether the only reader of the result puts the products of a sample side by side, as attention heads are.
bool goes_inside(const Importer& importer, const Node& node, std::size_t rank) {
  const Node* reader = importer.only_reader(node.outputs[0]);
  if (reader == nullptr || reader->op != "Transpose" || rank < 3) return false;
  const auto* perm = reader->integers("perm");
  return perm != nullptr && perm->size() == rank && (*perm)[rank - 1] == static_cast<std::int64_t>(rank) - 1 &&
         (*perm)[rank - 2] == static_cast<std::int64_t>(rank) - 3;
}

void product_of_activations(Importer& importer, const Node& node, Value a, Value b) {
  Dims leading_a(a.dims().begin(), a.dims().end() - 2);
  Dims leading_b(b.dims().begin(), b.dims().end() - 2);
  const std::optional<Dims> both = broadcast(leading_a, leading_b);
  if (!both) importer.refuse(node, "batches that differ", "equal ones");
  const Dims& leading = *both;
  if (leading_a != leading) a = repeated(importer, node, a, leading);
  if (leading_b != leading) b = repeated(importer, node, b, leading);
  const Operand left = operand(importer, node, a);
  const Operand right = operand(importer, node, b);
  Matmul op;
  op.count = left.count;
  op.m = left.rows;
  op.n = right.columns;
  op.k = left.columns;
  op.transpose_a = left.layout.transpose;
  op.transpose_b = right.layout.transpose;
  op.a_layout = left.layout.layout;
  op.b_layout = right.layout.layout;
  Dims dims = leading;
  dims.push_back(op.m);
  dims.push_back(op.n);
  TensorView view = row_major(dims);
  if (op.count > 1 && goes_inside(importer, node, dims.size())) {
    op.out_layout = MatmulLayout::kBatchInside;
    const std::size_t rank = dims.size();
    std::uint64_t stride = op.n;
    for (std::size_t i = rank - 2; i-- > 0;) {
      view.strides[i] = stride;
      stride *= dims[i];
    }
    view.strides[rank - 2] = op.count * op.n;
  }
  importer.set(node, importer.add(node, op, {left.value, right.value}, view));
}

void matmul(Importer& importer, const Node& node) {
  Value a = importer.input(node, 0);
  Value b = importer.input(node, 1);
  if (a.dims().empty() || b.dims().empty()) importer.refuse(node, "a scalar operand", "vectors or matrices");
  const bool vector_a = a.dims().size() == 1;
  const bool vector_b = b.dims().size() == 1;
  if (vector_a) a.view = {{1, a.dims()[0]}, {a.dims()[0], a.view.strides[0]}};
  if (vector_b) b.view = {{b.dims()[0], 1}, {b.view.strides[0], 1}};
  if (a.dims().back() != b.dims()[b.dims().size() - 2]) {
    importer.refuse(node,
                    "rows of " + std::to_string(a.dims().back()) + " and columns of " +
                        std::to_string(b.dims()[b.dims().size() - 2]),
                    "equal sizes");
  }
  if (b.constant && !a.constant) {
    const Dims& weight = b.dims();
    if (elements_of(weight) != weight[weight.size() - 2] * weight.back()) {
      importer.refuse(node, "several weight matrices in one product", "a product for each, or a grouped convolution");
    }
    Value result = linear(importer, node, a, weight.back(), false);
    if (vector_b) result.view = without_axes(result.view, 0, result.dims().size() - 1);
    if (vector_a) result.view = {{result.dims().back()}, {1}};
    return importer.set(node, std::move(result));
  }
  if (a.constant) {
    // (W x) = (x' W')': a linear layer on the columns.
    const std::size_t rank = b.dims().size();
    if (a.dims().size() != 2 || rank > 3) importer.refuse(node, "a constant left operand of this form", "a matrix");
    std::vector<std::size_t> exchange(rank);
    for (std::size_t i = 0; i < rank; ++i) exchange[i] = i;
    std::swap(exchange[rank - 1], exchange[rank - 2]);
    const Value columns = Importer::viewed(b, transposed(b.view, exchange));
    const Value result = linear(importer, node, columns, a.dims()[0], false);
    return importer.set(node, Importer::viewed(result, transposed(result.view, exchange)));
  }
  product_of_activations(importer, node, std::move(a), std::move(b));
}

/// Indices that are computed, into a table of constants: an embedding. Everything else is movement.
void gather(Importer& importer, const Node& node) {
  const Value& data = importer.input(node, 0);
  const Value& indices = importer.input(node, 1);
  const std::size_t axis = importer.axis(node, node.integer("axis", 0), data.dims().size());
  if (data.constant && !indices.constant) {
    if (axis != 0 || data.dims().size() != 2) importer.refuse(node, "a table of this form", "rows of a matrix");
    Embedding op;
    op.vocabulary = data.dims()[0];
    op.width = data.dims()[1];
    op.tokens = indices.view.elements();
    Dims dims = indices.dims();
    dims.push_back(op.width);
    return importer.set(node, importer.add(node, op, {}, row_major(dims)));
  }
  Dims dims(data.dims().begin(), data.dims().begin() + static_cast<std::ptrdiff_t>(axis));
  dims.insert(dims.end(), indices.dims().begin(), indices.dims().end());
  dims.insert(dims.end(), data.dims().begin() + static_cast<std::ptrdiff_t>(axis) + 1, data.dims().end());
  if (indices.constant && indices.dims().empty()) {  // one slice
    TensorView view = data.view;
    view.dims.erase(view.dims.begin() + static_cast<std::ptrdiff_t>(axis));
    view.strides.erase(view.strides.begin() + static_cast<std::ptrdiff_t>(axis));
    return importer.set(node, Importer::viewed(data, view));
  }
  if (data.integer) return importer.set(node, Importer::viewed(data, row_major(dims)));
  const Value source = importer.whole(node, data);
  Move move;
  move.from = {source.size};
  move.to = elements_of(dims);
  importer.set(node, importer.add(node, move, {source}, row_major(dims)));
}

}  // namespace

void add_products(OperatorTable& table) {
  table["Gemm"] = gemm;
  table["MatMul"] = matmul;
  table["Gather"] = gather;
}

}  // namespace lnsim::onnx_import
