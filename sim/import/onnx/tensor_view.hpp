// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace lnsim::onnx_import {

using Dims = std::vector<std::uint64_t>;

/// How the elements of a value lie in a tensor, as strides in elements: a transposition or a reshape is another view of
/// the same tensor wherever that is possible, and so costs nothing. Strides of axes of size 1 mean nothing.
struct TensorView {
  Dims dims;
  Dims strides;

  [[nodiscard]] std::uint64_t elements() const;
  /// Whether the elements lie side by side, in whatever order.
  [[nodiscard]] bool is_dense() const;
  /// Whether two axes' elements follow each other as one axis would.
  [[nodiscard]] bool same_order(const TensorView& other) const;
};

[[nodiscard]] std::uint64_t elements_of(const Dims& dims);

/// Sizes of two values that are broadcast against each other; nullopt where they do not fit.
[[nodiscard]] std::optional<Dims> broadcast(const Dims& a, const Dims& b);

/// The last axis fastest.
[[nodiscard]] TensorView row_major(Dims dims);
/// (N, C, H, W) with channels fastest, as activations lie; also of (N, C, L), and (N, C) and (N, C, D, H, W).
[[nodiscard]] TensorView channels_last(Dims dims);
/// A dense view with the axes in the order that `like` has them.
[[nodiscard]] TensorView in_order_of(const TensorView& like, Dims dims);

[[nodiscard]] TensorView transposed(const TensorView& view, const std::vector<std::size_t>& permutation);
/// The same elements in the same logical order under other sizes; nullopt where strides cannot say it. `dims` must have
/// as many elements.
[[nodiscard]] std::optional<TensorView> reshaped(const TensorView& view, const Dims& dims);

/// The strides of a view's axes joined to one of `elements_of(dims)`; nullopt where they do not follow each other.
struct Joined {
  std::uint64_t size = 1;
  std::uint64_t stride = 0;
};
[[nodiscard]] std::optional<Joined> joined(const TensorView& view, std::size_t first, std::size_t last);

}  // namespace lnsim::onnx_import
