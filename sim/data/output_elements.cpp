// SPDX-License-Identifier: Apache-2.0
#include "sim/data/output_elements.hpp"

#include "sim/data/merged_digits.hpp"

namespace lnsim {

OutputElements::Axis::Axis(const std::vector<Digit>& digits) {
  const std::vector<MergedDigit> merged = merge_digits(digits, 0, 0, false);
  if (merged.size() <= 1) {
    if (!merged.empty()) step = merged.front().step.element;
    return;
  }
  std::uint64_t count = 1;
  for (const MergedDigit& digit : merged) count *= digit.extent;
  table.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) table.push_back(position_of(merged, i).element);
}

OutputElements::OutputElements(const OutputView& view) : base_(view.base), m_(view.ms), n_(view.ns) {}

BatchOffsets batch_offsets(const Gemm& gemm, std::uint64_t index) {
  BatchOffsets offsets;
  for (auto digit = gemm.batch.rbegin(); digit != gemm.batch.rend(); ++digit) {
    const auto value = static_cast<std::int64_t>(index % digit->extent);
    index /= digit->extent;
    offsets.a += value * digit->a_offset;
    offsets.b += value * digit->b_offset;
    offsets.out += value * digit->out_offset;
  }
  return offsets;
}

}  // namespace lnsim
