// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim/data/code_tensor.hpp"
#include "sim/training/bytes.hpp"
#include "sim/workload/pass.hpp"

namespace lnsim::training {

/// A tensor of a training step: real values, and the codes that the dot-product units read. Once rounded, both say the
/// same. `codes` stays empty in binary64, and for tensors that no unit reads.
struct Values {
  std::vector<double> real;
  CodeTensor codes;
};

/// A value that is not finite; the message names the tensor.
class NotFinite : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What rounding and the units did, beside their results.
struct ArithmeticCounts {
  std::uint64_t macs = 0;         ///< useful, of all GEMMs
  std::uint64_t saturations = 0;  ///< accumulator updates that saturated
  std::uint64_t rounded = 0;      ///< elements rounded to a format
  std::uint64_t clipped = 0;      ///< of them beyond the largest magnitude

  ArithmeticCounts& operator+=(const ArithmeticCounts& other);
  void save(ByteWriter& out) const;
  void load(ByteReader& in);
  friend bool operator==(const ArithmeticCounts&, const ArithmeticCounts&) = default;
};

/// How numbers are stored and multiplied while a network trains. Tensors are known by the number of their slot: what a
/// scale depends on, the largest magnitude of the iteration before, is kept for each.
class Arithmetic {
 public:
  virtual ~Arithmetic() = default;

  /// Brings the real values to the format of a tensor's role, with the scale of its slot, and fills in the codes.
  /// `training` false: scales are used and not changed. Throws NotFinite.
  virtual void round(Role role, std::size_t slot, Values& values, bool training) = 0;

  /// All GEMMs of a pass: operands where the pass has them, real results by the output view; elements of `out` that no
  /// GEMM writes are left as they are.
  virtual void gemm(const LayerPass& pass, const Values& a, const Values& b, std::span<double> out) = 0;

  /// Values as a master copy keeps them, in the update format of the scheme.
  virtual void round_master(std::span<double> values) const = 0;

  [[nodiscard]] virtual ArithmeticCounts counts() const = 0;
  /// Time that gemm() took so far, for progress; no result depends on it.
  [[nodiscard]] virtual double gemm_seconds() const { return 0.0; }
  /// Scales and counts, for checkpoints.
  virtual void save(ByteWriter& out) const = 0;
  virtual void load(ByteReader& in) = 0;
};

/// Throws NotFinite if a value is NaN or infinite; returns the largest magnitude.
double checked_max(std::span<const double> values, const std::string& name);

}  // namespace lnsim::training
