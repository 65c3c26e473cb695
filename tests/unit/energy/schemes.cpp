// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/energy/schemes.hpp"

#include "sim/numerics/lns.hpp"

namespace lnsim::energy::test {
namespace {

numerics::FormatPtr named(const char* name) { return numerics::find_format(name); }

void set_operands(Scheme& scheme, const numerics::FormatPtr& forward, const numerics::FormatPtr& gradient) {
  scheme.weight = forward;
  scheme.activation = forward;
  scheme.gradient = gradient;
  scheme.weight_gradient = gradient;
}

void set_fixed(Scheme& scheme, unsigned guard) {
  scheme.dot_product.accumulator.fixed = numerics::FixedAccumulator{24, guard, numerics::Rounding::kFloor};
}

void make_lns_scheme(Scheme& scheme, bool small_gradients) {
  const auto lns8 = numerics::make_lns(8, 8, numerics::ZeroMode::kZeroCode);
  set_operands(scheme, lns8, small_gradients ? numerics::make_lns(5, 1, numerics::ZeroMode::kZeroCode) : lns8);
  scheme.update = numerics::make_lns(16, 2048, numerics::ZeroMode::kZeroCode);
  scheme.optimizer_cnn = scheme.optimizer_transformer = Optimizer::kMadam;
  scheme.dot_product.conversion = {numerics::LnsStructure::kPerElement, 8, 8};
  scheme.dot_product.sign_split = true;
  set_fixed(scheme, 6);
}

}  // namespace

Scheme make_scheme(const std::string& name) {
  Scheme scheme;
  scheme.name = name;
  scheme.vector = named("bf16");
  scheme.update = scheme.accumulation = named("fp32");
  scheme.dot_product.accumulator.floating = numerics::FloatAccumulator{};
  if (name == "lns8" || name == "lns8_g5") {
    scheme.dot_product.accumulator.floating.reset();
    make_lns_scheme(scheme, name == "lns8_g5");
  } else if (name == "fp8" || name == "fp8_fx24") {
    set_operands(scheme, named("fp8_e4m3"), named("fp8_e5m2"));
    if (name == "fp8_fx24") {
      scheme.dot_product.accumulator.floating.reset();
      set_fixed(scheme, 3);
    }
  } else if (name == "int8") {
    set_operands(scheme, named("int8"), named("int8"));
    scheme.dot_product.accumulator.floating.reset();
    scheme.dot_product.accumulator.fixed = numerics::FixedAccumulator{24, {}, numerics::Rounding::kFloor};
  } else {
    set_operands(scheme, named(name.c_str()), named(name.c_str()));
  }
  return scheme;
}

const std::vector<std::string>& scheme_names() {
  static const std::vector<std::string> names{"lns8", "lns8_g5", "int8", "fp8", "fp8_fx24", "bf16", "fp16", "fp32"};
  return names;
}

std::vector<TraceEntry> sample_trace(const Scheme& scheme) {
  std::vector<TraceEntry> trace(3);
  std::uint64_t n = 17;
  for (TraceEntry& entry : trace) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(Action::kCount); ++i) {
      entry.counts[static_cast<Action>(i)] = n;
      n = (n * 7919 + 104729) % 1000003 + 1;
    }
    entry.cycles = 1000 * n;
    entry.macs = 99 * n;
    entry.repeat = n % 5 + 1;
  }
  trace[0].formats = {scheme.weight->name(), scheme.gradient->name(), scheme.gradient->name()};
  trace[0].pass = PassKind::kInputGrad;
  trace[1].formats = {scheme.weight->name(), scheme.activation->name(), scheme.activation->name()};
  trace[2].pass = PassKind::kUpdate;
  return trace;
}

}  // namespace lnsim::energy::test
