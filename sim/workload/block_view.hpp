// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "sim/workload/pass.hpp"

namespace lnsim {

/// Whether the blocks along K of an operand, `block` elements each from k = 0 on and the last one shorter, are blocks
/// of its tensor: `block` consecutive elements each from the tensor's start on. True where K's fastest digit walks
/// through memory, in whole blocks or alone, and everything else moves by whole blocks. Otherwise a pass reads a second
/// copy of the tensor, in blocks along its K (docs/block_formats.md, section 5).
[[nodiscard]] bool reads_blocks(const Gemm& gemm, bool operand_a, std::uint64_t block);

/// How the scales of such an operand's blocks lie in the tensor of scales, one per block of the operand's tensor: the
/// same rows, and a k per block.
[[nodiscard]] OperandView scales_view(const OperandView& view, std::uint64_t block);

}  // namespace lnsim
