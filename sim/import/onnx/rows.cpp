// SPDX-License-Identifier: Apache-2.0
// Operators on rows: softmax, layer norms, and sums and means along axes.
#include <algorithm>
#include <utility>

#include "sim/import/onnx/importer.hpp"

namespace lnsim::onnx_import {
namespace {

/// The value with one axis, of which the rows are made, side by side.
Value with_rows(Importer& importer, const Node& node, const Value& given, std::size_t axis) {
  if (given.is_whole() && (given.dims()[axis] == 1 || given.view.strides[axis] == 1)) return given;
  // The other axes as they are, then the row.
  TensorView like = given.view;
  for (std::uint64_t& stride : like.strides) stride = stride * 2 + 2;
  like.strides[axis] = 1;
  return importer.laid_out(node, given, in_order_of(like, given.dims()));
}

void softmax(Importer& importer, const Node& node) {
  const Value& given = importer.input(node, 0);
  const std::size_t rank = given.dims().size();
  if (rank == 0) importer.refuse(node, "a scalar", "rows");
  const bool old = importer.opset() < 13;
  const std::size_t axis = importer.axis(node, node.integer("axis", old ? 1 : -1), rank);
  if (node.op == "LogSoftmax") importer.note("LogSoftmax is priced as softmax");
  // Before opset 13 all axes from the given one on are a row.
  Value value = with_rows(importer, node, given, axis);
  std::uint64_t width = given.dims()[axis];
  if (old && axis + 1 < rank) {
    value = importer.laid_out(node, given, row_major(given.dims()));
    width = elements_of(Dims(given.dims().begin() + static_cast<std::ptrdiff_t>(axis), given.dims().end()));
  }
  importer.set(node, importer.add(node, Softmax{width, value.view.elements() / width}, {value}, value.view));
}

void layer_norm(Importer& importer, const Node& node) {
  const Value& given = importer.input(node, 0);
  const std::size_t rank = given.dims().size();
  const std::size_t axis = importer.axis(node, node.integer("axis", -1), rank);
  const bool last = axis + 1 == rank;
  const Value value =
      last ? with_rows(importer, node, given, axis) : importer.laid_out(node, given, row_major(given.dims()));
  const std::uint64_t width =
      elements_of(Dims(given.dims().begin() + static_cast<std::ptrdiff_t>(axis), given.dims().end()));
  importer.set(node, importer.add(node, LayerNorm{width, value.view.elements() / width}, {value}, value.view));
}

/// Norms of each channel, or of groups of them, of each sample.
void norm_of_images(Importer& importer, const Node& node) {
  const Value value = importer.whole(node, importer.input(node, 0));
  const std::size_t rank = value.dims().size();
  if (rank < 3) importer.refuse(node, std::to_string(rank) + " axes", "(N, C, ...)");
  const std::int64_t groups = node.integer("num_groups", static_cast<std::int64_t>(value.dims()[1]));
  const std::uint64_t elements = value.view.elements();
  if (groups < 1 || elements % static_cast<std::uint64_t>(groups) != 0) {
    importer.refuse(node, "num_groups " + std::to_string(groups), "a divisor of the channels");
  }
  importer.note(node.op + " is priced as layer_norm of each group of channels");
  const std::uint64_t rows = static_cast<std::uint64_t>(groups);
  importer.set(node, importer.add(node, LayerNorm{elements / rows, rows}, {value}, value.view));
}

void reduce(Importer& importer, const Node& node, ReduceFunction function) {
  const Value& given = importer.input(node, 0);
  const std::size_t rank = given.dims().size();
  std::vector<bool> reduced(rank, false);
  const auto axes = importer.listed(node, "axes", 1);
  if (!axes || axes->empty()) {
    if (node.integer("noop_with_empty_axes", 0) != 0) return importer.set(node, given);
    reduced.assign(rank, true);
  } else {
    for (const std::int64_t axis : *axes) reduced[importer.axis(node, axis, rank)] = true;
  }
  const bool keep = node.integer("keepdims", 1) != 0;
  Dims kept_dims = given.dims();
  for (std::size_t i = 0; i < rank; ++i) {
    if (reduced[i]) kept_dims[i] = 1;
  }
  TensorView view = in_order_of(given.view, kept_dims);
  if (!keep) {
    TensorView fewer;
    for (std::size_t i = 0; i < rank; ++i) {
      if (reduced[i]) continue;
      fewer.dims.push_back(view.dims[i]);
      fewer.strides.push_back(view.strides[i]);
    }
    view = fewer;
  }
  if (given.integer) return importer.set(node, Importer::viewed(given, view));
  const Value value = importer.whole(node, given);
  // Means and maxima of whole images are pooling.
  const bool image = rank == 4 && !reduced[0] && !reduced[1] && reduced[2] && reduced[3] &&
                     value.view.same_order(channels_last(value.dims()));
  if (image && function != ReduceFunction::kSum) {
    Pool pool;
    pool.channels = value.dims()[1];
    pool.height = value.dims()[2];
    pool.width = value.dims()[3];
    pool.kernel = pool.height == pool.width ? Sizes{pool.height} : Sizes{pool.height, pool.width};
    const LayerOp op = function == ReduceFunction::kMean ? LayerOp(AvgPool{pool}) : LayerOp(MaxPool{pool});
    return importer.set(node, importer.add(node, op, {value}, view));
  }
  importer.set(node, importer.add(node, Reduce{function, value.view.elements(), view.elements()}, {value}, view));
}

template <ReduceFunction kFunction>
void reduction(Importer& importer, const Node& node) {
  reduce(importer, node, kFunction);
}

void minimum(Importer& importer, const Node& node) {
  importer.note("ReduceMin is priced as the maximum");
  reduce(importer, node, ReduceFunction::kMax);
}

}  // namespace

void add_rows(OperatorTable& table) {
  table["Softmax"] = softmax;
  table["LogSoftmax"] = softmax;
  table["LayerNormalization"] = layer_norm;
  table["lnsim.LayerNorm"] = layer_norm;
  table["InstanceNormalization"] = norm_of_images;
  table["GroupNormalization"] = norm_of_images;
  table["ReduceMean"] = reduction<ReduceFunction::kMean>;
  table["ReduceSum"] = reduction<ReduceFunction::kSum>;
  table["ReduceMax"] = reduction<ReduceFunction::kMax>;
  table["ReduceMin"] = minimum;
}

}  // namespace lnsim::onnx_import
