// SPDX-License-Identifier: Apache-2.0
// Operators that only move elements, or say how they are looked at.
#include <algorithm>
#include <cmath>
#include <utility>

#include "sim/import/onnx/importer.hpp"
#include "sim/support/text.hpp"

namespace lnsim::onnx_import {
namespace {

/// Under these sizes; where strides cannot say it, after a copy.
void view_as(Importer& importer, const Node& node, const Dims& dims) {
  const Value& given = importer.input(node, 0);
  if (elements_of(dims) != given.view.elements()) {
    importer.refuse(node, std::to_string(given.view.elements()) + " elements",
                    std::to_string(elements_of(dims)) + ", as many as before");
  }
  if (given.constant) {
    Value value = given;
    value.constant->dims = dims;
    value.view = row_major(dims);
    return importer.set(node, std::move(value));
  }
  if (const auto view = reshaped(given.view, dims)) return importer.set(node, Importer::viewed(given, *view));
  // All axes but the batch become one: the layer that reads the row has its weights in the order that the elements
  // have.
  const std::uint64_t most = *std::max_element(dims.begin(), dims.end());
  if (most == given.view.elements() && given.is_whole()) {
    importer.note("flattened images keep their order: the weights of the layer that reads them have it too");
    return importer.set(node, Importer::viewed(given, row_major(dims)));
  }
  const Value value = importer.laid_out(node, given, row_major(given.dims()));
  importer.set(node, Importer::viewed(value, row_major(dims)));
}

void reshape(Importer& importer, const Node& node) {
  const Dims& from = importer.input(node, 0).dims();
  const auto wanted = importer.listed(node, "shape", 1);
  if (!wanted) importer.refuse(node, "no shape", "sizes");
  const bool zero_is_zero = node.integer("allowzero", 0) != 0;
  Dims dims;
  std::optional<std::size_t> open;
  std::uint64_t known = 1;
  for (std::size_t i = 0; i < wanted->size(); ++i) {
    const std::int64_t size = (*wanted)[i];
    if (size == -1 && open) importer.refuse(node, "two sizes of -1", "one");
    if (size < -1 || (size == 0 && (zero_is_zero || i >= from.size()))) {
      importer.refuse(node, "a size of " + std::to_string(size), "at least 1, -1, or 0 for that of the input");
    }
    if (size == -1) open = i;
    dims.push_back(size == -1 ? 1 : (size == 0 ? from[i] : static_cast<std::uint64_t>(size)));
    known = checked_mul(known, dims.back());
  }
  const std::uint64_t elements = elements_of(from);
  // A batch that the exporter has written down as a number.
  const bool fits = open ? known > 0 && elements % known == 0 : known == elements;
  const bool batch =
      !dims.empty() && open != 0U && dims[0] == importer.fixed_batch() && dims[0] > 1 && !from.empty() && from[0] == 1;
  if (batch && (open || !fits)) {
    importer.repair("reshapes that fix the batch: taken as 1, as everywhere");
    known /= dims[0];
    dims[0] = 1;
  }
  if (open && known > 0) dims[*open] = elements / known;
  view_as(importer, node, dims);
}

void flatten(Importer& importer, const Node& node) {
  const Dims& from = importer.input(node, 0).dims();
  const std::int64_t given = node.integer("axis", 1);
  const auto rank = static_cast<std::int64_t>(from.size());
  const std::int64_t axis = given < 0 ? given + rank : given;
  if (axis < 0 || axis > rank) importer.refuse(node, "axis " + std::to_string(given), "one of the input's");
  const auto middle = from.begin() + axis;
  view_as(importer, node, {elements_of(Dims(from.begin(), middle)), elements_of(Dims(middle, from.end()))});
}

void squeeze(Importer& importer, const Node& node) {
  const Dims& from = importer.input(node, 0).dims();
  const auto axes = importer.listed(node, "axes", 1);
  std::vector<bool> gone(from.size(), false);
  if (axes) {
    for (const std::int64_t axis : *axes) gone[importer.axis(node, axis, from.size())] = true;
  } else {
    for (std::size_t i = 0; i < from.size(); ++i) gone[i] = from[i] == 1;
  }
  Dims dims;
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (!gone[i]) dims.push_back(from[i]);
    if (gone[i] && from[i] != 1) importer.refuse(node, "an axis of " + std::to_string(from[i]), "one of size 1");
  }
  view_as(importer, node, dims);
}

void unsqueeze(Importer& importer, const Node& node) {
  const Dims& from = importer.input(node, 0).dims();
  const auto axes = importer.listed(node, "axes", 1);
  if (!axes) importer.refuse(node, "no axes", "some");
  const std::size_t rank = from.size() + axes->size();
  std::vector<bool> added(rank, false);
  for (const std::int64_t axis : *axes) added[importer.axis(node, axis, rank)] = true;
  Dims dims;
  std::size_t next = 0;
  for (std::size_t i = 0; i < rank; ++i) {
    if (!added[i] && next == from.size()) importer.refuse(node, "an axis twice", "each once");
    dims.push_back(added[i] ? 1 : from[next++]);
  }
  view_as(importer, node, dims);
}

void transpose(Importer& importer, const Node& node) {
  const Value& given = importer.input(node, 0);
  const std::size_t rank = given.dims().size();
  std::vector<std::size_t> permutation;
  if (const auto* perm = node.integers("perm"); perm != nullptr && !perm->empty()) {
    for (const std::int64_t axis : *perm) permutation.push_back(importer.axis(node, axis, rank));
  } else {
    for (std::size_t i = rank; i-- > 0;) permutation.push_back(i);
  }
  std::vector<std::size_t> sorted = permutation;
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t i = 0; i < rank; ++i) {
    if (sorted.size() != rank || sorted[i] != i) importer.refuse(node, "perm", "every axis once");
  }
  importer.set(node, Importer::viewed(given, transposed(given.view, permutation)));
}

/// A part of an axis, as a view; `at` and `size` must fit.
Value part(const Value& value, std::size_t axis, std::uint64_t size) {
  TensorView view = value.view;
  view.dims[axis] = size;
  return Importer::viewed(value, view);
}

void slice(Importer& importer, const Node& node) {
  const Value& given = importer.input(node, 0);
  const std::size_t rank = given.dims().size();
  const auto starts = importer.listed(node, "starts", 1);
  const auto ends = importer.listed(node, "ends", 2);
  const auto axes = importer.listed(node, "axes", 3);
  const auto steps = importer.listed(node, "steps", 4);
  if (!starts || !ends || starts->size() != ends->size())
    importer.refuse(node, "no starts and ends", "as many of both");
  Value value = given;
  for (std::size_t i = 0; i < starts->size(); ++i) {
    const bool listed_axis = axes && i < axes->size();
    const std::size_t axis = importer.axis(node, listed_axis ? (*axes)[i] : static_cast<std::int64_t>(i), rank);
    const std::int64_t step = steps && i < steps->size() ? (*steps)[i] : 1;
    const std::optional<std::uint64_t> taken = slice_size(given.dims()[axis], (*starts)[i], (*ends)[i], step);
    if (!taken || *taken == 0) importer.refuse(node, "a slice without elements", "at least one");
    value = part(value, axis, *taken);
    if (step != 1) value.view.strides[axis] *= static_cast<std::uint64_t>(std::abs(step));
  }
  importer.set(node, value);
}

void split(Importer& importer, const Node& node) {
  const Value& given = importer.input(node, 0);
  const std::size_t axis = importer.axis(node, node.integer("axis", 0), given.dims().size());
  const auto sizes = importer.listed(node, "split", 1);
  const std::uint64_t all = given.dims()[axis];
  const std::uint64_t outputs = std::max<std::uint64_t>(node.outputs.size(), 1);
  const std::uint64_t even = (all + outputs - 1) / outputs;
  std::uint64_t left = all;
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    std::uint64_t size = std::min(even, left);
    if (sizes) size = i < sizes->size() && (*sizes)[i] > 0 ? static_cast<std::uint64_t>((*sizes)[i]) : 0;
    if (size == 0 || size > left) importer.refuse(node, "parts that do not fit", std::to_string(all) + " in all");
    left -= size;
    importer.set(node, part(given, axis, size), i);
  }
}

void concat(Importer& importer, const Node& node) {
  if (node.inputs.empty()) importer.refuse(node, "no inputs", "some");
  Dims dims = importer.input(node, 0).dims();
  const std::size_t axis = importer.axis(node, node.integer("axis", 0), dims.size());
  dims[axis] = 0;
  std::vector<Value> values;
  Move move;
  move.from.clear();
  bool integers = true;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const Value& given = importer.input(node, i);
    Dims others = given.dims();
    if (others.size() != dims.size()) importer.refuse(node, "inputs of different ranks", "equal ones");
    dims[axis] += std::exchange(others[axis], dims[axis] + others[axis]);
    if (others != dims) importer.refuse(node, "inputs of different sizes", "equal ones beside the axis");
    integers &= given.integer || given.constant.has_value();
    values.push_back(importer.whole(node, given));
    move.from.push_back(values.back().view.elements());
  }
  move.to = elements_of(dims);
  if (integers) return importer.set(node, Importer::viewed(values[0], row_major(dims)));
  if (values.size() == 1) return importer.set(node, values[0]);
  const TensorView& first = values[0].constant ? values.back().view : values[0].view;
  importer.set(node, importer.add(node, move, values, in_order_of(first, dims)));
}

/// A copy into a tensor of other sizes with the order of axes as it was.
void copy_into(Importer& importer, const Node& node, const Dims& dims) {
  const Value& given = importer.input(node, 0);
  if (given.integer) return importer.set(node, Importer::viewed(given, row_major(dims)));
  const Value value = importer.whole(node, given);
  Move move;
  move.from = {value.size};
  move.to = elements_of(dims);
  const TensorView like = dims.size() == value.dims().size() ? value.view : row_major(dims);
  importer.set(node, importer.add(node, move, {value}, in_order_of(like, dims)));
}

void expand(Importer& importer, const Node& node) {
  const Dims& from = importer.input(node, 0).dims();
  const std::vector<std::int64_t> wanted = importer.integers(node, 1);
  Dims dims(std::max(from.size(), wanted.size()), 1);
  for (std::size_t i = 0; i < dims.size(); ++i) {
    const std::uint64_t own = i < from.size() ? from[from.size() - 1 - i] : 1;
    const std::int64_t other = i < wanted.size() ? wanted[wanted.size() - 1 - i] : 1;
    if (other < 1) importer.refuse(node, "a size of " + std::to_string(other), "at least 1");
    dims[dims.size() - 1 - i] = std::max(own, static_cast<std::uint64_t>(other));
  }
  if (elements_of(dims) == elements_of(from)) return view_as(importer, node, dims);
  copy_into(importer, node, dims);
}

void tile(Importer& importer, const Node& node) {
  Dims dims = importer.input(node, 0).dims();
  const std::vector<std::int64_t> repeats = importer.integers(node, 1);
  if (repeats.size() != dims.size()) importer.refuse(node, "repeats of another rank", "one per axis");
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (repeats[i] < 1) importer.refuse(node, "repeats " + std::to_string(repeats[i]), "at least 1");
    dims[i] = checked_mul(dims[i], static_cast<std::uint64_t>(repeats[i]));
  }
  copy_into(importer, node, dims);
}

void pad(Importer& importer, const Node& node) {
  Dims dims = importer.input(node, 0).dims();
  const auto pads = importer.listed(node, "pads", 1);
  if (!pads || pads->size() != 2 * dims.size()) importer.refuse(node, "pads of another rank", "two per axis");
  for (std::size_t i = 0; i < pads->size(); ++i) {
    std::uint64_t& dim = dims[i % dims.size()];
    const std::int64_t more = (*pads)[i];
    if (more < 0 && static_cast<std::uint64_t>(-(more + 1)) + 1 >= dim)
      importer.refuse(node, "nothing left", "elements");
    dim = more < 0 ? dim - (static_cast<std::uint64_t>(-(more + 1)) + 1) : dim + static_cast<std::uint64_t>(more);
  }
  if (dims == importer.input(node, 0).dims()) return importer.set(node, importer.input(node, 0));
  copy_into(importer, node, dims);
}

/// Images of other sizes: nearest neighbours are a copy; more than that is noted.
void resize(Importer& importer, const Node& node) {
  const Dims& from = importer.input(node, 0).dims();
  Dims dims = from;
  const std::size_t scales_at = node.op == "Upsample" || importer.opset() < 11 ? 1 : 2;
  if (importer.has_input(node, 3)) {
    const std::vector<std::int64_t> sizes = importer.integers(node, 3);
    if (sizes.size() != dims.size()) importer.refuse(node, "sizes of another rank", "one per axis");
    for (std::size_t i = 0; i < dims.size(); ++i) {
      if (sizes[i] < 1) importer.refuse(node, "a size of " + std::to_string(sizes[i]), "at least 1");
      dims[i] = i == 0 ? from[0] : static_cast<std::uint64_t>(sizes[i]);
    }
  } else {
    std::vector<double> scales;
    if (const auto found = node.attributes.find("scales"); found != node.attributes.end()) {
      scales = found->second.reals;
    } else {
      const Value& given = importer.input(node, scales_at);
      if (given.constant) scales = given.constant->reals;
    }
    if (scales.size() != dims.size())
      importer.refuse(node, "scales that are not known, or of another rank", "one per axis");
    for (std::size_t i = 0; i < dims.size(); ++i) {
      const double size = std::floor(static_cast<double>(from[i]) * scales[i]);
      if (!(size >= 1 && size < 1e9))
        importer.refuse(node, "a scale that leaves nothing, or too much", "sizes 1 .. 10^9");
      dims[i] = static_cast<std::uint64_t>(size);
    }
  }
  if (node.text("mode", "nearest") != "nearest") {
    importer.note("Resize: interpolation is paid for as movement, its arithmetic is not");
  }
  if (dims == from) return importer.set(node, importer.input(node, 0));
  copy_into(importer, node, dims);
}

void shape(Importer& importer, const Node& node) {
  const Dims& dims = importer.input(node, 0).dims();
  const auto rank = static_cast<std::int64_t>(dims.size());
  const auto clamped = [&](std::int64_t at) { return std::clamp<std::int64_t>(at < 0 ? at + rank : at, 0, rank); };
  const std::int64_t first = clamped(node.integer("start", 0));
  const std::int64_t last = clamped(node.integer("end", rank));
  Constant made;
  made.integer = true;
  for (std::int64_t i = first; i < last; ++i) {
    made.integers.push_back(static_cast<std::int64_t>(dims[static_cast<std::size_t>(i)]));
  }
  made.dims = {made.integers.size()};
  Value value;
  value.view = row_major(made.dims);
  value.constant = made;
  importer.set(node, value);
}

void size(Importer& importer, const Node& node) {
  Constant made;
  made.integer = true;
  made.integers = {static_cast<std::int64_t>(importer.input(node, 0).view.elements())};
  Value value;
  value.constant = made;
  importer.set(node, value);
}

void depth_to_space(Importer& importer, const Node& node) {
  Dims dims = importer.input(node, 0).dims();
  const std::int64_t block = node.integer("blocksize", 1);
  if (dims.size() != 4 || block < 1 || block > 65536)
    importer.refuse(node, "this form", "(N, C, H, W), a blocksize of at least 1");
  const auto by = static_cast<std::uint64_t>(block);
  if (node.op == "DepthToSpace") {
    if (dims[1] % (by * by) != 0)
      importer.refuse(node, std::to_string(dims[1]) + " channels", "a multiple of the block");
    dims = {dims[0], dims[1] / by / by, checked_mul(dims[2], by), checked_mul(dims[3], by)};
  } else {
    if (dims[2] % by != 0 || dims[3] % by != 0)
      importer.refuse(node, "an image of this size", "a multiple of the block");
    dims = {dims[0], checked_mul(dims[1], by * by), dims[2] / by, dims[3] / by};
  }
  copy_into(importer, node, dims);
}

}  // namespace

void add_moves(OperatorTable& table) {
  table["Reshape"] = reshape;
  table["Flatten"] = flatten;
  table["Squeeze"] = squeeze;
  table["Unsqueeze"] = unsqueeze;
  table["Transpose"] = transpose;
  table["Slice"] = slice;
  table["Split"] = split;
  table["Concat"] = concat;
  table["Expand"] = expand;
  table["Tile"] = tile;
  table["Pad"] = pad;
  table["Resize"] = resize;
  table["Upsample"] = resize;
  table["Shape"] = shape;
  table["Size"] = size;
  table["DepthToSpace"] = depth_to_space;
  table["SpaceToDepth"] = depth_to_space;
}

}  // namespace lnsim::onnx_import
