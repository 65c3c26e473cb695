// SPDX-License-Identifier: Apache-2.0
#include "sim/training/arithmetic.hpp"

#include <algorithm>
#include <cmath>

namespace lnsim::training {

ArithmeticCounts& ArithmeticCounts::operator+=(const ArithmeticCounts& other) {
  macs += other.macs;
  saturations += other.saturations;
  rounded += other.rounded;
  clipped += other.clipped;
  return *this;
}

void ArithmeticCounts::save(ByteWriter& out) const {
  for (const std::uint64_t n : {macs, saturations, rounded, clipped}) out.number(n);
}

void ArithmeticCounts::load(ByteReader& in) {
  for (std::uint64_t* n : {&macs, &saturations, &rounded, &clipped}) *n = in.count();
}

double checked_max(std::span<const double> values, const std::string& name) {
  double max = 0.0;
  bool finite = true;
  for (const double value : values) {
    max = std::max(max, std::fabs(value));
    finite = finite && std::isfinite(value);
  }
  if (!finite) throw NotFinite(name + " holds a value that is not finite");
  return max;
}

}  // namespace lnsim::training
