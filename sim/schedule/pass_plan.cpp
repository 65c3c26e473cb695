// SPDX-License-Identifier: Apache-2.0
#include "sim/schedule/pass_plan.hpp"

#include <algorithm>
#include <numeric>

#include "sim/support/error.hpp"
#include "sim/workload/block_view.hpp"

namespace lnsim {
namespace {

constexpr unsigned kFp32Bits = 32;

/// True if the vector unit decodes or encodes the elements of this role (FP32, masks and indices are used as they are).
bool coded(Role role) { return role != Role::kParameter && role != Role::kMask && role != Role::kIndex; }

Action vector_action(VectorOp op) {
  switch (op) {
    case VectorOp::kAdd: return Action::kVectorAdd;
    case VectorOp::kMultiply: return Action::kVectorMultiply;
    case VectorOp::kCompare: return Action::kVectorCompare;
    case VectorOp::kExp: return Action::kVectorExp;
    case VectorOp::kReciprocal: return Action::kVectorReciprocal;
    case VectorOp::kRsqrt: return Action::kVectorRsqrt;
    case VectorOp::kTanh:
    case VectorOp::kCount: break;
  }
  return Action::kVectorTanh;
}

SweepWork vector_sweep(const Sweep& sweep, const LayerPass& pass, const Scheme& scheme) {
  SweepWork work;
  work.name = sweep.name;
  work.elements = sweep.elements;
  work.row_elements = sweep.row_elements;
  work.passes = sweep.buffer_passes;
  for (const StreamUse& use : sweep.reads) {
    const Tensor& tensor = pass.tensors[use.tensor];
    work.reads.push_back({use.elements, scheme.size(tensor)});
    if (coded(tensor.role)) work.operations[Action::kVectorDecodes] += use.elements * sweep.buffer_passes;
  }
  for (const StreamUse& use : sweep.writes) {
    const Tensor& tensor = pass.tensors[use.tensor];
    work.writes.push_back({use.elements, scheme.size(tensor)});
    if (coded(tensor.role)) work.operations[Action::kVectorEncodes] += use.elements;
  }
  for (const auto& [op, count] : sweep.ops) work.operations[vector_action(op)] += count;
  return work;
}

/// The optimizer's walk over the weights: gradient, states and the copy it updates come in; states, that copy and the
/// forward copy go out.
SweepWork weight_update(std::uint64_t weights, const PlanContext& context) {
  const Scheme& scheme = context.scheme;
  const unsigned states = optimizer_states(scheme.optimizer(context.family));
  SweepWork work;
  work.name = "weights";
  work.unit = SweepUnit::kUpdate;
  work.elements = weights;
  const numerics::Format& gradient = context.micro_batches > 1 ? *scheme.accumulation : *scheme.weight_gradient;
  work.reads.push_back({weights, gradient.bits()});
  for (unsigned i = 0; i < states; ++i) {
    work.reads.push_back({weights, kFp32Bits});
    work.writes.push_back({weights, kFp32Bits});
  }
  work.reads.push_back({weights, scheme.update ? ElementSize(scheme.update->bits()) : element_size(*scheme.weight)});
  if (scheme.update) work.writes.push_back({weights, scheme.update->bits()});
  work.writes.push_back({weights, element_size(*scheme.weight)});
  work.operations[Action::kUpdateWeights] = weights;
  work.operations[Action::kUpdateDecodes] = weights;
  work.operations[Action::kUpdateEncodes] = weights;
  return work;
}

/// Norm and bias parameters: FP32, SGD with momentum (cnn) or Adam (transformer), in every scheme.
SweepWork parameter_update(std::uint64_t parameters, const PlanContext& context) {
  const unsigned states =
      optimizer_states(context.family == "transformer" ? Optimizer::kAdam : Optimizer::kSgdMomentum);
  SweepWork work;
  work.name = "parameters";
  work.unit = SweepUnit::kUpdate;
  work.elements = parameters;
  for (unsigned i = 0; i < states + 2; ++i) work.reads.push_back({parameters, kFp32Bits});   // gradient, value, states
  for (unsigned i = 0; i < states + 1; ++i) work.writes.push_back({parameters, kFp32Bits});  // value, states
  work.operations[Action::kUpdateParameters] = parameters;
  return work;
}

SweepWork accumulate(const std::string& name, std::uint64_t elements, unsigned gradient_bits, unsigned buffer_bits) {
  SweepWork work;
  work.name = name;
  work.unit = SweepUnit::kUpdate;
  work.elements = elements;
  work.reads = {{elements, gradient_bits}, {elements, buffer_bits}};
  work.writes = {{elements, buffer_bits}};
  work.operations[Action::kUpdateAccumulates] = elements;
  work.operations[Action::kUpdateDecodes] = elements;
  return work;
}

void add_update_sweeps(PassPlan& plan, const PlanContext& context) {
  const LayerPass& pass = plan.pass;
  if (pass.kind == PassKind::kUpdate) {
    if (pass.update_elements > 0) plan.sweeps.push_back(weight_update(pass.update_elements, context));
    if (pass.parameter_elements > 0) plan.sweeps.push_back(parameter_update(pass.parameter_elements, context));
  } else if (pass.kind == PassKind::kGradientAccumulate) {
    const Scheme& scheme = context.scheme;
    if (pass.update_elements > 0) {
      plan.sweeps.push_back(
          accumulate("weights", pass.update_elements, scheme.weight_gradient->bits(), scheme.accumulation->bits()));
    }
    if (pass.parameter_elements > 0) {
      plan.sweeps.push_back(accumulate("parameters", pass.parameter_elements, kFp32Bits, kFp32Bits));
    }
  }
}

unsigned scale_units(const numerics::Format& format) {
  return format.block() ? ElementSize::share(*format.block()) : 0U;
}

/// A tensor's blocks follow each other in memory. A pass whose blocks along K are none of them reads a second copy with
/// blocks along its K, which the vector unit makes from the first (docs/block_formats.md, section 5).
template <class FormatOf>
void append_second_copies(PassPlan& plan, const FormatOf& format_of) {
  std::vector<std::size_t> tensors;
  for (const Gemm& gemm : plan.pass.gemms) {
    for (const bool is_a : {true, false}) {
      const std::size_t tensor = (is_a ? gemm.a : gemm.b).tensor;
      const auto& block = format_of(tensor)->block();
      if (block && !reads_blocks(gemm, is_a, block->block()) &&
          std::find(tensors.begin(), tensors.end(), tensor) == tensors.end()) {
        tensors.push_back(tensor);
      }
    }
  }
  for (const std::size_t tensor : tensors) {
    const std::uint64_t elements = plan.pass.tensors[tensor].elements;
    const ElementSize size = element_size(*format_of(tensor));
    SweepWork work;
    work.name = "second copy of " + plan.pass.tensors[tensor].name;
    work.elements = elements;
    work.reads = {{elements, size}};
    work.writes = {{elements, size}};
    work.operations[Action::kVectorDecodes] = elements;
    work.operations[Action::kVectorEncodes] = elements;
    plan.sweeps.push_back(std::move(work));
  }
}

void resolve_gemms(PassPlan& plan, const PlanContext& context) {
  const Scheme& scheme = context.scheme;
  const auto format_of = [&](std::size_t tensor) {
    switch (plan.pass.tensors[tensor].role) {
      case Role::kWeight: return scheme.weight;
      case Role::kGradient: return scheme.gradient;
      case Role::kWeightGradient: return scheme.weight_gradient;
      default: return scheme.activation;
    }
  };
  const Gemm& first = plan.pass.gemms.front();
  plan.format_m = format_of(first.a.tensor);
  plan.format_n = format_of(first.b.tensor);
  plan.format_out = format_of(first.out.tensor);
  const auto vector_size = static_cast<unsigned>(context.accelerator.pe.vector_size);
  if (!scheme.block_scaled()) plan.dot_spec = dot_spec(scheme.dot_product, plan.format_m, plan.format_n, vector_size);
  PassConfig& config = plan.config;
  config.a_bits = plan.format_m->bits();
  config.b_bits = plan.format_n->bits();
  config.out_bits = plan.format_out->bits();
  config.a_scale_units = scale_units(*plan.format_m);
  config.b_scale_units = scale_units(*plan.format_n);
  config.out_scale_units = scale_units(*plan.format_out);
  config.psum_bits = accumulator_bits(scheme.dot_product, plan.format_m, plan.format_n, vector_size);
  if (const auto& block = plan.format_out->block()) {
    // An output leaves when the largest magnitude of its block is known.
    config.accelerator.pe.ppu_cycles += ceil_div(block->block(), config.accelerator.pe.ppu_width);
  }
  config.float_accumulator = scheme.dot_product.accumulator.floating.has_value();
  config.chunk = scheme.dot_product.accumulator.chunk.value_or(0);
  plan.formats = {plan.format_m->name(), plan.format_n->name(), plan.format_out->name()};
  if (config.accelerator.pe.statistics_channels < plan.pass.statistics_channels) plan.pass.statistics_channels = 0;
  append_second_copies(plan, format_of);
  if (scheme.scale != ScaleHandling::kTwoPass) return;
  // Outputs leave at accumulator width and are read again to be requantised.
  std::uint64_t outputs = 0;
  for (const Gemm& gemm : plan.pass.gemms) outputs += gemm.m * gemm.n * gemm.count();
  SweepWork work;
  work.name = "requantise";
  work.elements = outputs;
  work.reads = {{outputs, config.psum_bits}};
  work.writes = {{outputs, config.out_size()}};
  work.operations[Action::kVectorMultiply] = outputs;
  work.operations[Action::kVectorEncodes] = outputs;
  plan.sweeps.push_back(std::move(work));
  config.out_bits = config.psum_bits;
  config.out_scale_units = 0;
}

void append(std::string& key, std::uint64_t value) { key += std::to_string(value) += ','; }
void append(std::string& key, std::int64_t value) { key += std::to_string(value) += ','; }

void append(std::string& key, const std::vector<Digit>& digits) {
  for (const Digit& digit : digits) {
    append(key, digit.extent);
    append(key, digit.offset);
    append(key, digit.dh);
    append(key, digit.dw);
  }
  key += ';';
}

void append(std::string& key, const OperandView& view) {
  append(key, view.rows);
  append(key, view.ks);
  for (const std::int64_t value :
       {view.base, view.h0, view.w0, view.height, view.width, view.h_stride, view.w_stride}) {
    append(key, value);
  }
  append(key, static_cast<std::uint64_t>(view.spatial ? 1 : 0));
}

}  // namespace

std::string PassPlan::where() const { return pass.layer + " " + std::string(pass_name(pass.kind)); }

std::string PassPlan::timing_key() const {
  std::string key = *machine_text;
  for (const std::uint64_t value :
       {std::uint64_t{config.a_bits}, std::uint64_t{config.b_bits}, std::uint64_t{config.out_bits},
        std::uint64_t{config.a_scale_units}, std::uint64_t{config.b_scale_units}, std::uint64_t{config.out_scale_units},
        std::uint64_t{config.psum_bits}, std::uint64_t{config.float_accumulator ? 1U : 0U}, config.chunk,
        config.clock_hz, pass.statistics_channels, pass.bias_channels}) {
    append(key, value);
  }
  for (const Gemm& gemm : pass.gemms) {
    key += "gemm";
    append(key, gemm.m);
    append(key, gemm.n);
    append(key, gemm.k);
    append(key, gemm.a);
    append(key, gemm.b);
    append(key, gemm.out.ms);
    append(key, gemm.out.ns);
    append(key, gemm.out.base);
    for (const BatchDigit& digit : gemm.batch) {
      append(key, digit.extent);
      append(key, digit.a_offset);
      append(key, digit.b_offset);
      append(key, digit.out_offset);
    }
  }
  key += "zeros";
  for (const StreamUse& fill : pass.zero_fills) append(key, fill.elements);
  for (const SweepWork& sweep : sweeps) {
    key += sweep.unit == SweepUnit::kVector ? "vector" : "update";
    append(key, sweep.elements);
    append(key, sweep.row_elements);
    append(key, std::uint64_t{sweep.passes});
    for (const StreamSpec& stream : sweep.reads) append(key, stream.elements), append(key, stream.size.units());
    key += '>';
    for (const StreamSpec& stream : sweep.writes) append(key, stream.elements), append(key, stream.size.units());
    for (std::size_t i = 0; i < action_table().size(); ++i) append(key, sweep.operations[static_cast<Action>(i)]);
  }
  key += "pin";
  if (pin.operand_a) append(key, static_cast<std::uint64_t>(*pin.operand_a));
  if (pin.order) {
    key += "order";
    for (const Dim dim : *pin.order) append(key, static_cast<std::uint64_t>(dim));
  }
  for (const auto& size : {pin.m, pin.n, pin.k, pin.block}) {
    key += '|';
    if (size) append(key, *size);
  }
  key += '|';
  if (pin.banks) append(key, pin.banks->a), append(key, pin.banks->b), append(key, pin.banks->out);
  return key;
}

void PlanContext::write_machine_text() {
  machine_text = std::make_shared<const std::string>(dump_json(write_accelerator(accelerator)));
}

PassPlan plan_pass(const LayerPass& pass, const PlanContext& context) {
  PassPlan plan;
  plan.machine_text = context.machine_text;
  if (!plan.machine_text) {
    PlanContext described = context;
    described.write_machine_text();
    plan.machine_text = described.machine_text;
  }
  plan.pass = pass;
  plan.config.accelerator = context.accelerator;
  plan.config.clock_hz = context.clock_hz;
  plan.pin = find_pin(context.rules, pass.layer, pass.kind);
  if (!pass.gemms.empty()) resolve_gemms(plan, context);
  for (const Sweep& sweep : pass.sweeps) {
    const bool fused =
        sweep.fused_if_producer_holds_channels && sweep.channels <= context.accelerator.pe.statistics_channels;
    if (!fused) plan.sweeps.push_back(vector_sweep(sweep, pass, context.scheme));
  }
  add_update_sweeps(plan, context);
  return plan;
}

GemmSchedule schedule_gemms(const PassPlan& plan, GemmSchedule::Form form) {
  const std::vector<Gemm>& gemms = plan.pass.gemms;
  LNSIM_CHECK(!gemms.empty(), "a pass without GEMMs has no GEMM schedule");
  std::vector<std::size_t> order(gemms.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t x, std::size_t y) { return gemms[x].macs() > gemms[y].macs(); });
  MappingPin pin = plan.pin;
  std::vector<GemmMapping> mappings(gemms.size());
  for (const std::size_t index : order) {
    MappingPin fitted = pin;
    // Sizes of a pin that a smaller phase does not have are cut to it.
    if (fitted.m) fitted.m = std::min(*fitted.m, gemms[index].m);
    if (fitted.n) fitted.n = std::min(*fitted.n, gemms[index].n);
    if (fitted.k) fitted.k = std::min(*fitted.k, gemms[index].k);
    mappings[index] = heuristic_mapping(gemms[index], plan.config, fitted, plan.where());
    pin.operand_a = mappings[index].operand_a;
    pin.banks = mappings[index].banks;
  }
  const PassConfig config = oriented(plan.config, mappings[order.front()].operand_a);
  return GemmSchedule(plan.pass, std::move(mappings), config, plan.where(), form);
}

SweepSchedule schedule_sweeps(const PassPlan& plan, SweepSchedule::Form form) {
  return SweepSchedule(plan.sweeps, plan.config, plan.where(), form);
}

}  // namespace lnsim
