// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>
#include <vector>

#include "sim/training/arithmetic.hpp"
#include "sim/training/model.hpp"

namespace lnsim::training {

/// The real numbers that an optimizer updates: a master copy in the scheme's update format, or without one the values
/// of the forward copy itself.
class MasterCopy {
 public:
  MasterCopy(const ModelParameter& parameter, bool keep, std::vector<double> initial)
      : role_(parameter.role()), slot_(parameter.slot), keep_(keep), numbers(std::move(initial)) {}

  /// Rounds the numbers and writes the forward copy. Throws NotFinite.
  void publish(Values& values, Arithmetic& arithmetic) {
    if (keep_) arithmetic.round_master(numbers);
    values.real = numbers;
    arithmetic.round(role_, slot_, values, true);
    if (!keep_) numbers = values.real;
  }

  [[nodiscard]] Role role() const { return role_; }

 private:
  Role role_;
  std::size_t slot_;
  bool keep_;

 public:
  std::vector<double> numbers;
};

}  // namespace lnsim::training
