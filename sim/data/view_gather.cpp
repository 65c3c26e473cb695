// SPDX-License-Identifier: Apache-2.0
#include "sim/data/view_gather.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "sim/data/transpose_codes.hpp"

namespace lnsim {
namespace {

/// One block from each end; they overlap unless bytes = 2 * kBlock.
template <std::size_t kBlock>
inline void copy_ends(std::byte* out, const std::byte* in, std::size_t bytes) {
  std::memcpy(out, in, kBlock);
  std::memcpy(out + bytes - kBlock, in + bytes - kBlock, kBlock);
}

/// Copies of the sizes that operand vectors and their pieces have, without a call.
inline void copy_bytes(std::byte* out, const std::byte* in, std::size_t bytes) {
  if (bytes > 128) {
    std::memcpy(out, in, bytes);
  } else if (bytes > 64) {
    copy_ends<64>(out, in, bytes);
  } else if (bytes > 32) {
    copy_ends<32>(out, in, bytes);
  } else if (bytes >= 16) {
    copy_ends<16>(out, in, bytes);
  } else if (bytes >= 8) {
    copy_ends<8>(out, in, bytes);
  } else if (bytes >= 4) {
    copy_ends<4>(out, in, bytes);
  } else {
    for (std::size_t i = 0; i < bytes; ++i) out[i] = in[i];
  }
}

/// `count` > 0 codes, `step` elements apart, from element `first` on.
template <unsigned kBytes>
inline void copy_run(std::byte* out, const std::byte* codes, std::int64_t first, std::int64_t step,
                     std::uint64_t count) {
  const std::byte* in = codes + first * static_cast<std::int64_t>(kBytes);
  if (step == 1) {
    copy_bytes(out, in, count * kBytes);
    return;
  }
  const std::int64_t stride = step * static_cast<std::int64_t>(kBytes);
  for (std::uint64_t i = 0; i < count; ++i, in += stride, out += kBytes) std::memcpy(out, in, kBytes);
}

/// Half-open interval of steps.
struct Interval {
  std::int32_t begin = 0;
  std::int32_t end = 0;
};

/// The steps t >= 0 for which first + t * step lies in [0, size).
Interval steps_inside(std::int32_t first, std::int32_t step, std::int32_t size, std::int32_t most) {
  if (step == 0) return first >= 0 && first < size ? Interval{0, most} : Interval{0, 0};
  if (step < 0) {  // the same walk seen from the other end: size - 1 - first - t * -step
    first = size - 1 - first;
    step = -step;
  }
  const auto divide = [step](std::int32_t distance) { return step == 1 ? distance : (distance + step - 1) / step; };
  const std::int32_t begin = first >= 0 ? 0 : divide(-first);
  const std::int32_t end = first >= size ? 0 : divide(size - first);
  return {std::min(begin, most), std::min(end, most)};
}

}  // namespace

ViewGather::ViewGather(const OperandView& view, unsigned container_bytes)
    : bytes_(container_bytes),
      padded_(meets_padding(view)),
      height_(static_cast<std::int32_t>(view.height)),
      width_(static_cast<std::int32_t>(view.width)),
      origin_{view.base, view.h0, view.w0} {
  switch (container_bytes) {
    case 1: copy_ = &copy<1>; break;
    case 2: copy_ = &copy<2>; break;
    case 4: copy_ = &copy<4>; break;
    case 8: copy_ = &copy<8>; break;
    default: throw std::invalid_argument("containers of codes have 1, 2, 4 or 8 bytes");
  }
  const std::int64_t h_stride = view.spatial ? view.h_stride : 0;
  const std::int64_t w_stride = view.spatial ? view.w_stride : 0;
  origin_.element += view.h0 * h_stride + view.w0 * w_stride;
  row_digits_ = merge_digits(view.rows, h_stride, w_stride, padded_);
  row_counts_.assign(row_digits_.size(), 0);
  row_position_ = origin_;
  make_runs(merge_digits(view.ks, h_stride, w_stride, padded_));
  transposes_ = shape_.step != 1 && !row_digits_.empty() && row_digits_.back().step == ViewPosition{1, 0, 0};
}

void ViewGather::make_runs(std::vector<MergedDigit> digits) {
  if (!digits.empty()) {
    const MergedDigit fastest = digits.back();
    digits.pop_back();
    shape_.length = fastest.extent;
    shape_.step = fastest.step.element;
    ViewPosition pixel = fastest.step;
    const bool one_pixel = fastest.step.h == 0 && fastest.step.w == 0;
    const std::int64_t walk = static_cast<std::int64_t>(fastest.extent) * fastest.step.element;
    if (one_pixel && !digits.empty() && digits.back().step.element == walk) {  // (s, c): pixels side by side
      shape_.period = fastest.extent;
      shape_.length *= digits.back().extent;
      pixel = digits.back().step;
      digits.pop_back();
    }
    pixels_ = shape_.length / shape_.period;
    shape_.dh = static_cast<std::int32_t>(pixel.h);
    shape_.dw = static_cast<std::int32_t>(pixel.w);
  }
  std::uint64_t count = 1;
  for (const MergedDigit& digit : digits) count *= digit.extent;
  runs_.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    const ViewPosition at = position_of(digits, i);
    runs_.push_back({at.element, static_cast<std::int32_t>(at.h), static_cast<std::int32_t>(at.w)});
  }
}

void ViewGather::next_row() {
  for (std::size_t i = row_digits_.size(); i-- > 0;) {
    const MergedDigit& digit = row_digits_[i];
    row_position_ += digit.step;
    if (++row_counts_[i] < digit.extent) return;
    row_position_ += -static_cast<std::int64_t>(digit.extent) * digit.step;
    row_counts_[i] = 0;
  }
}

void ViewGather::seek_row(std::uint64_t row) {
  const bool next = row == row_ + 1;
  row_ = row;
  if (next) {
    next_row();
    return;
  }
  row_position_ = origin_;
  for (std::size_t i = row_digits_.size(); i-- > 0;) {
    const MergedDigit& digit = row_digits_[i];
    row_counts_[i] = i == 0 ? row : row % digit.extent;
    row /= digit.extent;
    row_position_ += static_cast<std::int64_t>(row_counts_[i]) * digit.step;
  }
}

void ViewGather::seek_k(std::uint64_t k) {
  k_ = k;
  k_run_ = runs_.size() == 1 ? 0 : k / shape_.length;
  k_position_ = k - k_run_ * shape_.length;
}

bool ViewGather::inside(const Run& run, std::uint64_t position, std::uint64_t count) const {
  // The ends decide, because the pixel moves one way. Where a pixel has several k, those of the whole run do, which
  // saves a division.
  std::int32_t first = 0;
  auto last = static_cast<std::int32_t>(pixels_) - 1;
  if (shape_.period == 1) {
    first = static_cast<std::int32_t>(position);
    last = static_cast<std::int32_t>(position + count) - 1;
  }
  const auto in = [&](std::int32_t origin, std::int32_t step, std::int32_t size) {
    return static_cast<std::uint32_t>(origin + first * step) < static_cast<std::uint32_t>(size) &&
           static_cast<std::uint32_t>(origin + last * step) < static_cast<std::uint32_t>(size);
  };
  return in(run.h + static_cast<std::int32_t>(row_position_.h), shape_.dh, height_) &&
         in(run.w + static_cast<std::int32_t>(row_position_.w), shape_.dw, width_);
}

// The part of a piece that lies inside the tensor, as positions of the run.
std::pair<std::uint64_t, std::uint64_t> ViewGather::clip(const Run& run, const Piece& piece) const {
  const auto pixels = static_cast<std::int32_t>(pixels_);
  const Interval h = steps_inside(run.h + static_cast<std::int32_t>(row_position_.h), shape_.dh, height_, pixels);
  const Interval w = steps_inside(run.w + static_cast<std::int32_t>(row_position_.w), shape_.dw, width_, pixels);
  const std::uint64_t end = piece.position + piece.count;
  const auto clamp = [&](std::int32_t step) {
    return std::clamp(static_cast<std::uint64_t>(step) * shape_.period, piece.position, end);
  };
  const std::uint64_t lo = clamp(std::max(h.begin, w.begin));
  return {lo, std::max(lo, clamp(std::min(h.end, w.end)))};
}

template <unsigned kBytes>
void ViewGather::copy_clipped(const Run& run, const Piece& piece, const std::byte* codes, std::byte* out) const {
  const auto [lo, hi] = clip(run, piece);
  const std::uint64_t end = piece.position + piece.count;
  std::memset(out, 0, (lo - piece.position) * kBytes);
  if (lo < hi) {
    const std::int64_t first = piece.element + static_cast<std::int64_t>(lo) * shape_.step;
    copy_run<kBytes>(out + (lo - piece.position) * kBytes, codes, first, shape_.step, hi - lo);
  }
  std::memset(out + (hi - piece.position) * kBytes, 0, (end - hi) * kBytes);
}

template <unsigned kBytes>
void ViewGather::copy(const ViewGather& self, const std::byte* codes, std::int64_t batch_offset, std::uint64_t count,
                      std::byte* out) {
  const RunShape& shape = self.shape_;
  const std::int64_t row_element = self.row_position_.element + batch_offset;
  const Run* run = self.runs_.data() + self.k_run_;
  std::uint64_t left = count;
  std::uint64_t position = self.k_position_;
  while (left > 0) {
    const std::uint64_t part = std::min(left, shape.length - position);
    const std::int64_t element = row_element + run->element;
    if (!self.padded_ || self.inside(*run, position, part)) {
      copy_run<kBytes>(out, codes, element + static_cast<std::int64_t>(position) * shape.step, shape.step, part);
    } else {
      self.copy_clipped<kBytes>(*run, {element, position, part}, codes, out);
    }
    out += part * kBytes;
    left -= part;
    position = 0;
    ++run;
  }
}

// Where the codes of the current row lie for each k, null for padding.
void ViewGather::locate(const std::byte* codes, std::uint64_t k, std::uint64_t count, std::int64_t batch_offset,
                        const std::byte** places) {
  if (k != k_) seek_k(k);
  const Run* run = runs_.data() + k_run_;
  std::uint64_t position = k_position_;
  for (std::uint64_t left = count; left > 0; position = 0, ++run) {
    const Piece piece{row_position_.element + batch_offset + run->element, position,
                      std::min(left, shape_.length - position)};
    std::uint64_t lo = position;
    std::uint64_t hi = position + piece.count;
    if (padded_ && !inside(*run, position, piece.count)) std::tie(lo, hi) = clip(*run, piece);
    const std::int64_t stride = shape_.step * static_cast<std::int64_t>(bytes_);
    std::int64_t byte = piece.element * static_cast<std::int64_t>(bytes_) + static_cast<std::int64_t>(lo) * stride;
    std::fill(places, places + (lo - position), nullptr);
    for (std::uint64_t i = lo - position; i < hi - position; ++i, byte += stride) places[i] = codes + byte;
    std::fill(places + (hi - position), places + piece.count, nullptr);
    places += piece.count;
    left -= piece.count;
  }
}

// The same neighbouring codes of one run, from k_ on, of each row.
void ViewGather::gather_pieces(const std::byte* codes, std::uint64_t row, std::uint64_t rows, std::uint64_t count,
                               std::int64_t batch_offset, std::byte* out, std::size_t out_stride) {
  const Run run = runs_[k_run_];
  const std::int64_t offset = batch_offset + run.element + static_cast<std::int64_t>(k_position_);
  const std::size_t bytes = count * bytes_;
  for (const std::uint64_t end = row + rows; row < end; ++row, out += out_stride) {
    if (row != row_) seek_row(row);
    if (!padded_ || inside(run, k_position_, count)) {
      copy_bytes(out, codes + (row_position_.element + offset) * static_cast<std::int64_t>(bytes_), bytes);
    } else {
      copy_(*this, codes, batch_offset, count, out);
    }
  }
}

void ViewGather::gather_rows(const std::byte* codes, std::uint64_t row, std::uint64_t rows, std::uint64_t k_begin,
                             std::uint64_t count, std::int64_t batch_offset, std::byte* out, std::size_t out_stride) {
  if (!transposes_) {
    if (k_begin != k_) seek_k(k_begin);
    if (shape_.step == 1 && k_position_ + count <= shape_.length) {
      gather_pieces(codes, row, rows, count, batch_offset, out, out_stride);
      return;
    }
    for (std::uint64_t r = 0; r < rows; ++r) {
      gather(codes, row + r, k_begin, count, batch_offset, out + r * out_stride);
    }
    return;
  }
  std::array<const std::byte*, 64> places;
  while (rows > 0) {
    if (row != row_) seek_row(row);
    // Neighbours end where the fastest digit of the row starts over; a slowest digit never does within the view.
    const std::uint64_t stretch = std::min(rows, row_digits_.back().extent - row_counts_.back());
    for (std::uint64_t done = 0; done < count; done += places.size()) {
      const std::uint64_t part = std::min<std::uint64_t>(count - done, places.size());
      locate(codes, k_begin + done, part, batch_offset, places.data());
      transpose_codes(places.data(), part, stretch, bytes_, out + done * bytes_, out_stride);
    }
    row += stretch;
    rows -= stretch;
    out += stretch * out_stride;
  }
}

}  // namespace lnsim
