// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <set>

#include "sim/support/error.hpp"
#include "tests/unit/training/training_support.hpp"

using namespace lnsim;
using namespace lnsim::training;
using Catch::Contains;
using lnsim::training::test::network_of;
using lnsim::training::test::shipped_network;

TEST_CASE("a model trains the parameters that the network has", "[training]") {
  for (const char* name : {"mlp_digits", "resnet_digits", "cnn_fashion", "transformer_digits", "lenet", "resnet18"}) {
    INFO(name);
    const Network network = shipped_network(name);
    const Model model = build_model(network, 2);
    std::uint64_t trained = 0;
    for (const ModelParameter& parameter : model.parameters) trained += parameter.trained() ? parameter.elements : 0;
    CHECK(trained == parameter_count(network));
    CHECK(model.batch == 2);
  }
}

TEST_CASE("slots are each one's own", "[training]") {
  const Model model = build_model(shipped_network("resnet_digits"), 1);
  std::multiset<std::size_t> used;
  for (const ModelTensor& tensor : model.tensors) used.insert({tensor.slot, tensor.gradient_slot});
  for (const ModelParameter& parameter : model.parameters) used.insert({parameter.slot, parameter.gradient_slot});
  for (const ModelNode& node : model.nodes) used.insert(node.gradient_slots.begin(), node.gradient_slots.end());
  CHECK(used.size() == model.slots.size());
  CHECK(std::set<std::size_t>(used.begin(), used.end()).size() == used.size());
}

TEST_CASE("repeated blocks have tensors and parameters of their own", "[training]") {
  const Model model = build_model(shipped_network("resnet_digits"), 1);
  std::set<std::string> names;
  for (const ModelParameter& parameter : model.parameters) names.insert(parameter.name);
  CHECK(names.size() == model.parameters.size());
  CHECK(names.count("stage1.conv1#0.weight") == 1);
  CHECK(names.count("stage1.conv1#1.weight") == 1);
  CHECK(names.count("stage2.shortcut.weight") == 1);
}

TEST_CASE("the samples get no gradient", "[training]") {
  const Model model = build_model(shipped_network("resnet_digits"), 1);
  CHECK_FALSE(model.nodes.front().wants_gradient[0]);
  CHECK(model.nodes[3].wants_gradient[0]);
}

TEST_CASE("networks that cannot be trained here are refused", "[training]") {
  CHECK_THROWS_WITH(build_model(shipped_network("gpt2_small"), 1), Contains("embedding"));
  CHECK_THROWS_WITH(build_model(network_of(R"({"name": "a", "linear": {"in_features": 4, "out_features": 4}},
                                              {"name": "b", "inputs": [], "relu": {"shape": [4]}})"),
                                1),
                    Contains("from outside"));
}
