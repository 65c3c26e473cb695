// SPDX-License-Identifier: Apache-2.0
#include "energy/components/arithmetic.hpp"
#include "energy/components/codec.hpp"
#include "energy/components/components.hpp"

namespace lnsim::energy {
namespace {

using numerics::FormatKind;

constexpr double kUpdateExponent = 8;    // [bit] optimizers compute in FP32; definition
constexpr double kUpdateMantissa = 23;   // [bit] of FP32; definition
constexpr double kSeedEntries = 64;      // [words] table that starts a Newton iteration; assumed, 2026
constexpr double kFunctionEntries = 64;  // [words] table of exp and tanh segments, value and slope; assumed, 2026
constexpr double kShortMantissa = 10;    // [bit] one Newton iteration is enough up to here; assumed, 2026

/// Operations of a floating-point unit (1, e, m), composed of add and multiply.
class FloatUnit {
 public:
  FloatUnit(Bill& bill, const LogicPrices& logic, double exponent, double mantissa)
      : bill_(bill), logic_(logic), e_(exponent), m_(mantissa) {}

  FloatUnit& add(int times = 1) {
    for (int i = 0; i < times; ++i) add_float_add(bill_, "add", e_, m_, 1, logic_);
    return *this;
  }
  FloatUnit& multiply(int times = 1) {
    for (int i = 0; i < times; ++i) add_float_multiply(bill_, "multiply", e_, m_, 1);
    return *this;
  }
  FloatUnit& compare(int times = 1) {
    for (int i = 0; i < times; ++i) add_float_compare(bill_, "compare", e_, m_, 1);
    return *this;
  }
  /// 2^x or tanh: range reduction, table of value and slope, one multiply-add.
  FloatUnit& segment_function() {
    bill_.add("range", Primitive::kShifter, m_ + 1);
    add_table(bill_, "table", kFunctionEntries, 2 * (m_ + 1), 1);
    return multiply().add();
  }
  /// 1/x: seed from a table, Newton iterations of two multiplies and an add.
  FloatUnit& reciprocal() { return newton(2); }
  /// 1/sqrt(x): the same with three multiplies.
  FloatUnit& rsqrt() { return newton(3); }
  /// Operand and result registers.
  FloatUnit& registers(int words) {
    bill_.add("registers", Primitive::kRegister, 1 + e_ + m_, words);
    return *this;
  }

 private:
  FloatUnit& newton(int multiplies) {
    add_table(bill_, "table", kSeedEntries, m_ / 2 + 1, 1);
    for (int i = 0; i < (m_ > kShortMantissa ? 2 : 1); ++i) multiply(multiplies).add();
    return *this;
  }

  Bill& bill_;
  const LogicPrices& logic_;
  double e_, m_;
};

/// Madam on the log-domain update copy: second moment, normalised gradient, integer step on the exponent code.
void add_madam(Bill& bill, const Machine& machine) {
  FloatUnit unit(bill, machine.technology.logic, kUpdateExponent, kUpdateMantissa);
  unit.multiply(3).add();              // v = 0.999 v + 0.001 g^2
  unit.multiply().rsqrt().multiply();  // h = g / sqrt(v / (1 - 0.999^t))
  unit.compare(2).registers(4);        // clamp to [-10, 10]; g and v in, v out
  const double bits = machine.scheme.update ? machine.scheme.update->bits() : machine.scheme.weight->bits();
  bill.add("step", Primitive::kShifter, bits, 2, {1, 1, "rounding to an integer; times a power of two"});
  bill.add("step", Primitive::kAdder, bits, 2, {1, 1, "rounding; exponent code plus step"});
  bill.add("step", Primitive::kMax, bits, 2, {1, 1, "clamp of the exponent code"});
  bill.add("step", Primitive::kRegister, bits, 2);
}

void add_sgd_momentum(Bill& bill, const Machine& machine) {
  FloatUnit unit(bill, machine.technology.logic, kUpdateExponent, kUpdateMantissa);
  unit.multiply(2).add(2).registers(5);  // m = mu m + g; w -= lr m
}

void add_adam(Bill& bill, const Machine& machine) {
  FloatUnit unit(bill, machine.technology.logic, kUpdateExponent, kUpdateMantissa);
  unit.multiply(2).add();                      // first moment
  unit.multiply(3).add();                      // second moment
  unit.multiply(2).rsqrt().multiply(2).add();  // bias corrections, step
  unit.registers(7);
}

void add_optimizer(Bill& bill, const Machine& machine, Optimizer optimizer) {
  switch (optimizer) {
    case Optimizer::kMadam: add_madam(bill, machine); break;
    case Optimizer::kSgdMomentum: add_sgd_momentum(bill, machine); break;
    case Optimizer::kAdam: add_adam(bill, machine); break;
  }
}

/// New weights as codes of the forward copy; from a log-domain update copy by integer rounding alone.
void add_weight_encode(Bill& bill, const Machine& machine) {
  const FormatWidths weight = widths_of(*machine.scheme.weight);
  const bool log_copy = machine.scheme.update && machine.scheme.update->kind() == FormatKind::kLns;
  if (!log_copy || weight.kind != FormatKind::kLns) {
    add_block_scale(bill, *machine.scheme.weight, 1 + kUpdateExponent + kUpdateMantissa);
    add_encode(bill, "encode", weight, kUpdateExponent, kUpdateMantissa);
    return;
  }
  bill.add("encode", Primitive::kAdder, machine.scheme.update->bits());
  bill.add("encode", Primitive::kMax, weight.bits);
  bill.add("encode", Primitive::kRegister, weight.bits);
}

}  // namespace

Bill bill_vector_unit(Action action, const Machine& machine, const PassUnit& pass) {
  const FormatWidths vector = widths_of(*machine.scheme.vector);
  Bill bill;
  FloatUnit unit(bill, machine.technology.logic, vector.exponent, vector.mantissa);
  switch (action) {
    case Action::kVectorDecodes:
      add_decode(bill, "decode", widths_of(*pass.code), vector.exponent, vector.mantissa);
      break;
    case Action::kVectorEncodes:
      if (pass.stochastic) add_stochastic_rounding(bill);
      add_block_scale(bill, *pass.code, 1.0 + vector.exponent + vector.mantissa);
      add_encode(bill, "encode", widths_of(*pass.code), vector.exponent, vector.mantissa);
      break;
    case Action::kVectorAdd: unit.add().registers(3); break;
    case Action::kVectorMultiply: unit.multiply().registers(3); break;
    case Action::kVectorCompare: unit.compare().registers(3); break;
    case Action::kVectorExp: unit.multiply().segment_function().registers(2); break;
    case Action::kVectorReciprocal: unit.reciprocal().registers(2); break;
    case Action::kVectorRsqrt: unit.rsqrt().registers(2); break;
    case Action::kVectorTanh: unit.segment_function().registers(2); break;
    default: break;
  }
  return bill;
}

Bill bill_update_unit(Action action, const Machine& machine) {
  Bill bill;
  FloatUnit unit(bill, machine.technology.logic, kUpdateExponent, kUpdateMantissa);
  switch (action) {
    case Action::kUpdateWeights: add_optimizer(bill, machine, machine.optimizer); break;
    case Action::kUpdateParameters: add_optimizer(bill, machine, machine.parameter_optimizer); break;
    case Action::kUpdateAccumulates: unit.add().registers(3); break;
    case Action::kUpdateDecodes:
      add_decode(bill, "decode", widths_of(*machine.scheme.weight_gradient), kUpdateExponent, kUpdateMantissa);
      break;
    case Action::kUpdateEncodes: add_weight_encode(bill, machine); break;
    default: break;
  }
  return bill;
}

}  // namespace lnsim::energy
