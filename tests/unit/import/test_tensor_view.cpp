// SPDX-License-Identifier: Apache-2.0
// Views of tensors against lists of their elements in logical order.
#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>
#include <random>

#include "sim/import/onnx/tensor_view.hpp"

namespace lnsim::onnx_import {
namespace {

/// Where the elements of a view lie, in its logical order: the last axis fastest.
std::vector<std::uint64_t> places(const TensorView& view) {
  std::vector<std::uint64_t> result = {0};
  for (std::size_t axis = 0; axis < view.dims.size(); ++axis) {
    std::vector<std::uint64_t> next;
    for (const std::uint64_t place : result) {
      for (std::uint64_t i = 0; i < view.dims[axis]; ++i) next.push_back(place + i * view.strides[axis]);
    }
    result = std::move(next);
  }
  return result;
}

class Draw {
 public:
  explicit Draw(unsigned seed) : engine_(seed) {}
  std::uint64_t operator()(std::uint64_t low, std::uint64_t high) { return low + engine_() % (high - low + 1); }
  TensorView view() {
    Dims dims(operator()(1, 4));
    for (std::uint64_t& dim : dims) dim = operator()(1, 4);
    std::vector<std::size_t> order(dims.size());
    std::iota(order.begin(), order.end(), 0);
    for (std::size_t i = order.size(); i-- > 1;) std::swap(order[i], order[operator()(0, i)]);
    return transposed(row_major(dims), order);
  }
  /// Other sizes with as many elements: some axes joined, some split.
  Dims regrouped(std::uint64_t elements) {
    Dims dims;
    while (elements > 1) {
      std::vector<std::uint64_t> divisors;
      for (std::uint64_t d = 2; d <= elements; ++d) {
        if (elements % d == 0) divisors.push_back(d);
      }
      dims.push_back(divisors[operator()(0, divisors.size() - 1)]);
      elements /= dims.back();
      if (operator()(0, 3) == 0) dims.push_back(1);
    }
    return dims;
  }

 private:
  std::mt19937 engine_;
};

}  // namespace

TEST_CASE("a reshape that strides can say has the same elements in the same order") {
  Draw draw(1);
  int said = 0, not_said = 0;
  for (int i = 0; i < 20000; ++i) {
    const TensorView view = draw.view();
    const Dims dims = draw.regrouped(view.elements());
    const auto other = reshaped(view, dims);
    (other ? said : not_said)++;
    if (!other) continue;
    REQUIRE(other->dims == dims);
    REQUIRE(places(*other) == places(view));
  }
  CHECK(said > 4000);
  CHECK(not_said > 2000);
}

TEST_CASE("row-major tensors take every reshape") {
  Draw draw(2);
  for (int i = 0; i < 3000; ++i) {
    const TensorView view = row_major(draw.view().dims);
    const Dims dims = draw.regrouped(view.elements());
    REQUIRE(reshaped(view, dims)->same_order(row_major(dims)));
  }
}

TEST_CASE("a reshape is refused only where no strides give that order") {
  // (2, 3) transposed has the elements 0 3 1 4 2 5: no stride gives 0 3 1.
  const TensorView view = transposed(row_major({3, 2}), {1, 0});
  CHECK(!reshaped(view, {6}));
  CHECK(!reshaped(view, {3, 2}));
  CHECK(reshaped(view, {2, 1, 3}).has_value());
}

TEST_CASE("dense means each place once") {
  Draw draw(3);
  for (int i = 0; i < 5000; ++i) {
    TensorView view = draw.view();
    if (draw(0, 1) == 1) view.dims[draw(0, view.dims.size() - 1)] = draw(1, 4);  // a slice, or more than there is
    std::vector<std::uint64_t> all = places(view);
    std::sort(all.begin(), all.end());
    std::vector<std::uint64_t> wanted(all.size());
    std::iota(wanted.begin(), wanted.end(), 0);
    REQUIRE(view.is_dense() == (all == wanted));
  }
}

TEST_CASE("images lie with channels fastest") {
  const TensorView view = channels_last({1, 3, 4, 5});
  CHECK(view.strides[1] == 1);
  CHECK(view.strides[3] == 3);
  CHECK(view.strides[2] == 15);
  // What Keras does to give an image to a convolution changes nothing of how it lies.
  CHECK(transposed(row_major({1, 4, 5, 3}), {0, 3, 1, 2}).same_order(view));
}

TEST_CASE("a copy in the order of another view has its axes' order") {
  const TensorView heads = transposed(row_major({1, 6, 4, 8}), {0, 2, 1, 3});  // (1, heads, tokens, width)
  const TensorView copy = in_order_of(heads, heads.dims);
  CHECK(copy.same_order(heads));
  // Tokens, then heads, then the width: (1, 4, 3, 8) has 3 tokens.
  CHECK(in_order_of(heads, {1, 4, 3, 8}).same_order({{1, 4, 3, 8}, {0, 8, 32, 1}}));
}

}  // namespace lnsim::onnx_import
