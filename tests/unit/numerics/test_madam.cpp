// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cmath>

#include "sim/numerics/madam.hpp"
#include "tests/unit/numerics/golden_csv.hpp"

using namespace lnsim::numerics;
using namespace lnsim::numerics::test;

namespace {

std::vector<Code> codes_of(const LnsFormat& format, const std::vector<unsigned>& signs,
                           const std::vector<unsigned>& exponents) {
  std::vector<Code> codes;
  for (std::size_t i = 0; i < signs.size(); ++i) {
    codes.push_back(format.code(signs[i] == 1, static_cast<std::int32_t>(exponents[i])));
  }
  return codes;
}

MadamParams default_params() {
  MadamParams params;
  params.format = make_lns(8, 8, ZeroMode::kZeroCode);
  return params;
}

}  // namespace

TEST_CASE("Madam matches an independent generator", "[madam][golden]") {
  for (GoldenRow& row : golden_rows("madam.csv")) {
    MadamParams params;
    const unsigned bits = row.natural();
    const unsigned gamma = row.natural();
    params.format = make_lns(bits, gamma, row.text() == "zero_code" ? ZeroMode::kZeroCode : ZeroMode::kMinCode);
    params.update_bits = row.natural();
    params.learning_rate = row.number();
    const auto weights = row.numbers();
    const auto gradients = row.numbers();
    MadamTensor tensor(params, weights);
    INFO(params.format->name() << " BU " << params.update_bits);
    REQUIRE(tensor.scale() == Approx(row.number()).epsilon(1e-15));
    const auto start = row.naturals();
    for (std::size_t i = 0; i < start.size(); ++i) {
      REQUIRE(tensor.update_format()->exponent(tensor.update_codes()[i]) == static_cast<std::int32_t>(start[i]));
    }
    for (std::size_t first = 0; first < gradients.size(); first += weights.size()) {
      tensor.step({gradients.data() + first, weights.size()});
    }
    const auto signs = row.naturals();
    REQUIRE(tensor.update_codes() == codes_of(*tensor.update_format(), signs, row.naturals()));
    const auto forward_signs = row.naturals();
    const auto forward = codes_of(*params.format, forward_signs, row.naturals());
    std::vector<std::byte> packed(forward.size() * params.format->container_bytes());
    tensor.forward_codes(packed.data());
    for (std::size_t i = 0; i < forward.size(); ++i) {
      REQUIRE(tensor.forward_code(i) == forward[i]);
      REQUIRE(load_code(packed.data(), i, params.format->container_bytes()) == forward[i]);
    }
  }
}

TEST_CASE("The forward copy equals the quantised decoded update copy, apart from ties", "[madam]") {
  for (const ZeroMode zero : {ZeroMode::kZeroCode, ZeroMode::kMinCode}) {
    const auto update = make_lns(16, 2048, zero);
    const auto forward = make_lns(8, 8, zero);
    int ties = 0;
    for (std::int32_t e = 0; e <= update->max_exponent(); ++e) {
      if ((update->max_exponent() - e) % 256 == 128) {
        ++ties;
        continue;
      }
      const Code code = update->code(true, e);
      INFO(update->name() << " e " << e);
      REQUIRE(madam_forward_code(*update, *forward, code) == forward->encode(update->decode(code, 1.0), 1.0).code);
    }
    CHECK(ties == 128);
  }
}

TEST_CASE("Ties of the forward copy go to the even quotient", "[madam]") {
  const auto update = make_lns(16, 2048, ZeroMode::kZeroCode);
  const auto forward = make_lns(8, 8, ZeroMode::kZeroCode);
  const auto exponent = [&](std::int32_t distance) {
    return forward->exponent(madam_forward_code(*update, *forward, update->code(false, 32767 - distance)));
  };
  CHECK(exponent(128) == 127);        // quotient 1/2 becomes 0
  CHECK(exponent(256 + 128) == 125);  // 3/2 becomes 2
}

TEST_CASE("A Madam step moves codes by lr times gamma_U per unit of normalised gradient", "[madam]") {
  const std::vector<double> weights = {1.0, -1.0, 0.5, 0.0};
  MadamTensor tensor(default_params(), weights);
  const auto before = tensor.update_codes();
  tensor.step(std::vector<double>{0.1, 0.1, -3.0, 1.0});
  const LnsFormat& format = *tensor.update_format();
  // In the first step every normalised gradient is +-1, 16 codes at gamma_U = 2048.
  CHECK(format.exponent(tensor.update_codes()[0]) == format.exponent(before[0]) - 16);
  CHECK(format.exponent(tensor.update_codes()[1]) == format.exponent(before[1]) + 16);
  CHECK(format.exponent(tensor.update_codes()[2]) == format.exponent(before[2]) + 16);
  CHECK(tensor.update_codes()[3] == 0);
  CHECK(tensor.steps() == 1);
  tensor.step(std::vector<double>{0.0, 0.0, 0.0, 0.0});
  CHECK(format.exponent(tensor.update_codes()[0]) == format.exponent(before[0]) - 16);
}

TEST_CASE("Weights stay between the lowest code and the scale", "[madam]") {
  MadamParams params = default_params();
  params.learning_rate = 1.0;
  MadamTensor tensor(params, std::vector<double>{1.0, 1.0});
  for (int i = 0; i < 40; ++i) tensor.step(std::vector<double>{1.0, -1.0});
  CHECK(tensor.update_codes()[0] == 1);
  CHECK(tensor.update_codes()[1] == 32767);
  CHECK(tensor.forward_code(0) == 0);
  CHECK(tensor.forward_code(1) == 127);
}

TEST_CASE("Madam rejects bad parameters and gradients", "[madam]") {
  const std::vector<double> weights = {1.0, 2.0};
  const auto rejects = [&](auto change) {
    MadamParams params = default_params();
    change(params);
    CHECK_THROWS_AS(MadamTensor(params, weights), SpecError);
  };
  rejects([](MadamParams& p) { p.format = nullptr; });
  rejects([](MadamParams& p) { p.update_bits = 7; });
  rejects([](MadamParams& p) { p.update_bits = 17; });
  rejects([](MadamParams& p) { p.learning_rate = 0.0; });
  rejects([](MadamParams& p) { p.beta = 1.0; });
  rejects([](MadamParams& p) { p.gradient_bound = -1.0; });
  MadamTensor tensor(default_params(), weights);
  CHECK_THROWS_AS(tensor.step(std::vector<double>{1.0}), std::invalid_argument);
  CHECK_THROWS_AS(tensor.step(std::vector<double>{1.0, std::nan("")}), CodeError);
  CHECK(MadamTensor(default_params(), std::vector<double>{0.0, 0.0}).scale() == 1.0);
}
