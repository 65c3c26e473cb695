// SPDX-License-Identifier: Apache-2.0
#include "sim/systemc/own_operands.hpp"

#include <algorithm>
#include <cstring>

#include "sim/systemc/copy_vector.hpp"

namespace lnsim::systemc {

OwnOperands::OwnOperands(const std::byte* codes, unsigned container_bytes, std::uint64_t vector_size, std::size_t slots)
    : codes_(codes),
      container_(container_bytes),
      vector_size_(vector_size),
      vector_bytes_(vector_size * container_bytes),
      panels_(slots) {}

const std::byte* OwnOperands::panel(const Key& key, const Step& step, std::int64_t offset, std::uint64_t number) {
  Panel& panel = panels_[number % panels_.size()];
  if (!(panel.key == key)) {
    panel.key = key;
    gather(panel, step, offset);
  }
  return panel.codes.data();
}

// Row by row, as long runs are cheap to gather, then dealt out to the K-groups; transposed operands in blocks.
void OwnOperands::gather(Panel& panel, const Step& step, std::int64_t offset) {
  const std::uint64_t groups = ceil_div(step.k_size, vector_size_);
  const std::size_t group_bytes = panel.key.rows * vector_bytes_;
  if (panel.codes.size() < groups * group_bytes) panel.codes.resize(groups * group_bytes);
  if (gathers_[step.gemm].transposes()) {
    gather_groups(panel, step, offset);
    return;
  }
  if (row_.size() < groups * vector_bytes_) row_.resize(groups * vector_bytes_);
  std::fill(row_.begin() + static_cast<std::ptrdiff_t>(step.k_size * container_), row_.end(), std::byte{0});
  for (std::uint64_t r = 0; r < panel.key.rows; ++r) {
    gathers_[step.gemm].gather(codes_, panel.key.row + r, step.k_begin, step.k_size, offset, row_.data());
    std::byte* to = panel.codes.data() + r * vector_bytes_;
    for (std::uint64_t g = 0; g < groups; ++g) {
      copy_vector(to + g * group_bytes, row_.data() + g * vector_bytes_, vector_bytes_);
    }
  }
}

void OwnOperands::gather_groups(Panel& panel, const Step& step, std::int64_t offset) {
  std::byte* to = panel.codes.data();
  for (std::uint64_t k = 0; k < step.k_size; k += vector_size_, to += panel.key.rows * vector_bytes_) {
    const std::uint64_t count = std::min(vector_size_, step.k_size - k);
    if (count < vector_size_) std::memset(to, 0, panel.key.rows * vector_bytes_);
    gathers_[step.gemm].gather_rows(codes_, panel.key.row, panel.key.rows, step.k_begin + k, count, offset, to,
                                    vector_bytes_);
  }
}

}  // namespace lnsim::systemc
