// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/block_view.hpp"

#include <algorithm>

namespace lnsim {
namespace {

bool whole(std::int64_t elements, std::int64_t block) { return elements % block == 0; }

}  // namespace

bool reads_blocks(const Gemm& gemm, bool operand_a, std::uint64_t block_elements) {
  const OperandView& view = operand_a ? gemm.a : gemm.b;
  const auto block = static_cast<std::int64_t>(block_elements);
  const auto moves = [](const Digit& digit) { return digit.extent > 1; };
  const auto fastest = std::find_if(view.ks.rbegin(), view.ks.rend(), moves);
  if (fastest == view.ks.rend()) return false;
  const bool walks = fastest->offset == 1 && (!view.spatial || (fastest->dh == 0 && fastest->dw == 0));
  const bool alone = std::none_of(std::next(fastest), view.ks.rend(), moves);
  if (!walks || (!alone && fastest->extent % block_elements != 0)) return false;
  const auto by_blocks = [&](const Digit& digit) { return digit.extent == 1 || whole(digit.offset, block); };
  if (!std::all_of(std::next(fastest), view.ks.rend(), by_blocks) ||
      !std::all_of(view.rows.begin(), view.rows.end(), by_blocks)) {
    return false;
  }
  if (view.spatial && !(whole(view.h_stride, block) && whole(view.w_stride, block))) return false;
  return whole(view.base, block) && std::all_of(gemm.batch.begin(), gemm.batch.end(), [&](const BatchDigit& digit) {
           return digit.extent == 1 || whole(operand_a ? digit.a_offset : digit.b_offset, block);
         });
}

OperandView scales_view(const OperandView& view, std::uint64_t block_elements) {
  const auto block = static_cast<std::int64_t>(block_elements);
  OperandView scales = view;
  const auto shrink = [&](std::vector<Digit>& digits) {
    for (Digit& digit : digits) digit.offset /= block;
  };
  const auto fastest = std::find_if(scales.ks.rbegin(), scales.ks.rend(), [](const Digit& d) { return d.extent > 1; });
  const auto place = static_cast<std::size_t>(std::distance(scales.ks.begin(), fastest.base()) - 1);
  shrink(scales.rows);
  shrink(scales.ks);
  scales.ks[place].offset = 1;
  scales.ks[place].extent = (view.ks[place].extent + block_elements - 1) / block_elements;
  scales.base /= block;
  scales.h_stride /= block;
  scales.w_stride /= block;
  return scales;
}

}  // namespace lnsim
