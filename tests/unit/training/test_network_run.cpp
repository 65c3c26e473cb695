// SPDX-License-Identifier: Apache-2.0
#include "sim/training/network_run.hpp"

#include <catch2/catch.hpp>

#include "sim/training/bit_true.hpp"
#include "sim/training/update_rule.hpp"
#include "tests/unit/training/training_support.hpp"

using namespace lnsim;
using namespace lnsim::training;
using lnsim::training::test::network_of;
using lnsim::training::test::normal_numbers;
using lnsim::training::test::shipped_scheme;

TEST_CASE("each tensor is rounded as often as it is written", "[training]") {
  const Network network = network_of(R"({"name": "first", "linear": {"in_features": 4, "out_features": 4}},
                                        {"name": "branch", "linear": {"in_features": 4, "out_features": 4, "bias": true}},
                                        {"name": "add", "inputs": ["previous", "first"], "add": {"shape": [4]}})");
  constexpr std::uint64_t kBatch = 3;
  const Model model = build_model(network, kBatch);
  const Scheme scheme = shipped_scheme("fp8");
  Workers workers(2);
  BitTrue arithmetic(scheme, 16, model.slots, workers);
  std::vector<Values> parameters;
  const auto rules = make_rules(model, scheme, "cnn", {}, 0.1, 1, arithmetic, parameters);
  NetworkRun run(model, arithmetic, workers, parameters);
  const auto rounded_by = [&](const auto& work) {
    const std::uint64_t before = arithmetic.counts().rounded;
    work();
    return arithmetic.counts().rounded - before;
  };
  // Forward: the samples and three outputs of 4 elements.
  CHECK(rounded_by([&] { (void)run.forward(normal_numbers(4 * kBatch, 1), true); }) == 4 * 4 * kBatch);
  // Backward: the loss's gradient, both of the sum's inputs, the branch's input, the sum of the two gradients of the
  // first layer's output; two weight gradients. The samples get no gradient; that of the bias is FP32.
  CHECK(rounded_by([&] { run.backward(normal_numbers(4 * kBatch, 2)); }) == 5 * 4 * kBatch + 2 * 16);
  // Tests round the same and change no scale.
  CHECK(rounded_by([&] { (void)run.forward(normal_numbers(4 * kBatch, 3), false); }) == 4 * 4 * kBatch);
}

TEST_CASE("of equal values in a window of max_pool the first gets the gradient", "[training]") {
  const Network network = network_of(
      R"({"name": "pool", "max_pool": {"channels": 1, "height": 2, "width": 2, "kernel": [2], "stride": [2]}})");
  const Model model = build_model(network, 1);
  Workers workers(1);
  const Scheme scheme = shipped_scheme("fp8");
  BitTrue arithmetic(scheme, 16, model.slots, workers);
  const auto pool = make_operation(model, model.nodes.front());
  OperationContext context{arithmetic, workers, true, {}, {}};
  const Values input{{1.0, 3.0, 3.0, 3.0}, {}};
  const std::vector<const Values*> inputs{&input};
  Values output{{0.0}, {}};
  pool->forward(inputs, output, context);
  CHECK(output.real == std::vector<double>{3.0});
  Values gradient_of_input{{0.0, 0.0, 0.0, 0.0}, {}};
  const std::vector<Values*> gradients{&gradient_of_input};
  pool->backward(inputs, output, {{5.0}, {}}, gradients, context);
  CHECK(gradient_of_input.real == std::vector<double>{0.0, 5.0, 0.0, 0.0});
}
