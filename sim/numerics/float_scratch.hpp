// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>

#include "sim/numerics/dot_unit.hpp"

namespace lnsim::numerics {

/// Lanes that a kernel works on at a time: a multiple of every vector length it uses.
inline constexpr std::size_t kStripLanes = 32;

/// A vector of any target, and a pair of cache lines: adjacent lines are prefetched together.
inline constexpr std::align_val_t kScratchAlignment{128};

struct FreeAligned {
  void operator()(void* memory) const { ::operator delete(memory, kScratchAlignment); }
};

/// Memory without initial values, aligned for vectors.
template <typename T>
using AlignedArray = std::unique_ptr<T[], FreeAligned>;

template <typename T>
AlignedArray<T> allocate_aligned(std::size_t size) {
  static_assert(std::is_trivial_v<T>);
  return AlignedArray<T>(static_cast<T*>(::operator new(size * sizeof(T), kScratchAlignment)));
}

/// Decoded operands of one call of a float kernel, in reused buffers of the calling thread. T: type of the values.
/// A lies [element][lane of the strip], B [row][element] with rows padded to row_stride() elements.
template <typename T>
class FloatScratch {
 public:
  /// The buffers of this thread, large enough for a block of that many rows and elements.
  static FloatScratch& of_this_thread(std::size_t rows, std::size_t elements) {
    static thread_local FloatScratch scratch;
    scratch.reserve(rows, elements);
    return scratch;
  }

  [[nodiscard]] std::size_t row_stride() const { return row_stride_; }
  [[nodiscard]] std::uint32_t* codes() { return codes_.get(); }
  [[nodiscard]] T* a_values() { return a_values_.get(); }
  [[nodiscard]] T* b_values() { return b_values_.get(); }
  [[nodiscard]] std::int16_t* a_fields() { return a_fields_.get(); }
  [[nodiscard]] std::int16_t* b_fields() { return b_fields_.get(); }
  [[nodiscard]] const T* a_values() const { return a_values_.get(); }
  [[nodiscard]] const T* b_values() const { return b_values_.get(); }
  [[nodiscard]] const std::int16_t* a_fields() const { return a_fields_.get(); }
  [[nodiscard]] const std::int16_t* b_fields() const { return b_fields_.get(); }

  /// Codes of all rows of B as [row][element], padding zero.
  void gather_b(const GroupBlock& block, unsigned bytes) {
    for (std::size_t row = 0; row < block.rows; ++row) {
      std::uint32_t* codes = codes_.get() + row * row_stride_;
      const std::byte* source = block.b + row * block.b_stride * bytes;
      copy_codes(source, block.elements, bytes, codes, 1);
      std::fill(codes + block.elements, codes + row_stride_, 0U);
    }
  }

  /// Codes of lanes first .. first + lanes - 1 of A, transposed to [element][lane], missing lanes zero.
  void gather_a(const GroupBlock& block, unsigned bytes, std::size_t first, std::size_t lanes) {
    if (lanes < kStripLanes) std::fill_n(codes_.get(), block.elements * kStripLanes, 0U);
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const std::byte* source = block.a + (first + lane) * block.a_stride * bytes;
      copy_codes(source, block.elements, bytes, codes_.get() + lane, kStripLanes);
    }
  }

 private:
  template <typename Container>
  static void copy_as(const std::byte* source, std::size_t n, std::uint32_t* codes, std::size_t stride) {
    for (std::size_t i = 0; i < n; ++i) {
      Container code;
      std::memcpy(&code, source + i * sizeof(Container), sizeof(Container));
      codes[i * stride] = code;
    }
  }

  static void copy_codes(const std::byte* source, std::size_t n, unsigned bytes, std::uint32_t* codes,
                         std::size_t stride) {
    switch (bytes) {
      case 1: return copy_as<std::uint8_t>(source, n, codes, stride);
      case 2: return copy_as<std::uint16_t>(source, n, codes, stride);
      default: return copy_as<std::uint32_t>(source, n, codes, stride);
    }
  }

  void reserve(std::size_t rows, std::size_t elements) {
    row_stride_ = (elements + kStripLanes - 1) / kStripLanes * kStripLanes;
    const std::size_t a_size = elements * kStripLanes;
    const std::size_t b_size = rows * row_stride_;
    if (a_size > a_size_) {
      a_values_ = allocate_aligned<T>(a_size);
      a_fields_ = allocate_aligned<std::int16_t>(a_size);
      a_size_ = a_size;
    }
    if (b_size > b_size_) {
      b_values_ = allocate_aligned<T>(b_size);
      b_fields_ = allocate_aligned<std::int16_t>(b_size);
      b_size_ = b_size;
    }
    if (std::max(a_size, b_size) > codes_size_) {
      codes_size_ = std::max(a_size, b_size);
      codes_ = allocate_aligned<std::uint32_t>(codes_size_);
    }
  }

  std::size_t row_stride_ = 0;
  std::size_t a_size_ = 0;
  std::size_t b_size_ = 0;
  std::size_t codes_size_ = 0;
  AlignedArray<T> a_values_;
  AlignedArray<T> b_values_;
  AlignedArray<std::int16_t> a_fields_;
  AlignedArray<std::int16_t> b_fields_;
  AlignedArray<std::uint32_t> codes_;
};

}  // namespace lnsim::numerics
