// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "sim/support/text.hpp"
#include "tests/unit/workload/networks.hpp"

namespace lnsim {
namespace {

using test::find_pass;
using test::network_of;

const std::string kChain = R"(
  {"name": "c1", "conv2d": {"in_channels": 2, "out_channels": 4, "height": 4, "width": 4, "kernel": [1], "bias": true}},
  {"name": "n1", "batch_norm": {"channels": 4, "height": 4, "width": 4}},
  {"name": "r1", "relu": {"shape": [4, 4, 4]}},
  {"name": "c2", "conv2d": {"in_channels": 4, "out_channels": 4, "height": 4, "width": 4, "kernel": [1]}},
  {"name": "a", "add": {"shape": [64]}, "inputs": ["c2", "r1"]})";

const std::string kBlock = R"(
  {"name": "e", "embedding": {"vocabulary": 10, "width": 8, "tokens": 3}},
  {"name": "b", "repeat": 5, "block": [
    {"name": "q", "linear": {"in_features": 8, "out_features": 8, "rows": 3}},
    {"name": "k", "inputs": ["input"], "linear": {"in_features": 8, "out_features": 8, "rows": 3}},
    {"name": "s", "inputs": ["q", "k"], "add": {"shape": [3, 8]}}]},
  {"name": "head", "linear": {"in_features": 8, "out_features": 10, "rows": 3, "tied_to": "e"}})";

std::vector<std::string> order_of(const std::vector<LayerPass>& passes) {
  std::vector<std::string> order;
  for (const LayerPass& pass : passes) order.push_back(pass.layer + " " + std::string(pass_name(pass.kind)));
  return order;
}

}  // namespace

TEST_CASE("passes come forward, then backward in reverse, then updates") {
  const std::vector<std::string> expected = {
      "c1 forward",    "n1 forward",    "r1 forward",     "c2 forward",
      "a forward",     "c2 input_grad", "c2 weight_grad", "r1.gradient_add input_grad",
      "r1 input_grad", "n1 input_grad", "c1 weight_grad", "c1.bias weight_grad",
      "c1 update",     "n1 update",     "c2 update"};
  CHECK(order_of(lower(network_of(kChain))) == expected);
}

TEST_CASE("the first layer has an input gradient only on request") {
  const std::string conv = R"("conv2d": {"in_channels": 1, "out_channels": 1, "height": 2, "width": 2, "kernel": [1]})";
  CHECK(order_of(lower(network_of(R"({"name": "c", )" + conv + "}"))).at(1) == "c weight_grad");
  CHECK(order_of(lower(network_of(R"({"name": "c", "input_gradient": true, )" + conv + "}"))).at(1) == "c input_grad");
}

TEST_CASE("layers with nothing trained before them compute no gradient") {
  const std::vector<LayerPass> passes = lower(network_of(R"(
    {"name": "p", "max_pool": {"channels": 1, "height": 4, "width": 4, "kernel": [2], "stride": [2]}},
    {"name": "l", "linear": {"in_features": 4, "out_features": 2}})"));
  CHECK(order_of(passes) == std::vector<std::string>{"p forward", "l forward", "l weight_grad", "l update"});
}

TEST_CASE("a norm that is fed by the network's input computes its parameter gradient alone") {
  const std::vector<LayerPass> passes = lower(network_of(R"({"name": "n", "layer_norm": {"width": 8, "rows": 2}})"));
  const LayerPass pass = find_pass(passes, "n", PassKind::kWeightGrad);
  REQUIRE(pass.sweeps.size() == 1);
  CHECK(pass.sweeps[0].name == "parameter_gradient");
}

TEST_CASE("a block's passes repeat, its names carry the block, its input's gradients are added each time") {
  const std::vector<LayerPass> passes = lower(network_of(kBlock));
  CHECK(find_pass(passes, "b.q", PassKind::kForward).repeat == 5);
  CHECK(find_pass(passes, "b.q", PassKind::kUpdate).repeat == 5);
  const LayerPass sum = find_pass(passes, "b.input.gradient_add", PassKind::kInputGrad);
  CHECK(sum.repeat == 5);
  CHECK(sum.sweeps.at(0).reads.at(0).elements == 2 * 2 * 3 * 8);
  CHECK(sum.sweeps.at(0).writes.at(0).elements == 2 * 3 * 8);
  CHECK(find_pass(passes, "e", PassKind::kWeightGrad).repeat == 1);
}

TEST_CASE("a tied layer has no update of its own and spares the embedding the zeroing of its gradient") {
  const std::vector<LayerPass> passes = lower(network_of(kBlock));
  for (const LayerPass& pass : passes) {
    if (pass.layer == "head") CHECK(pass.kind != PassKind::kUpdate);
  }
  CHECK(find_pass(passes, "e", PassKind::kWeightGrad).sweeps.size() == 1);
  CHECK(find_pass(passes, "e", PassKind::kUpdate).update_elements == 80);
  CHECK(parameter_count(network_of(kBlock)) == 80 + 5 * 2 * 64);
}

TEST_CASE("micro-batches repeat forward and backward, add gradients up, and update once") {
  LowerOptions options;
  options.micro_batches = 3;
  const std::vector<LayerPass> passes = lower(network_of(kBlock), options);
  CHECK(find_pass(passes, "b.q", PassKind::kForward).repeat == 15);
  CHECK(find_pass(passes, "b.q", PassKind::kGradientAccumulate).repeat == 15);
  CHECK(find_pass(passes, "b.q", PassKind::kGradientAccumulate).update_elements == 64);
  CHECK(find_pass(passes, "b.q", PassKind::kUpdate).repeat == 5);
}

TEST_CASE("the batch option replaces the network's batch") {
  LowerOptions options;
  options.batch = 7;
  CHECK(find_pass(lower(network_of(kChain), options), "c1", PassKind::kForward).gemms[0].n == 7 * 16);
  CHECK(find_pass(lower(network_of(kChain)), "c1", PassKind::kForward).gemms[0].n == 2 * 16);
}

TEST_CASE("passes and layers can be selected") {
  LowerOptions options;
  options.passes = parse_passes("weight_grad,forward", "--passes");
  options.layers = LayerSelection("c*");
  CHECK(order_of(lower(network_of(kChain), options)) == std::vector<std::string>{"c1 forward", "c2 forward",
                                                                                 "c2 weight_grad", "c1 weight_grad",
                                                                                 "c1.bias weight_grad"});
}

TEST_CASE("a layer pattern that matches nothing is an error with the nearest name") {
  LowerOptions options;
  options.layers = LayerSelection("c1,c22");
  CHECK_THROWS_WITH(lower(network_of(kChain), options), Catch::Contains("--layers") && Catch::Contains("\"c22\""));
}

TEST_CASE("an unknown or repeated pass is an error") {
  CHECK_THROWS_WITH(parse_passes("forwards", "--passes"),
                    Catch::Contains("--passes: \"forwards\", expected \"forward\""));
  CHECK_THROWS_AS(parse_passes("", "--passes"), InputError);
  CHECK_THROWS_AS(parse_passes("forward,", "--passes"), InputError);
  CHECK_THROWS_AS(parse_passes("update,update", "--passes"), InputError);
}

TEST_CASE("patterns match as on a command line") {
  CHECK(matches("layer?.0.*", "layer1.0.conv1"));
  CHECK(matches("*", ""));
  CHECK(matches("*conv*1", "a.conv2.conv1"));
  CHECK_FALSE(matches("layer1", "layer1.0"));
  CHECK_FALSE(matches("*conv1", "conv1.bias"));
  CHECK_FALSE(matches("?", ""));
}

TEST_CASE("statistics are fused only with the layer directly before, channel by channel") {
  const std::vector<LayerPass> fused = lower(network_of(kChain));
  CHECK(find_pass(fused, "c1", PassKind::kForward).statistics_channels == 4);
  CHECK(find_pass(fused, "c2", PassKind::kForward).statistics_channels == 0);
  const std::vector<LayerPass> apart = lower(network_of(R"(
    {"name": "c", "conv2d": {"in_channels": 1, "out_channels": 2, "height": 2, "width": 2, "kernel": [1]}},
    {"name": "r", "relu": {"shape": [8]}},
    {"name": "n", "batch_norm": {"channels": 2, "height": 2, "width": 2}})"));
  CHECK(find_pass(apart, "c", PassKind::kForward).statistics_channels == 0);
  CHECK_FALSE(find_pass(apart, "n", PassKind::kForward).sweeps.at(0).fused_if_producer_holds_channels);
}

TEST_CASE("a batch that makes a size overflow is refused when it is given") {
  LowerOptions options;
  options.batch = std::uint64_t{1} << 60;
  CHECK_THROWS_AS(lower(network_of(kChain), options), InputError);
  options.batch = std::uint64_t{1} << 50;
  options.micro_batches = std::uint64_t{1} << 40;
  CHECK_THROWS_AS(lower(network_of(kChain), options), InputError);
}

}  // namespace lnsim
