// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "sim/data/code_tensor.hpp"
#include "sim/data/output_elements.hpp"
#include "sim/workload/pass.hpp"

namespace lnsim {

/// Codes of some rows of both operands of a GEMM, gathered: a is [m_count][k], b is [n_count][k].
struct OperandPanels {
  std::uint64_t m_begin = 0;
  std::uint64_t n_begin = 0;
  std::size_t m_count = 0;
  std::size_t n_count = 0;
  std::size_t k = 0;
  const std::byte* a = nullptr;
  const std::byte* b = nullptr;
};

/// Memory for the panels of one operand; one row is taken even where it is larger.
inline constexpr std::size_t kPanelBytes = 4U << 20U;

/// Visits every output of one batch index once, in panels, m panels outer: the operand matrices of a convolution are
/// many times larger than its tensors and never stand in memory as wholes.
void visit_panels(const Gemm& gemm, const CodeTensor& a, const CodeTensor& b, const BatchOffsets& offsets,
                  std::size_t panel_bytes, const std::function<void(const OperandPanels&)>& visit);

}  // namespace lnsim
