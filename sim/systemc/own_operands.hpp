// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "sim/data/view_gather.hpp"
#include "sim/schedule/walks.hpp"

namespace lnsim::systemc {

/// Operand codes of output tiles, gathered from a tensor of the pass without any part of the machine: what the checker
/// holds the machine's vectors against. A panel is all K-groups of a step for the rows of one tile; the last few panels
/// are kept, because the tiles of a block share them.
class OwnOperands {
 public:
  /// codes: element 0 of the tensor. slots: panels kept, those whose numbers differ modulo `slots`.
  OwnOperands(const std::byte* codes, unsigned container_bytes, std::uint64_t vector_size, std::size_t slots);

  /// Adds the view of the next GEMM of the pass.
  void add_gemm(const OperandView& view) { gathers_.emplace_back(view, container_); }

  /// Which codes a panel holds.
  struct Key {
    std::uint32_t step = ~std::uint32_t{0};
    std::uint64_t row = 0;  ///< of the GEMM
    std::uint64_t rows = 0;
    friend bool operator==(const Key&, const Key&) = default;
  };
  /// [K-group][row][vector_size] containers of these rows and the step's k; elements beyond it are code 0. `offset` is
  /// the batch index's. Valid until the next call with the same slot, `number` modulo slots.
  [[nodiscard]] const std::byte* panel(const Key& key, const Step& step, std::int64_t offset, std::uint64_t number);

  [[nodiscard]] std::size_t vector_bytes() const { return vector_bytes_; }

 private:
  struct Panel {
    Key key;
    std::vector<std::byte> codes;
  };
  void gather(Panel& panel, const Step& step, std::int64_t offset);
  void gather_groups(Panel& panel, const Step& step, std::int64_t offset);

  const std::byte* codes_;
  unsigned container_;
  std::uint64_t vector_size_;
  std::size_t vector_bytes_;
  std::vector<ViewGather> gathers_;
  std::vector<Panel> panels_;
  std::vector<std::byte> row_;
};

}  // namespace lnsim::systemc
