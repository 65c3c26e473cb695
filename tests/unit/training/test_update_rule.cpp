// SPDX-License-Identifier: Apache-2.0
#include "sim/training/update_rule.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "sim/numerics/block_format.hpp"
#include "sim/numerics/madam.hpp"
#include "sim/support/error.hpp"
#include "sim/training/bit_true.hpp"
#include "tests/unit/training/training_support.hpp"

using namespace lnsim;
using namespace lnsim::training;
using Catch::Contains;
using lnsim::training::test::normal_numbers;
using lnsim::training::test::shipped_network;
using lnsim::training::test::shipped_scheme;

namespace {

struct RuleTest {
  explicit RuleTest(const std::string& scheme_name) : scheme(shipped_scheme(scheme_name)), workers(1) {
    parameter.elements = 3;
    parameter.name = "w";
    arithmetic.emplace(scheme, 16, std::vector<std::string>{"w"}, workers);
  }
  Scheme scheme;
  Workers workers;
  ModelParameter parameter;
  std::optional<BitTrue> arithmetic;
  Values values;
};

}  // namespace

TEST_CASE("SGD with momentum steps as its definition", "[training]") {
  RuleTest t("fp32");
  OptimizerSettings settings;
  settings.momentum = 0.5;
  settings.weight_decay = 0.25;
  const auto rule = make_additive_rule(Optimizer::kSgdMomentum, settings, t.parameter, true, {1.0, -2.0, 0.5});
  rule->publish(t.values, *t.arithmetic);
  CHECK(t.values.real == std::vector<double>{1.0, -2.0, 0.5});
  rule->step(std::vector<double>{1.0, 0.5, 0.0}, 0.5, t.values, *t.arithmetic);
  // v = g + w / 4; w -= v / 2
  CHECK(t.values.real == std::vector<double>{1.0 - 0.625, -2.0 - 0.0, 0.5 - 0.0625});
  rule->step(std::vector<double>{0.0, 0.0, 0.0}, 0.5, t.values, *t.arithmetic);
  CHECK(t.values.real[0] == 0.375 - 0.5 * (0.5 * 1.25 + 0.25 * 0.375));
}

TEST_CASE("Adam's first step is the rate against the gradient's sign", "[training]") {
  RuleTest t("fp32");
  const auto rule = make_additive_rule(Optimizer::kAdam, {}, t.parameter, true, {1.0, 1.0, 1.0});
  rule->publish(t.values, *t.arithmetic);
  rule->step(std::vector<double>{3.0, -1e-3, 0.0}, 0.125, t.values, *t.arithmetic);
  CHECK(t.values.real[0] == Approx(0.875).epsilon(1e-6));
  CHECK(t.values.real[1] == Approx(1.125).epsilon(1e-4));
  CHECK(t.values.real[2] == 1.0);
}

TEST_CASE("with a master copy small updates add up, without one they vanish", "[training]") {
  for (const bool keep : {true, false}) {
    RuleTest t("int8");
    OptimizerSettings settings;
    settings.momentum = 0.0;
    const auto rule = make_additive_rule(Optimizer::kSgdMomentum, settings, t.parameter, keep, {1.27, 0.5, 0.0});
    rule->publish(t.values, *t.arithmetic);
    CHECK(t.values.real[1] == Approx(0.5));
    // A fifth of a step of the format, ten times.
    for (int i = 0; i < 10; ++i) rule->step(std::vector<double>{0.0, 0.002, 0.0}, 1.0, t.values, *t.arithmetic);
    CHECK(t.values.real[1] == Approx(keep ? 0.48 : 0.5));
  }
}

TEST_CASE("Madam's rule is the library's tensor", "[training]") {
  RuleTest t("lns8");
  const std::vector<double> initial = normal_numbers(50, 5);
  const auto rule = make_lns_madam_rule({}, t.scheme, 0.0625, initial);
  numerics::MadamParams params;
  params.format = std::dynamic_pointer_cast<const numerics::LnsFormat>(t.scheme.weight);
  params.learning_rate = 0.0625;
  numerics::MadamTensor tensor(params, initial);
  rule->publish(t.values, *t.arithmetic);
  for (int step = 0; step < 20; ++step) {
    const std::vector<double> gradient = normal_numbers(50, 100U + static_cast<unsigned>(step));
    tensor.step(gradient);
    rule->step(gradient, 0.0625, t.values, *t.arithmetic);
    for (std::size_t i = 0; i < 50; ++i) {
      REQUIRE(t.values.codes.code(i) == tensor.forward_code(i));
      REQUIRE(t.values.real[i] == params.format->decode(tensor.forward_code(i), tensor.scale()));
    }
  }
}

TEST_CASE("Madam's forward copy in block LNS has the grid of its gamma, in blocks", "[training]") {
  RuleTest t("block_lns6");
  const numerics::BlockFormat& block = *t.scheme.weight->block();
  const std::vector<double> initial = normal_numbers(100, 5);
  const auto rule = make_lns_madam_rule({}, t.scheme, 0.0625, initial);
  numerics::MadamParams params;
  params.format = numerics::make_lns(8, 4, numerics::ZeroMode::kZeroCode);  // gamma 4 in the range of LNS(16, 1024)
  numerics::MadamTensor tensor(params, initial);
  rule->publish(t.values, *t.arithmetic);
  for (int step = 0; step < 5; ++step) {
    const std::vector<double> gradient = normal_numbers(100, 100U + static_cast<unsigned>(step));
    tensor.step(gradient, 0.0625);
    rule->step(gradient, 0.0625, t.values, *t.arithmetic);
    for (std::size_t first = 0; first < 100; first += block.block()) {
      const std::size_t count = std::min<std::size_t>(block.block(), 100 - first);
      std::vector<double> grid(count);
      for (std::size_t i = 0; i < count; ++i) {
        grid[i] = params.format->decode(tensor.forward_code(first + i), tensor.scale());
      }
      numerics::Code scale = 0;
      std::vector<numerics::Code> codes(count);
      (void)block.quantize(grid, tensor.scale(), scale, codes);
      REQUIRE(static_cast<numerics::Code>(t.values.codes.block_scales[first / block.block()]) == scale);
      for (std::size_t i = 0; i < count; ++i) {
        REQUIRE(t.values.codes.code(first + i) == codes[i]);
        REQUIRE(t.values.real[first + i] == block.decode(scale, codes[i], tensor.scale()));
        // What the block's octaves reach keeps its value: one rounding, to the grid of gamma.
        if (t.values.real[first + i] != 0.0) REQUIRE(t.values.real[first + i] == Approx(grid[i]).epsilon(1e-12));
      }
    }
  }
}

TEST_CASE("block LNS weights need an update copy that Madam can use", "[training]") {
  const Model model = build_model(shipped_network("mlp_digits"), 1);
  Workers workers(1);
  std::vector<Values> values;
  Scheme scheme = shipped_scheme("block_lns6");
  for (const auto& update : {numerics::FormatPtr(), numerics::find_format("fp32"),
                             numerics::FormatPtr(numerics::make_lns(16, 2, numerics::ZeroMode::kZeroCode))}) {
    scheme.update = update;
    BitTrue arithmetic(scheme, 16, model.slots, workers);
    CHECK_THROWS_WITH(make_rules(model, scheme, "cnn", {}, 0.1, 1, arithmetic, values), Contains("/formats/update"));
  }
}

TEST_CASE("Madam on floats moves the logarithm and keeps signs", "[training]") {
  RuleTest t("fp32_madam");
  const auto rule = make_float_madam_rule({}, t.parameter, false, {1.0, -1.0, 0.5});
  rule->publish(t.values, *t.arithmetic);
  rule->step(std::vector<double>{2.0, 2.0, -1e-4}, 0.25, t.values, *t.arithmetic);
  // The first normalised gradient is the sign.
  CHECK(t.values.real[0] == Approx(std::exp2(-0.25)));
  CHECK(t.values.real[1] == Approx(-std::exp2(0.25)));
  CHECK(t.values.real[2] == Approx(0.5 * std::exp2(0.25)));
  for (int i = 0; i < 100; ++i) rule->step(std::vector<double>{-2.0, 2.0, 0.0}, 0.25, t.values, *t.arithmetic);
  const double limit = 3.0 * std::sqrt((1.0 + 1.0 + 0.25) / 3.0);
  CHECK(t.values.real[0] == Approx(limit));
  CHECK(t.values.real[1] == Approx(-limit));
}

TEST_CASE("every rule goes on from a saved state as if it had not stopped", "[training]") {
  RuleTest one("lns8");
  RuleTest other("lns8");
  const std::vector<double> start{1.0, -0.3, 0.02};
  const auto make = [&](int kind, RuleTest& t) -> std::unique_ptr<UpdateRule> {
    switch (kind) {
      case 0: return make_additive_rule(Optimizer::kSgdMomentum, {}, t.parameter, true, start);
      case 1: return make_additive_rule(Optimizer::kAdam, {}, t.parameter, true, start);
      case 2: return make_float_madam_rule({}, t.parameter, true, start);
      default: return make_lns_madam_rule({}, t.scheme, 0.0625, start);
    }
  };
  // A master copy of the weights' own format would not do here: lns8's is of 16 bits.
  one.scheme.update = other.scheme.update = numerics::find_format("fp32");
  for (int kind = 0; kind < 4; ++kind) {
    INFO(kind);
    if (kind == 3)
      one.scheme.update = other.scheme.update = numerics::make_lns(16, 2048, numerics::ZeroMode::kZeroCode);
    const auto rule = make(kind, one);
    rule->publish(one.values, *one.arithmetic);
    rule->step(std::vector<double>{0.1, 0.2, -0.3}, 0.1, one.values, *one.arithmetic);
    ByteWriter out;
    rule->save(out);
    const auto resumed = make(kind, other);
    ByteReader in(out.bytes());
    resumed->load(in);
    CHECK(in.at_end());
    rule->step(std::vector<double>{0.3, -0.2, 0.1}, 0.1, one.values, *one.arithmetic);
    resumed->step(std::vector<double>{0.3, -0.2, 0.1}, 0.1, other.values, *other.arithmetic);
    ByteWriter after, resumed_after;
    rule->save(after);
    resumed->save(resumed_after);
    CHECK(after.bytes() == resumed_after.bytes());
  }
}

TEST_CASE("Madam's state is checked", "[training]") {
  RuleTest t("lns8");
  const auto rule = make_lns_madam_rule({}, t.scheme, 0.0625, {1.0, 2.0, 3.0});
  for (const std::uint32_t code : {0x10000U, 0xFFFFFFFFU}) {
    ByteWriter out;
    out.number(std::uint64_t{1});
    out.number(1.0);
    out.words(std::vector<std::uint32_t>{1, code, 2});
    out.doubles(std::vector<double>{0.0, 0.0, 0.0});
    ByteReader in(out.bytes());
    CHECK_THROWS_AS(rule->load(in), BytesError);
  }
}

TEST_CASE("an update copy that Madam cannot use is refused", "[training]") {
  const Model model = build_model(shipped_network("mlp_digits"), 1);
  Workers workers(1);
  std::vector<Values> values;
  Scheme scheme = shipped_scheme("lns8");
  for (const auto& update : {numerics::find_format("fp32"),
                             numerics::FormatPtr(numerics::make_lns(16, 1024, numerics::ZeroMode::kZeroCode))}) {
    scheme.update = update;
    BitTrue arithmetic(scheme, 16, model.slots, workers);
    CHECK_THROWS_WITH(make_rules(model, scheme, "cnn", {}, 0.1, 1, arithmetic, values), Contains("/formats/update"));
  }
}

TEST_CASE("initial weights depend on the seed and have He's deviation", "[training]") {
  const Model model = build_model(shipped_network("mlp_digits"), 1);
  Workers workers(1);
  const Scheme scheme = shipped_scheme("fp32");
  const auto weights = [&](std::uint64_t seed) {
    BitTrue arithmetic(scheme, 16, model.slots, workers);
    std::vector<Values> values;
    (void)make_rules(model, scheme, "cnn", {}, 0.1, seed, arithmetic, values);
    return values[0].real;
  };
  CHECK(weights(1) == weights(1));
  CHECK(weights(1) != weights(2));
  double squares = 0.0;
  for (const double w : weights(1)) squares += w * w;
  CHECK(squares / static_cast<double>(weights(1).size()) == Approx(2.0 / 64).epsilon(0.05));
}
