// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <limits>
#include <vector>

#include "sim/data/code_tensor.hpp"
#include "sim/numerics/lns.hpp"

using namespace lnsim;

namespace {

std::vector<numerics::FormatPtr> formats() {
  return {numerics::make_lns(8, 8, numerics::ZeroMode::kZeroCode),
          numerics::make_lns(16, 2048, numerics::ZeroMode::kZeroCode),
          numerics::find_format("int8"),
          numerics::find_format("fp8_e5m2"),
          numerics::find_format("bf16"),
          numerics::find_format("fp32")};
}

}  // namespace

TEST_CASE("a quantised tensor holds the format's code of each value at the usual scale", "[data]") {
  const std::vector<double> values = {0.5, -3.0, 0.0, 1e-9, 2.75};
  for (const auto& format : formats()) {
    INFO(format->name());
    const CodeTensor tensor = quantise(values, format);
    CHECK(tensor.scale == format->usual_scale(3.0));
    REQUIRE(tensor.elements() == values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      const numerics::Code code = format->encode(values[i], tensor.scale).code;
      CHECK(tensor.code(i) == code);
      CHECK(tensor.value(i) == format->decode(code, tensor.scale));
    }
  }
}

TEST_CASE("a tensor of zeros has a scale of 1 and codes of zero", "[data]") {
  const std::vector<double> values(4, 0.0);
  for (const auto& format : formats()) {
    const CodeTensor tensor = quantise(values, format);
    CHECK(tensor.scale == 1.0);
    CHECK(tensor.codes == zeros(4, format, 1.0).codes);
  }
}

TEST_CASE("a made tensor is quantised in pieces as it would be as a whole", "[data]") {
  const SyntheticTensor made(5, "l", "dy", {DistributionKind::kLogNormal, 1.0});
  std::vector<double> values(70001);
  made.fill(0, values);
  for (const auto& format : formats()) {
    INFO(format->name());
    const CodeTensor whole = quantise(values, format);
    const CodeTensor pieces = quantise(made, values.size(), format);
    CHECK(pieces.scale == whole.scale);
    CHECK((pieces.codes == whole.codes));
  }
}

TEST_CASE("NaN cannot be quantised", "[data]") {
  const std::vector<double> values = {1.0, std::numeric_limits<double>::quiet_NaN()};
  CHECK_THROWS_AS(quantise(values, numerics::find_format("int8"), 1.0), numerics::CodeError);
}
