// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/design.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "sim/support/error.hpp"

using namespace lnsim;
using Catch::Contains;

namespace {

const ShippedFiles& shipped() {
  static const ShippedFiles files({LNSIM_SOURCE_DIR});
  return files;
}

SweepSpec spec_of(const std::string& axes) {
  return read_sweep(
      parse_json(R"({"schema": "lnsim.sweep/1", "name": "x", "base": {"workload": "lenet", "batch": 4}, "axes": [)" +
                     axes + "]}",
                 "x.json"),
      metric_names());
}

const std::string kAxes = R"({"name": "lanes", "at": "/accelerator/pe/lanes", "values": [8, 32]},
    {"name": "scheme", "at": "/scheme", "values": ["lns8", "fp8"]},
    {"name": "bits", "at": "/technology", "values": ["45nm", "7nm_stillmaker"]},
    {"name": "workload", "at": "/workload", "values": ["lenet", "mlp"]})";

}  // namespace

TEST_CASE("figures do not depend on what was evaluated before", "[sweep]") {
  const SweepSpec spec = spec_of(kAxes);
  DesignEvaluator forward(spec, "x.json", shipped(), "1");
  std::vector<std::vector<double>> figures;
  for (std::uint64_t i = 0; i < spec.size(); ++i) figures.push_back(forward.evaluate(forward.design(i)));
  CHECK(std::set<std::vector<double>>(figures.begin(), figures.end()).size() == spec.size());
  DesignEvaluator backward(spec, "x.json", shipped(), "1");
  for (std::uint64_t i = spec.size(); i-- > 0;) CHECK(backward.evaluate(backward.design(i)) == figures[i]);
  for (const std::uint64_t i : {3U, 9U, 14U}) {
    DesignEvaluator alone(spec, "x.json", shipped(), "1");
    CHECK(alone.evaluate(alone.design(i)) == figures[i]);
  }
}

TEST_CASE("keys differ exactly where inputs or the model's version do", "[sweep]") {
  const SweepSpec spec = spec_of(kAxes);
  DesignEvaluator evaluator(spec, "x.json", shipped(), "1");
  std::set<std::string> keys;
  for (std::uint64_t i = 0; i < spec.size(); ++i) keys.insert(evaluator.design(i).key);
  CHECK(keys.size() == spec.size());
  const SweepSpec same =
      spec_of(R"({"at": "/batch", "values": [4]}, {"name": "lanes", "at": "/accelerator/pe/lanes", "values": [8]},
                                    {"name": "scheme", "at": "/scheme", "values": ["lns8"]})");
  CHECK(DesignEvaluator(same, "y.json", shipped(), "1").design(0).key == evaluator.design(0).key);
  CHECK(DesignEvaluator(same, "y.json", shipped(), "2").design(0).key != evaluator.design(0).key);
}

TEST_CASE("a whole input is chosen before its fields are set", "[sweep]") {
  const SweepSpec spec = spec_of(R"({"name": "window", "at": "/scheme/dot_product/window", "values": [20]},
                                    {"name": "scheme", "at": "/scheme", "values": ["fp8"]})");
  DesignEvaluator evaluator(spec, "x.json", shipped(), "1");
  const Design design = evaluator.design(0);
  CHECK(design.inputs["scheme"]["name"] == "fp8");
  CHECK(design.inputs["scheme"]["dot_product"]["window"] == 20);
}

TEST_CASE("values without a place are named with the nearest one", "[sweep]") {
  const auto complaint = [](const std::string& axes) {
    const SweepSpec spec = spec_of(axes);
    DesignEvaluator evaluator(spec, "x.json", shipped(), "1");
    try {
      (void)evaluator.evaluate(evaluator.design(0));
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  CHECK_THAT(complaint(R"({"at": "/accelerator/pe/lane", "values": [1]})"), Contains("/accelerator/pe/lanes"));
  CHECK_THAT(complaint(R"({"at": "/nothing/at/all", "values": [1]})"), Contains("a place in the inputs"));
  CHECK_THAT(complaint(R"({"at": "/scheme", "values": [7]})"), Contains("the name of a file"));
  CHECK_THAT(complaint(R"({"at": "/scheme", "values": ["lns9"]})"), Contains("lns8"));
  CHECK_THAT(complaint(R"({"at": "/batch", "values": [1.5]})"), Contains("/batch: 1.5"));
  CHECK_THAT(complaint(R"({"at": "/accelerator/pe/lanes", "values": ["many"]})"), Contains("/pe/lanes"));
}
