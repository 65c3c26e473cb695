// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "sim/workload/vector_lowering.hpp"
#include "tests/support/plans.hpp"

namespace lnsim {
namespace {

Conv2d small_conv() {
  Conv2d conv;
  conv.in_channels = 16;
  conv.out_channels = 32;
  conv.height = conv.width = 8;
  conv.kernel = {3};
  conv.padding = {1};
  return conv;
}

LayerPass update_pass(PassKind kind, std::uint64_t weights, std::uint64_t parameters) {
  LayerPass pass;
  pass.layer = "conv";
  pass.kind = kind;
  pass.update_elements = weights;
  pass.parameter_elements = parameters;
  return pass;
}

PassPlan update_plan(const LayerPass& pass, const std::string& scheme, const std::string& family,
                     std::uint64_t micro_batches = 1) {
  PlanContext context;
  context.accelerator = test::default_machine();
  context.scheme = test::shipped_scheme(scheme);
  context.family = family;
  context.clock_hz = 400000000;
  context.micro_batches = micro_batches;
  return plan_pass(pass, context);
}

std::uint64_t bits_of(const std::vector<StreamSpec>& streams) {
  std::uint64_t bits = 0;
  for (const StreamSpec& stream : streams) bits += stream.size.units() / ElementSize::kUnitsPerBit;
  return bits;
}

}  // namespace

TEST_CASE("operand formats follow the roles of the tensors") {
  const auto formats = [](const LayerPass& pass, const std::string& scheme) {
    const PassPlan plan = test::plan_of(pass, test::default_machine(), scheme);
    return plan.formats.a + " " + plan.formats.b + " " + plan.formats.out;
  };
  const std::string e4 = test::shipped_scheme("fp8").weight->name();
  const std::string e5 = test::shipped_scheme("fp8").gradient->name();
  REQUIRE(e4 != e5);
  CHECK(formats(conv_forward(small_conv(), 1), "fp8") == e4 + " " + e4 + " " + e4);
  CHECK(formats(conv_input_grad(small_conv(), 1), "fp8") == e4 + " " + e5 + " " + e5);
  const PassPlan wgrad = test::plan_of(conv_weight_grad(small_conv(), 1), test::default_machine(), "fp8");
  CHECK(wgrad.formats.a == e5);
  CHECK(wgrad.formats.b == e4);
  CHECK(wgrad.formats.out == test::shipped_scheme("fp8").weight_gradient->name());
}

TEST_CASE("block scales lie with their elements in DRAM: 264 bits per 32") {
  const auto written = [](const char* scheme) {
    const PassPlan plan = test::plan_of(test::gemm_pass(256, 64, 128), test::ample_machine(), scheme);
    std::uint64_t bursts = 0;
    const GemmSchedule schedule = schedule_gemms(plan);
    for (const DmaJob& job : schedule.jobs()) {
      for (const StoreChunk& chunk : job.chunks) bursts += job.kind == JobKind::kStore ? chunk.bursts : 0;
    }
    return bursts * plan.config.accelerator.dram.burst_bytes;
  };
  CHECK(written("fp8") == 256 * 64);
  CHECK(written("mxfp8") == 256 * 64 * 264 / 256);
  CHECK(written("nvfp4") == 256 * 64 * 144 / 256);
}

TEST_CASE("an operand that is reduced across its blocks is copied first") {
  const auto copies = [](const LayerPass& pass, const char* scheme) {
    std::vector<std::string> names;
    for (const SweepWork& sweep : test::plan_of(pass, test::default_machine(), scheme).sweeps) {
      if (sweep.name.starts_with("second copy")) names.push_back(sweep.name);
    }
    return names;
  };
  Conv2d conv = small_conv();
  conv.in_channels = 64;
  CHECK(copies(conv_forward(conv, 1), "mxfp8").empty());
  CHECK(copies(conv_input_grad(conv, 1), "mxfp8") == std::vector<std::string>{"second copy of weight"});
  CHECK(copies(conv_weight_grad(conv, 1), "mxfp8") ==
        std::vector<std::string>{"second copy of dy", "second copy of x"});
  CHECK(copies(conv_weight_grad(conv, 1), "fp8").empty());
  // Blocks that lie across pixels or rows are none of its K.
  Conv2d narrow = conv;
  narrow.in_channels = 24;
  CHECK(copies(conv_forward(narrow, 1), "mxfp8") ==
        std::vector<std::string>{"second copy of weight", "second copy of x"});
  Linear odd;
  odd.in_features = 40;
  odd.out_features = 64;
  CHECK(copies(linear_forward(odd, 2), "mxfp8") ==
        std::vector<std::string>{"second copy of weight", "second copy of x"});
  odd.in_features = 48;
  CHECK(copies(linear_forward(odd, 2), "nvfp4").empty());
  const PassPlan plan = test::plan_of(conv_input_grad(conv, 1), test::default_machine(), "mxfp8");
  const SweepWork& copy = plan.sweeps.back();
  CHECK(copy.elements == 64 * 32 * 9);
  CHECK(copy.reads.front().size.bits() == 8.25);
  CHECK(copy.writes.front().size.bits() == 8.25);
  CHECK(copy.operations[Action::kVectorEncodes] == copy.elements);
}

TEST_CASE("outputs with block scales wait in the PPU for their block") {
  Accelerator machine = test::default_machine();
  machine.pe.ppu_width = 8;
  const auto cycles = [&](const char* scheme) {
    return test::plan_of(conv_forward(small_conv(), 1), machine, scheme).config.accelerator.pe.ppu_cycles;
  };
  CHECK(cycles("fp8") == machine.pe.ppu_cycles);
  CHECK(cycles("mxfp8") == machine.pe.ppu_cycles + 32 / 8);
  CHECK(cycles("nvfp4") == machine.pe.ppu_cycles + 16 / 8);
}

TEST_CASE("widths of a pass come from its formats, the accumulator's from its unit") {
  const PassPlan plan = test::plan_of(conv_input_grad(small_conv(), 1), test::default_machine(), "lns8_g5");
  CHECK(plan.config.a_bits == 8);
  CHECK(plan.config.b_bits == 5);
  CHECK(plan.config.out_bits == 5);
  CHECK(plan.config.psum_bits == 24);
  CHECK_FALSE(plan.config.float_accumulator);
  CHECK(test::plan_of(conv_forward(small_conv(), 1), test::default_machine(), "bf16").config.float_accumulator);
}

TEST_CASE("statistics are fused where the PPU holds the channels, else they are a sweep of their own") {
  BatchNorm norm;
  norm.channels = 32;
  norm.height = norm.width = 8;
  const auto pass = vector_pass(norm, PassKind::kForward, 1, {true, false});
  Accelerator machine = test::default_machine();
  machine.pe.statistics_channels = 32;
  CHECK(test::plan_of(*pass, machine).sweeps.size() == 1);
  machine.pe.statistics_channels = 31;
  REQUIRE(test::plan_of(*pass, machine).sweeps.size() == 2);
  CHECK(test::plan_of(*pass, machine).sweeps[0].name == "statistics");
  LayerPass forward = conv_forward(small_conv(), 1);
  forward.statistics_channels = 32;
  CHECK(test::plan_of(forward, machine).pass.statistics_channels == 0);
  machine.pe.statistics_channels = 32;
  CHECK(test::plan_of(forward, machine).pass.statistics_channels == 32);
}

TEST_CASE("a weight update streams gradient, states and the updated copy") {
  const LayerPass pass = update_pass(PassKind::kUpdate, 1000, 0);
  // Madam: gradient 8, second moment 32, update copy 16 in; moment 32, copy 16, forward copy 8 out.
  const PassPlan madam = update_plan(pass, "lns8", "cnn");
  REQUIRE(madam.sweeps.size() == 1);
  CHECK(madam.sweeps[0].unit == SweepUnit::kUpdate);
  CHECK(bits_of(madam.sweeps[0].reads) == 8 + 32 + 16);
  CHECK(bits_of(madam.sweeps[0].writes) == 32 + 16 + 8);
  CHECK(madam.sweeps[0].operations[Action::kUpdateWeights] == 1000);
  // SGD with momentum on an FP32 master; Adam has two moments.
  const PassPlan sgd = update_plan(pass, "int8", "cnn");
  CHECK(bits_of(sgd.sweeps[0].reads) == 8 + 32 + 32);
  CHECK(bits_of(sgd.sweeps[0].writes) == 32 + 32 + 8);
  const PassPlan adam = update_plan(pass, "int8", "transformer");
  CHECK(bits_of(adam.sweeps[0].reads) == 8 + 2 * 32 + 32);
  CHECK(bits_of(adam.sweeps[0].writes) == 2 * 32 + 32 + 8);
}

TEST_CASE("with micro-batches the update reads the accumulation buffer") {
  const PassPlan plan = update_plan(update_pass(PassKind::kUpdate, 1000, 0), "lns8", "cnn", 4);
  const unsigned buffer = test::shipped_scheme("lns8").accumulation->bits();
  CHECK(bits_of(plan.sweeps[0].reads) == buffer + 32 + 16);
}

TEST_CASE("norm and bias parameters are FP32 under SGD or Adam in every scheme") {
  const LayerPass pass = update_pass(PassKind::kUpdate, 0, 64);
  const PassPlan sgd = update_plan(pass, "lns8", "cnn");
  CHECK(bits_of(sgd.sweeps[0].reads) == 3 * 32);
  CHECK(bits_of(sgd.sweeps[0].writes) == 2 * 32);
  const PassPlan adam = update_plan(pass, "lns8", "transformer");
  CHECK(bits_of(adam.sweeps[0].reads) == 4 * 32);
  CHECK(bits_of(adam.sweeps[0].writes) == 3 * 32);
}

TEST_CASE("gradient accumulation reads gradient and buffer and writes the buffer") {
  const PassPlan plan = update_plan(update_pass(PassKind::kGradientAccumulate, 1000, 64), "lns8", "cnn", 4);
  const unsigned buffer = test::shipped_scheme("lns8").accumulation->bits();
  REQUIRE(plan.sweeps.size() == 2);
  CHECK(bits_of(plan.sweeps[0].reads) == 8 + buffer);
  CHECK(bits_of(plan.sweeps[0].writes) == buffer);
  CHECK(bits_of(plan.sweeps[1].reads) == 64);
  CHECK(bits_of(plan.sweeps[1].writes) == 32);
}

TEST_CASE("two_pass spills outputs at accumulator width and requantises them in a sweep") {
  PlanContext context;
  context.accelerator = test::default_machine();
  context.scheme = test::shipped_scheme("lns8");
  context.scheme.scale = ScaleHandling::kTwoPass;
  context.family = "cnn";
  context.clock_hz = 400000000;
  const PassPlan plan = plan_pass(conv_forward(small_conv(), 1), context);
  CHECK(plan.config.out_bits == 24);
  REQUIRE(plan.sweeps.size() == 1);
  CHECK(plan.sweeps[0].elements == 32 * 64);
  CHECK(bits_of(plan.sweeps[0].reads) == 24);
  CHECK(bits_of(plan.sweeps[0].writes) == 8);
}

TEST_CASE("passes of equal work have equal timing keys under other names, any difference that costs time shows") {
  LayerPass pass = conv_forward(small_conv(), 1);
  pass.layer = "a";
  const auto key = [](const LayerPass& of, const Accelerator& machine, const std::string& scheme = "lns8",
                      const MappingPin& pin = {}) { return test::plan_of(of, machine, scheme, pin).timing_key(); };
  const Accelerator machine = test::default_machine();
  const std::string base = key(pass, machine);
  LayerPass renamed = pass;
  renamed.layer = "b";
  renamed.repeat = 7;
  CHECK(key(renamed, machine) == base);
  CHECK(key(pass, machine, "fp32_madam") == key(pass, machine, "fp32"));

  CHECK(key(pass, machine, "lns8_g5") == base);  // activations and weights are the same there
  CHECK(key(conv_input_grad(small_conv(), 1), machine, "lns8_g5") != key(conv_input_grad(small_conv(), 1), machine));
  CHECK(key(pass, machine, "fp16") != base);
  CHECK(key(conv_forward(small_conv(), 2), machine) != base);
  Accelerator other = machine;
  other.pe.ppu_cycles += 1;
  CHECK(key(pass, other) != base);
  LayerPass fused = pass;
  fused.statistics_channels = 32;
  CHECK(key(fused, machine) != base);
  MappingPin pin;
  pin.k = 32;
  CHECK(key(pass, machine, "lns8", pin) != base);
  pin = {};
  pin.m = 32;
  MappingPin swapped;
  swapped.n = 32;
  CHECK(key(pass, machine, "lns8", pin) != key(pass, machine, "lns8", swapped));
  LayerPass zeros = pass;
  zeros.zero_fills = {{2, 1}};
  pin = {};
  pin.operand_a = Side::kN;
  CHECK(key(zeros, machine) != key(pass, machine, "lns8", pin));
}

}  // namespace lnsim
