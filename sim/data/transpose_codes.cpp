// SPDX-License-Identifier: Apache-2.0
#include "sim/data/transpose_codes.hpp"

#include <array>
#include <cstdint>
#include <cstring>

namespace lnsim {
namespace {

constexpr std::size_t kSide = 16;
/// A vector of the compilers' (GCC, Clang) portable vector extension: any processor has code for it.
using Line [[gnu::vector_size(kSide)]] = std::uint8_t;
constexpr std::array<std::byte, kSide> kZeros{};

/// One code after the other: the edges, and wide containers.
template <unsigned kBytes>
void transpose_scalar(const std::byte* const* places, std::size_t count, std::size_t row, std::size_t rows,
                      std::byte* out, std::size_t out_stride) {
  for (std::size_t k = 0; k < count; ++k) {
    for (std::size_t r = row; r < rows; ++r) {
      std::byte* to = out + r * out_stride + k * kBytes;
      if (places[k] == nullptr) {
        std::memset(to, 0, kBytes);
      } else {
        std::memcpy(to, places[k] + r * kBytes, kBytes);
      }
    }
  }
}

/// 16 x 16 bytes. Interleaving line i with line i + 8 turns the 8 bits of a byte's place (4 of the line, 4 within it)
/// by one, so four rounds exchange the halves: line and place within it.
void transpose_square(const std::byte* const* places, std::size_t row, std::byte* out, std::size_t out_stride) {
  Line x[kSide];
  Line y[kSide];
  for (std::size_t i = 0; i < kSide; ++i) {
    std::memcpy(&x[i], places[i] == nullptr ? kZeros.data() : places[i] + row, kSide);
  }
  const auto round = [](const Line* in, Line* turned) {
    for (std::size_t i = 0; i < kSide / 2; ++i) {
      const Line p = in[i];
      const Line q = in[i + kSide / 2];
      turned[2 * i] = __builtin_shufflevector(p, q, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      turned[2 * i + 1] = __builtin_shufflevector(p, q, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    }
  };
  round(x, y);
  round(y, x);
  round(x, y);
  round(y, x);
  for (std::size_t i = 0; i < kSide; ++i) std::memcpy(out + (row + i) * out_stride, &x[i], kSide);
}

}  // namespace

void transpose_codes(const std::byte* const* places, std::size_t count, std::size_t rows, unsigned container_bytes,
                     std::byte* out, std::size_t out_stride) {
  if (container_bytes == 8) return transpose_scalar<8>(places, count, 0, rows, out, out_stride);
  if (container_bytes == 4) return transpose_scalar<4>(places, count, 0, rows, out, out_stride);
  if (container_bytes == 2) return transpose_scalar<2>(places, count, 0, rows, out, out_stride);
  const std::size_t whole_rows = rows - rows % kSide;
  for (; count >= kSide; count -= kSide, places += kSide, out += kSide) {
    for (std::size_t row = 0; row < whole_rows; row += kSide) transpose_square(places, row, out, out_stride);
    transpose_scalar<1>(places, kSide, whole_rows, rows, out, out_stride);
  }
  transpose_scalar<1>(places, count, 0, rows, out, out_stride);
}

}  // namespace lnsim
