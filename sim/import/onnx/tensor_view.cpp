// SPDX-License-Identifier: Apache-2.0
#include "sim/import/onnx/tensor_view.hpp"

#include <algorithm>
#include <numeric>

#include "sim/support/text.hpp"

namespace lnsim::onnx_import {
namespace {

/// Axes with more than one element, slowest first.
std::vector<std::size_t> by_stride(const TensorView& view) {
  std::vector<std::size_t> axes;
  for (std::size_t i = 0; i < view.dims.size(); ++i) {
    if (view.dims[i] != 1) axes.push_back(i);
  }
  std::stable_sort(axes.begin(), axes.end(),
                   [&](std::size_t a, std::size_t b) { return view.strides[a] > view.strides[b]; });
  return axes;
}

TensorView dense(Dims dims, const std::vector<std::size_t>& slowest_first) {
  TensorView view{std::move(dims), {}};
  view.strides.assign(view.dims.size(), 1);
  std::uint64_t stride = 1;
  for (std::size_t i = slowest_first.size(); i-- > 0;) {
    view.strides[slowest_first[i]] = stride;
    stride = checked_mul(stride, std::max<std::uint64_t>(view.dims[slowest_first[i]], 1));
  }
  return view;
}

}  // namespace

std::uint64_t elements_of(const Dims& dims) {
  std::uint64_t count = 1;
  for (const std::uint64_t dim : dims) count = checked_mul(count, dim);
  return count;
}

std::optional<Dims> broadcast(const Dims& a, const Dims& b) {
  Dims dims(std::max(a.size(), b.size()), 1);
  for (std::size_t i = 0; i < dims.size(); ++i) {
    const std::uint64_t size_a = i < a.size() ? a[a.size() - 1 - i] : 1;
    const std::uint64_t size_b = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (size_a != size_b && size_a != 1 && size_b != 1) return std::nullopt;
    dims[dims.size() - 1 - i] = size_a == 1 ? size_b : size_a;
  }
  return dims;
}

std::uint64_t TensorView::elements() const { return elements_of(dims); }

bool TensorView::is_dense() const {
  std::uint64_t expected = 1;
  const std::vector<std::size_t> axes = by_stride(*this);
  for (std::size_t i = axes.size(); i-- > 0;) {
    if (strides[axes[i]] != expected) return false;
    expected = checked_mul(expected, dims[axes[i]]);
  }
  return true;
}

bool TensorView::same_order(const TensorView& other) const {
  if (dims != other.dims) return false;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] != 1 && strides[i] != other.strides[i]) return false;
  }
  return true;
}

TensorView row_major(Dims dims) {
  std::vector<std::size_t> order(dims.size());
  std::iota(order.begin(), order.end(), 0);
  return dense(std::move(dims), order);
}

TensorView channels_last(Dims dims) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (i != 1) order.push_back(i);
  }
  if (dims.size() > 1) order.push_back(1);
  return dense(std::move(dims), order);
}

TensorView in_order_of(const TensorView& like, Dims dims) {
  std::vector<std::size_t> order(dims.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    // Axes of one element may stand anywhere.
    const std::uint64_t stride_a = a < like.dims.size() && like.dims[a] != 1 ? like.strides[a] : 0;
    const std::uint64_t stride_b = b < like.dims.size() && like.dims[b] != 1 ? like.strides[b] : 0;
    return stride_a > stride_b;
  });
  return dense(std::move(dims), order);
}

TensorView transposed(const TensorView& view, const std::vector<std::size_t>& permutation) {
  TensorView result;
  for (const std::size_t axis : permutation) {
    result.dims.push_back(view.dims[axis]);
    result.strides.push_back(view.strides[axis]);
  }
  return result;
}

std::optional<Joined> joined(const TensorView& view, std::size_t first, std::size_t last) {
  Joined axis;
  for (std::size_t i = last; i-- > first;) {
    if (view.dims[i] == 1) continue;
    if (axis.size == 1) {
      axis = {view.dims[i], view.strides[i]};
    } else if (view.strides[i] == axis.size * axis.stride) {
      axis.size *= view.dims[i];
    } else {
      return std::nullopt;
    }
  }
  return axis;
}

std::optional<TensorView> reshaped(const TensorView& view, const Dims& dims) {
  TensorView result{dims, Dims(dims.size(), 1)};
  // Runs of old and new axes with equal products; within each, the old axes must be one, which the new ones divide.
  std::size_t old_first = 0, old_last = 0, new_first = 0, new_last = 0;
  while (old_last < view.dims.size() || new_last < dims.size()) {
    std::uint64_t old_product = old_last < view.dims.size() ? view.dims[old_last++] : 1;
    std::uint64_t new_product = new_last < dims.size() ? dims[new_last++] : 1;
    while (old_product != new_product) {
      if (old_product < new_product && old_last < view.dims.size()) {
        old_product *= view.dims[old_last++];
      } else if (new_product < old_product && new_last < dims.size()) {
        new_product *= dims[new_last++];
      } else {
        return std::nullopt;
      }
    }
    const std::optional<Joined> axis = joined(view, old_first, old_last);
    if (!axis) return std::nullopt;
    std::uint64_t stride = axis->stride;
    for (std::size_t i = new_last; i-- > new_first;) {
      result.strides[i] = stride;
      stride *= dims[i];
    }
    old_first = old_last;
    new_first = new_last;
  }
  return result;
}

}  // namespace lnsim::onnx_import
