// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lnsim::energy {

/// What every bill is made of. A use is one operation on fresh random data at the stated width.
enum class Primitive : std::uint8_t {
  kAdder,               ///< two addends of `width` bits
  kMultiplierUnsigned,  ///< width x width; width is the geometric mean of unequal operands
  kMultiplierSigned,
  kShifter,  ///< right shift of `width` bits by any amount
  kMux,      ///< two-to-one
  kMax,      ///< larger of two unsigned numbers
  kLeadingZeroCounter,
  kDecoder,       ///< `width` one-hot outputs
  kRegister,      ///< flip-flops with their clock pin, one load
  kRegisterIdle,  ///< the clock pin alone: constant data
  kTreeBit,       ///< one full-adder bit of an adder tree; width counts bits
  kInverter,      ///< conditional inversion of a magnitude
  kAnd,
  kTableBit,     ///< one bit of one entry of a constant table
  kConstantBit,  ///< one carry-save bit of a multiply by a constant
  kSramRead,     ///< one access of a single-port macro; extent: its bytes
  kSramWrite,
  kWire,      ///< one transition on `width` wires; extent: millimetres
  kDramRead,  ///< `width` bits; extent: index of the memory in the technology
  kDramWrite,
  kDramColumnRead,  ///< the same without activates, refreshes and background: banked model
  kDramColumnWrite,
  kDramActivate,    ///< a row of `width` bits
  kDramRefresh,     ///< all banks of a rank of a channel; width 1
  kDramBackground,  ///< a rank of a channel for `width` picoseconds
  kCount,
};
/// Primitives that the primitives file prices; the rest have tables of their own.
inline constexpr std::size_t kLogicPrimitives = static_cast<std::size_t>(Primitive::kSramRead);

/// Name as in the primitives file and in explain ("adder", "sram_read").
[[nodiscard]] std::string_view primitive_name(Primitive primitive);
[[nodiscard]] std::optional<Primitive> find_primitive(std::string_view name);

/// Energy of one use, area and leakage of one instance. Leakage is paid by time, whether used or not.
struct Price {
  double energy_fj = 0;
  double area_um2 = 0;
  double leakage_nw = 0;
};

/// How a primitive grows beyond its measured widths.
enum class Growth : std::uint8_t { kLinear, kQuadratic, kLinearLog };

struct PrimitivePoint {
  double width = 0;  ///< bits
  Price price;
  double delay_ns = 0;
};

/// One logic primitive over width. Between measured widths log-log interpolation, beyond them the law of growth.
struct PrimitiveTable {
  Growth growth = Growth::kLinear;
  std::vector<PrimitivePoint> points;  ///< ascending widths
  bool measured = false;               ///< false: derived from other measurements
  std::string source;
  int year = 0;

  /// Zero at width 0.
  [[nodiscard]] Price at(double width) const;
  /// Input to output in ns: linear between measured widths, as the logarithm of the width beyond them.
  [[nodiscard]] double delay_ns(double width) const;
};

/// Rules of composition, one number each for all formats (see the primitives file for what each means).
enum class Factor : std::uint8_t {
  kMultiplyActivity,
  kExponentMaxActivity,
  kFloatAccumulateActivity,
  kFloatAccumulateArea,
  kPipelineRegisterActivity,
  kIntegerTreeActivity,
  kShiftAreaBase,
  kShiftAreaSlope,
  kTreeSignedBase,
  kTreeSignedSlope,
  kTreeSplit,
  kTreeLevelDecay,
  kTreeSignedArea,
  kHeldMultiply,
  kHeldExponentMax,
  kHeldShift,
  kHeldTree,
  kHeldPipelineRegister,
  kDelayTreeLevel,
  kDelayTreeAdder,
  kDelayTreeSplit,
  kDelayFixedAccumulate,
  kDelayFloatAccumulate,
  kDelayMaxLevel,
  kDelayConversion,
  kCount,
};
inline constexpr std::size_t kFactors = static_cast<std::size_t>(Factor::kCount);
[[nodiscard]] std::string_view factor_name(Factor factor);

struct FactorValue {
  double value = 0;
  std::string source;
};

/// The logic of a technology.
struct LogicPrices {
  std::array<PrimitiveTable, kLogicPrimitives> tables;
  std::array<FactorValue, kFactors> factors;

  [[nodiscard]] const PrimitiveTable& table(Primitive primitive) const {
    return tables[static_cast<std::size_t>(primitive)];
  }
  [[nodiscard]] double factor(Factor factor) const { return factors[static_cast<std::size_t>(factor)].value; }
};

}  // namespace lnsim::energy
