// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <stdexcept>
#include <vector>

#include "sim/workload/pass.hpp"

namespace lnsim::test {

using Values = std::vector<std::int64_t>;

/// Small signed values that differ from element to element.
inline Values ramp(std::uint64_t elements, std::int64_t seed) {
  Values values(elements);
  for (std::uint64_t i = 0; i < elements; ++i) {
    values[i] = static_cast<std::int64_t>((i * 2654435761U + static_cast<std::uint64_t>(seed) * 40503U) % 1009U) - 504;
  }
  return values;
}

/// Offsets of every index of the GEMM batch: a, b, out.
inline std::vector<BatchDigit> batch_offsets(const Gemm& gemm) {
  std::vector<BatchDigit> offsets = {{1, 0, 0, 0}};
  for (const BatchDigit& digit : gemm.batch) {
    std::vector<BatchDigit> next;
    for (const BatchDigit& base : offsets) {
      for (std::uint64_t i = 0; i < digit.extent; ++i) {
        const auto step = static_cast<std::int64_t>(i);
        next.push_back({1, base.a_offset + step * digit.a_offset, base.b_offset + step * digit.b_offset,
                        base.out_offset + step * digit.out_offset});
      }
    }
    offsets = next;
  }
  return offsets;
}

inline std::int64_t operand(const OperandView& view, const Values& values, std::int64_t offset, std::uint64_t row,
                            std::uint64_t k) {
  const auto element = view.element(row, k);
  return element ? values.at(*element + static_cast<std::uint64_t>(offset)) : 0;
}

/// What the pass computes from its first two tensors, read through the views alone. Throws if an output element is
/// written twice, or if the elements left over are not as many as the zero fills say.
inline Values evaluate(const LayerPass& pass, const Values& first, const Values& second) {
  const Values* inputs[] = {&first, &second};
  Values out(pass.tensors.at(2).elements, 0);
  std::vector<bool> written(out.size(), false);
  std::uint64_t writes = 0;
  for (const Gemm& gemm : pass.gemms) {
    if (gemm.a.row_count() != gemm.m || gemm.b.row_count() != gemm.n) throw std::logic_error("rows of a view");
    if (gemm.a.k_count() != gemm.k || gemm.b.k_count() != gemm.k) throw std::logic_error("k of a view");
    for (const BatchDigit& at : batch_offsets(gemm)) {
      for (std::uint64_t m = 0; m < gemm.m; ++m) {
        for (std::uint64_t n = 0; n < gemm.n; ++n) {
          std::int64_t sum = 0;
          for (std::uint64_t k = 0; k < gemm.k; ++k) {
            sum += operand(gemm.a, *inputs[gemm.a.tensor], at.a_offset, m, k) *
                   operand(gemm.b, *inputs[gemm.b.tensor], at.b_offset, n, k);
          }
          const std::uint64_t element = gemm.out.element(m, n) + static_cast<std::uint64_t>(at.out_offset);
          if (written.at(element)) throw std::logic_error("an output element is written twice");
          written[element] = true;
          out[element] = sum;
          ++writes;
        }
      }
    }
  }
  for (const StreamUse& fill : pass.zero_fills) writes += fill.elements;
  if (writes != out.size()) throw std::logic_error("output elements left over");
  return out;
}

}  // namespace lnsim::test
