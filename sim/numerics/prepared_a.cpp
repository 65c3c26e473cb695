// SPDX-License-Identifier: Apache-2.0
#include "sim/numerics/prepared_a.hpp"

#include <cstring>

#include "sim/numerics/dot_unit.hpp"

namespace lnsim::numerics {

bool PreparedA::holds(const GroupBlock& block, unsigned container_bytes) const {
  if (lanes_ != block.lanes || elements_ != block.elements) return false;
  const std::size_t length = std::size_t{elements_} * container_bytes;
  if (block.a_stride == elements_) return std::memcmp(codes_.data(), block.a, lanes_ * length) == 0;
  for (std::size_t lane = 0; lane < lanes_; ++lane) {
    if (std::memcmp(codes_.data() + lane * length, block.a + lane * block.a_stride * container_bytes, length) != 0) {
      return false;
    }
  }
  return true;
}

std::byte* PreparedA::renew(const GroupBlock& block, unsigned container_bytes, std::size_t bytes) {
  lanes_ = block.lanes;
  elements_ = block.elements;
  const std::size_t length = std::size_t{elements_} * container_bytes;
  codes_.resize(lanes_ * length);
  for (std::size_t lane = 0; lane < lanes_; ++lane) {
    std::memcpy(codes_.data() + lane * length, block.a + lane * block.a_stride * container_bytes, length);
  }
  lines_.resize((bytes + sizeof(Line) - 1) / sizeof(Line));
  return lines_.front().bytes;
}

}  // namespace lnsim::numerics
