// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "sim/arch/scheme.hpp"
#include "sim/numerics/dot_unit.hpp"
#include "sim/training/arithmetic.hpp"
#include "sim/training/workers.hpp"

namespace lnsim::training {

/// The arithmetic of a scheme, as the machine does it: every tensor that is written has the codes of its role's format,
/// every GEMM runs through the scheme's dot-product unit.
///
/// Scales: `delayed` takes the largest magnitude of the slot's iteration before (its own in the first), `two_pass` the
/// tensor's own, `static` that of the first iteration for good. LNS scales are powers of 2^(1/gamma), the next at or
/// above the magnitude, so that a tensor which is read and written again keeps its values; other formats have their
/// usual scale. Parameters (biases, norms) are FP32 without a scale. Formats with block scales have that scale as their
/// tensor's (MX: 1); blocks are consecutive elements of a tensor.
class BitTrue : public Arithmetic {
 public:
  /// `slots`: name of each slot, for messages. vector_size: V of the dot-product units. Throws SpecError for a unit
  /// that does not exist.
  /// `seed`: of stochastic rounding; its random numbers depend on the seed, the slot, how often it was rounded, and the
  /// place of the element, and on nothing else.
  BitTrue(const Scheme& scheme, unsigned vector_size, std::vector<std::string> slots, Workers& workers,
          std::uint64_t seed = 1);

  void round(Role role, std::size_t slot, Values& values, bool training) override;
  void gemm(const LayerPass& pass, const Values& a, const Values& b, std::span<double> out) override;
  void round_master(std::span<double> values) const override;
  [[nodiscard]] ArithmeticCounts counts() const override { return counts_; }
  [[nodiscard]] double gemm_seconds() const override { return gemm_seconds_; }
  void save(ByteWriter& out) const override;
  void load(ByteReader& in) override;

 private:
  /// Largest magnitude of the iteration before; negative: none yet.
  struct Slot {
    std::string name;
    double max = -1.0;
    std::uint64_t rounded = 0;  ///< tensors so far, counted where rounding is stochastic
  };

  [[nodiscard]] double magnitude_for(Slot& slot, double max, bool training) const;
  [[nodiscard]] bool stochastic() const { return scheme_.gradient_rounding == GradientRounding::kStochastic; }
  [[nodiscard]] const numerics::DotUnit& unit(const numerics::FormatPtr& a, const numerics::FormatPtr& b);
  /// decode(code, 1) of every code of a format of at most 16 bits.
  [[nodiscard]] const std::vector<double>& value_table(const numerics::FormatPtr& format);

  const Scheme& scheme_;
  unsigned vector_size_;
  std::uint64_t seed_;
  std::vector<Slot> slots_;
  Workers& workers_;
  std::map<std::pair<std::string, std::string>, std::unique_ptr<numerics::DotUnit>> units_;
  std::map<std::string, std::vector<double>> tables_;
  ArithmeticCounts counts_;
  double gemm_seconds_ = 0.0;
};

/// The scale of a tensor whose largest magnitude is `max`, as BitTrue chooses it.
[[nodiscard]] double training_scale(const numerics::Format& format, double max);

}  // namespace lnsim::training
