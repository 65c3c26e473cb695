// SPDX-License-Identifier: Apache-2.0
#include "sim/data/merged_digits.hpp"

#include <algorithm>

namespace lnsim {

std::vector<MergedDigit> merge_digits(const std::vector<Digit>& digits, std::int64_t h_stride, std::int64_t w_stride,
                                      bool keep_pixels) {
  std::vector<MergedDigit> merged;  // fastest first
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
    if (digit->extent == 1) continue;
    MergedDigit next{digit->extent, {digit->offset + digit->dh * h_stride + digit->dw * w_stride, 0, 0}};
    if (keep_pixels) {
      next.step.h = digit->dh;
      next.step.w = digit->dw;
    }
    if (!merged.empty() && next.step == static_cast<std::int64_t>(merged.back().extent) * merged.back().step) {
      merged.back().extent *= next.extent;
    } else {
      merged.push_back(next);
    }
  }
  std::reverse(merged.begin(), merged.end());
  return merged;
}

ViewPosition position_of(const std::vector<MergedDigit>& digits, std::uint64_t index) {
  ViewPosition position;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
    position += static_cast<std::int64_t>(index % digit->extent) * digit->step;
    index /= digit->extent;
  }
  return position;
}

bool meets_padding(const OperandView& view) {
  if (!view.spatial) return false;
  ViewPosition lowest{0, view.h0, view.w0};
  ViewPosition highest = lowest;
  for (const std::vector<Digit>* digits : {&view.rows, &view.ks}) {
    for (const Digit& digit : *digits) {
      const auto steps = static_cast<std::int64_t>(digit.extent) - 1;
      lowest.h += std::min<std::int64_t>(0, steps * digit.dh);
      lowest.w += std::min<std::int64_t>(0, steps * digit.dw);
      highest.h += std::max<std::int64_t>(0, steps * digit.dh);
      highest.w += std::max<std::int64_t>(0, steps * digit.dw);
    }
  }
  return lowest.h < 0 || lowest.w < 0 || highest.h >= view.height || highest.w >= view.width;
}

}  // namespace lnsim
