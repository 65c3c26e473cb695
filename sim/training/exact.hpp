// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "sim/training/arithmetic.hpp"
#include "sim/training/workers.hpp"

namespace lnsim::training {

/// Everything in binary64, nothing rounded to a format: for checks of gradients.
class Exact : public Arithmetic {
 public:
  Exact(std::vector<std::string> slots, Workers& workers) : slots_(std::move(slots)), workers_(workers) {}

  void round(Role role, std::size_t slot, Values& values, bool training) override;
  void gemm(const LayerPass& pass, const Values& a, const Values& b, std::span<double> out) override;
  void round_master(std::span<double> /*values*/) const override {}
  [[nodiscard]] ArithmeticCounts counts() const override { return counts_; }
  void save(ByteWriter& /*out*/) const override {}
  void load(ByteReader& /*in*/) override {}

 private:
  std::vector<std::string> slots_;
  Workers& workers_;
  ArithmeticCounts counts_;
};

}  // namespace lnsim::training
