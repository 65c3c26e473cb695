// SPDX-License-Identifier: Apache-2.0
#include "sim/data/activity.hpp"

namespace lnsim {

DataActivity& DataActivity::operator+=(const DataActivity& other) {
  operand_a += other.operand_a;
  operand_b += other.operand_b;
  products += other.products;
  tree += other.tree;
  accumulator += other.accumulator;
  macs += other.macs;
  zero_operand_a += other.zero_operand_a;
  zero_operand_b += other.zero_operand_b;
  zero_products += other.zero_products;
  return *this;
}

}  // namespace lnsim
