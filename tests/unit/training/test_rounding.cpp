// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "sim/numerics/lns.hpp"
#include "sim/training/bit_true.hpp"
#include "tests/unit/training/training_support.hpp"

using namespace lnsim;
using namespace lnsim::training;
using Catch::Contains;
using lnsim::training::test::normal_numbers;
using lnsim::training::test::shipped_scheme;

namespace {

struct Rounded {
  explicit Rounded(const std::string& scheme_name, ScaleHandling handling = ScaleHandling::kDelayed)
      : scheme(shipped_scheme(scheme_name)), workers(2) {
    scheme.scale = handling;
    arithmetic.emplace(scheme, 16, std::vector<std::string>{"first", "second"}, workers);
  }
  Values round(std::vector<double> real, bool training = true, Role role = Role::kActivation, std::size_t slot = 0) {
    Values values{std::move(real), {}};
    arithmetic->round(role, slot, values, training);
    return values;
  }
  Scheme scheme;
  Workers workers;
  std::optional<BitTrue> arithmetic;
};

}  // namespace

TEST_CASE("rounded values are those of their codes", "[training]") {
  for (const char* name : {"lns8", "fp8", "int8", "fp16", "bf16", "fp32", "mxfp8", "mxint8", "nvfp4", "block_lns6"}) {
    Rounded rounded(name);
    for (const Role role : {Role::kActivation, Role::kGradient, Role::kWeight, Role::kWeightGradient}) {
      INFO(name << " " << role_name(role));
      const Values values = rounded.round(normal_numbers(30000, 3), true, role);
      REQUIRE(values.codes.format.get() == &rounded.scheme.format(role));
      bool same = true;
      for (std::size_t i = 0; i < values.real.size(); ++i) same = same && values.real[i] == values.codes.value(i);
      CHECK(same);
    }
  }
}

TEST_CASE("LNS scales are powers of 2^(1/gamma), the next above the magnitude", "[training]") {
  const auto format = numerics::make_lns(8, 8, numerics::ZeroMode::kZeroCode);
  for (double max = 1e-9; max < 1e9; max *= 1.0371) {
    const double scale = training_scale(*format, max);
    const double steps = 8.0 * std::log2(scale);
    CHECK(steps == Approx(std::round(steps)).margin(1e-9));
    CHECK(scale >= max * (1.0 - 1e-9));
    CHECK(scale < max * 1.0906);
  }
  CHECK(training_scale(*format, 8.0) == 8.0);
  CHECK(training_scale(*format, 0.0) == 1.0);
}

TEST_CASE("values that are read and written again under another LNS scale stay", "[training]") {
  Rounded rounded("lns8");
  std::vector<double> numbers = normal_numbers(5000, 4);
  Values values = rounded.round(numbers);
  Values part{{values.real.begin(), values.real.begin() + 100}, {}};
  const std::vector<double> before = part.real;
  rounded.arithmetic->round(Role::kActivation, 1, part, true);
  REQUIRE(part.codes.scale != values.codes.scale);
  for (std::size_t i = 0; i < before.size(); ++i) CHECK(part.real[i] == Approx(before[i]).epsilon(1e-12));
}

TEST_CASE("delayed scales are those of the iteration before", "[training]") {
  Rounded rounded("int8");
  CHECK(rounded.round({1.0, -0.5}).codes.scale == Approx(1.0 / 127));
  // Twice as large: clipped to the magnitude before, whose scale then follows.
  const Values clipped = rounded.round({2.0, -0.5});
  CHECK(clipped.real[0] == Approx(1.0));
  CHECK(rounded.arithmetic->counts().clipped == 1);
  CHECK(rounded.round({2.0, -0.5}).real[0] == Approx(2.0));
  // Slots do not share scales.
  CHECK(rounded.round({4.0}, true, Role::kActivation, 1).real[0] == Approx(4.0));
}

TEST_CASE("two-pass scales are the tensor's own, static ones the first", "[training]") {
  Rounded two_pass("int8", ScaleHandling::kTwoPass);
  (void)two_pass.round({1.0});
  CHECK(two_pass.round({3.0}).real[0] == Approx(3.0));
  Rounded fixed("int8", ScaleHandling::kStatic);
  (void)fixed.round({1.0});
  CHECK(fixed.round({3.0}).real[0] == Approx(1.0));
  CHECK(fixed.round({3.0}).real[0] == Approx(1.0));
}

TEST_CASE("tests use scales and do not change them", "[training]") {
  Rounded rounded("int8");
  (void)rounded.round({1.0});
  CHECK(rounded.round({5.0}, false).real[0] == Approx(1.0));
  CHECK(rounded.round({5.0}, false).real[0] == Approx(1.0));
}

TEST_CASE("parameters are FP32", "[training]") {
  Rounded rounded("lns8");
  const Values values = rounded.round({0.1, 1e-300}, true, Role::kParameter);
  CHECK(values.real[0] == static_cast<double>(0.1F));
  CHECK(values.real[1] == 0.0);
  CHECK(values.codes.codes.empty());
  CHECK_THROWS_WITH(rounded.round({1e300}, true, Role::kParameter), Contains("first"));
}

TEST_CASE("a value that is not finite names its tensor", "[training]") {
  Rounded rounded("lns8");
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    CHECK_THROWS_WITH(rounded.round({1.0, bad}, true, Role::kActivation, 1), Contains("second"));
  }
}

TEST_CASE("scales and counts are saved and loaded", "[training]") {
  Rounded one("int8");
  (void)one.round({1.0});
  (void)one.round({2.0});
  ByteWriter out;
  one.arithmetic->save(out);
  Rounded other("int8");
  ByteReader in(out.bytes());
  other.arithmetic->load(in);
  CHECK(in.at_end());
  CHECK(other.arithmetic->counts() == one.arithmetic->counts());
  CHECK(other.round({3.0}).real == one.round({3.0}).real);
}

TEST_CASE("gradients rounded at random are right in the mean, and the same for any number of threads", "[training]") {
  // Around 0.3, E5M2 has 0.25 and 0.3125; E2M1 in blocks has 0.25 and 0.375.
  const std::string name = GENERATE("fp8", "mxfp4");
  INFO(name);
  Scheme scheme = shipped_scheme(name);
  scheme.gradient_rounding = GradientRounding::kStochastic;
  const std::vector<std::string> slots{"first", "second"};
  const auto rounded = [&](std::size_t threads, std::uint64_t seed, std::size_t slot, int times, Role role) {
    Workers workers(threads);
    BitTrue arithmetic(scheme, 16, slots, workers, seed);
    Values values;
    for (int i = 0; i < times; ++i) {
      values = Values{std::vector<double>(40000, 0.3), {}};
      values.real.front() = 1.0;
      arithmetic.round(role, slot, values, true);
    }
    return values.real;
  };
  const std::vector<double> once = rounded(1, 7, 0, 1, Role::kGradient);
  CHECK(once == rounded(3, 7, 0, 1, Role::kGradient));
  CHECK(once != rounded(1, 8, 0, 1, Role::kGradient));
  CHECK(once != rounded(1, 7, 1, 1, Role::kGradient));
  CHECK(once != rounded(1, 7, 0, 2, Role::kGradient));
  double sum = 0.0;
  for (std::size_t i = 1; i < once.size(); ++i) sum += once[i];
  CHECK(sum / 39999 == Approx(0.3).epsilon(4e-3));
  for (const Role role : {Role::kActivation, Role::kWeight, Role::kWeightGradient}) {
    const std::vector<double> nearest = rounded(1, 7, 0, 1, role);
    CHECK(nearest[1] == nearest.back());
    CHECK(nearest == rounded(1, 8, 0, 1, role));
  }
}

TEST_CASE("stochastic rounding goes on from a checkpoint", "[training]") {
  Scheme scheme = shipped_scheme("lns8");
  scheme.gradient_rounding = GradientRounding::kStochastic;
  Workers workers(1);
  const std::vector<std::string> slots{"only"};
  BitTrue whole(scheme, 16, slots, workers, 3), first(scheme, 16, slots, workers, 3),
      second(scheme, 16, slots, workers, 3);
  const auto round = [](BitTrue& arithmetic) {
    Values values{normal_numbers(500, 9), {}};
    arithmetic.round(Role::kGradient, 0, values, true);
    return values.real;
  };
  (void)round(whole);
  (void)round(first);
  ByteWriter out;
  first.save(out);
  ByteReader in(out.bytes());
  second.load(in);
  CHECK(in.at_end());
  CHECK(round(second) == round(whole));
}
