// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/pass.hpp"

#include <array>

#include "sim/support/text.hpp"

namespace lnsim {
namespace {

std::uint64_t extent_of(const std::vector<Digit>& digits) {
  std::uint64_t product = 1;
  for (const Digit& digit : digits) product *= digit.extent;
  return product;
}

/// Where a mixed-radix index leads: element offset and pixel.
struct Position {
  std::int64_t offset = 0;
  std::int64_t h = 0;
  std::int64_t w = 0;
};

void advance(Position& position, const std::vector<Digit>& digits, std::uint64_t index) {
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
    const auto value = static_cast<std::int64_t>(index % digit->extent);
    index /= digit->extent;
    position.offset += value * digit->offset;
    position.h += value * digit->dh;
    position.w += value * digit->dw;
  }
}

}  // namespace

std::string_view role_name(Role role) {
  static constexpr std::array<std::string_view, 7> kNames = {"weight",    "activation", "gradient", "weight_gradient",
                                                             "parameter", "mask",       "index"};
  return kNames.at(static_cast<std::size_t>(role));
}

std::string_view pass_name(PassKind kind) {
  static constexpr std::array<std::string_view, 7> kNames = {
      "forward", "input_grad", "input_grad_a", "input_grad_b", "weight_grad", "gradient_accumulate", "update"};
  return kNames.at(static_cast<std::size_t>(kind));
}

std::string_view vector_op_name(VectorOp op) {
  static constexpr std::array<std::string_view, static_cast<std::size_t>(VectorOp::kCount)> kNames = {
      "add", "multiply", "compare", "exp", "reciprocal", "rsqrt", "tanh"};
  return kNames.at(static_cast<std::size_t>(op));
}

std::uint64_t OperandView::row_count() const { return extent_of(rows); }

std::uint64_t OperandView::k_count() const { return extent_of(ks); }

bool OperandView::k_contiguous() const {
  for (auto digit = ks.rbegin(); digit != ks.rend(); ++digit) {
    if (digit->extent == 1) continue;
    const std::int64_t step = digit->offset + digit->dh * h_stride + digit->dw * w_stride;
    return step == 1;
  }
  return true;  // one k: nothing to transpose
}

std::optional<std::uint64_t> OperandView::element(std::uint64_t row, std::uint64_t k) const {
  Position position{base, h0, w0};
  advance(position, rows, row);
  advance(position, ks, k);
  if (!spatial) return static_cast<std::uint64_t>(position.offset);
  const bool inside = position.h >= 0 && position.h < height && position.w >= 0 && position.w < width;
  if (!inside) return std::nullopt;
  return static_cast<std::uint64_t>(position.offset + position.h * h_stride + position.w * w_stride);
}

std::uint64_t OutputView::element(std::uint64_t m, std::uint64_t n) const {
  Position position{base, 0, 0};
  advance(position, ms, m);
  advance(position, ns, n);
  return static_cast<std::uint64_t>(position.offset);
}

std::uint64_t Gemm::count() const {
  std::uint64_t product = 1;
  for (const BatchDigit& digit : batch) product *= digit.extent;
  return product;
}

std::uint64_t Gemm::macs() const { return checked_mul(checked_mul(m, n), checked_mul(k, count())); }

std::uint64_t LayerPass::macs() const {
  std::uint64_t sum = 0;
  for (const Gemm& gemm : gemms) sum = checked_add(sum, gemm.macs());
  return sum;
}

bool LayerPass::same_work(const LayerPass& other) const {
  LayerPass named = other;
  named.layer = layer;
  named.repeat = repeat;
  return *this == named;
}

}  // namespace lnsim
