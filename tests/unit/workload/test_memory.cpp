// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>

#include "sim/workload/memory.hpp"
#include "tests/unit/workload/networks.hpp"

namespace lnsim {
namespace {

using test::network_of;

/// Names and copies of the saved tensors, in order.
std::vector<std::string> saved(const MemoryFootprint& footprint) {
  std::vector<std::string> names;
  for (const SavedTensor& kept : footprint.saved) {
    names.push_back(kept.tensor.name + " x" + std::to_string(kept.copies) + " " + std::to_string(kept.tensor.elements));
  }
  std::sort(names.begin(), names.end());
  return names;
}

const std::string kConv = R"("conv2d": {"in_channels": 4, "out_channels": 4, "height": 2, "width": 2, "kernel": [1]}})";

}  // namespace

TEST_CASE("what the backward pass reads is saved once") {
  const MemoryFootprint footprint = memory_footprint(network_of(R"(
    {"name": "c1", )" + kConv + R"(,
    {"name": "n", "batch_norm": {"channels": 4, "height": 2, "width": 2}},
    {"name": "r", "relu": {"shape": [16]}},
    {"name": "c2", )" + kConv + R"(,
    {"name": "c3", "inputs": ["r"], )" + kConv),
                                                     3);
  CHECK(saved(footprint) ==
        std::vector<std::string>{"c1 x1 48", "input x1 48", "n.statistics x1 8", "r x1 48", "r.mask x1 48"});
  CHECK(footprint.saved_elements(Role::kActivation) == 3 * 48);
  CHECK(footprint.saved_elements(Role::kParameter) == 8);
  CHECK(footprint.saved_bits() == 48);
  CHECK(footprint.weights == 3 * 16);
  CHECK(footprint.parameters == 8);
  CHECK(footprint.running_statistics == 8);
}

TEST_CASE("a block's input is saved once per repeat") {
  const MemoryFootprint footprint = memory_footprint(network_of(R"(
    {"name": "b", "repeat": 5, "block": [
      {"name": "q", "linear": {"in_features": 8, "out_features": 8}},
      {"name": "g", "gelu": {"shape": [8]}}]},
    {"name": "l", "linear": {"in_features": 8, "out_features": 2}})"),
                                                     1);
  CHECK(saved(footprint) == std::vector<std::string>{"b.g x1 8", "b.g.repeats x4 8", "b.q x5 8", "input x1 8"});
  CHECK(footprint.weights == 5 * 64 + 16);
}

TEST_CASE("softmax saves its output, which the product behind it reads too") {
  const MemoryFootprint footprint = memory_footprint(network_of(R"(
    {"name": "q", "linear": {"in_features": 4, "out_features": 4, "rows": 4}},
    {"name": "s", "softmax": {"width": 4, "rows": 4}},
    {"name": "m", "inputs": ["s", "q"], "matmul": {"m": 4, "n": 4, "k": 4}})"),
                                                     1);
  CHECK(saved(footprint) == std::vector<std::string>{"input x1 16", "q x1 16", "s x1 16"});
}

TEST_CASE("gradients live from their first write to their producer") {
  // l2's input gradient (8) exists beside l2's output gradient (2); then l1's output gradient alone.
  const MemoryFootprint chain = memory_footprint(network_of(R"(
    {"name": "l1", "linear": {"in_features": 4, "out_features": 8}},
    {"name": "l2", "linear": {"in_features": 8, "out_features": 2}})"),
                                                 1);
  CHECK(chain.peak_gradients == 10);
  CHECK(chain.largest_gradient == Tensor{"l1", Role::kGradient, 8, 0});
  CHECK(chain.largest_weight == Tensor{"l1", Role::kWeight, 32, 0});
}

TEST_CASE("the gradient of a shortcut lives while the residual branch is computed") {
  // At l2: gradient of the add's output (shared by both branches) and l2's input gradient; at the sum of the two
  // gradients of l1's output: both and the result.
  const MemoryFootprint residual = memory_footprint(network_of(R"(
    {"name": "l1", "linear": {"in_features": 8, "out_features": 8}},
    {"name": "l2", "linear": {"in_features": 8, "out_features": 8}},
    {"name": "a", "inputs": ["l2", "l1"], "add": {"shape": [8]}})"),
                                                    1);
  CHECK(residual.peak_gradients == 3 * 8);
}

TEST_CASE("the head is stored, not trained") {
  const Network network =
      network_of(R"({"name": "r", "relu": {"shape": [8]}})",
                 R"("head": [{"name": "pooler", "linear": {"in_features": 8, "out_features": 8, "bias": true}}], )");
  const MemoryFootprint footprint = memory_footprint(network, 1);
  CHECK(footprint.weights == 0);
  CHECK(footprint.head_weights == 64);
  CHECK(footprint.head_parameters == 8);
  CHECK(footprint.peak_gradients == 0);
}

TEST_CASE("shipped networks store their parameters, and what they save grows with the batch") {
  for (const char* name :
       {"resnet18", "resnet50", "bert_base_seq128", "bert_large_seq384", "gpt2_small", "lenet", "mlp"}) {
    INFO(name);
    const Network network = test::shipped(name);
    const MemoryFootprint one = memory_footprint(network, 1);
    const MemoryFootprint two = memory_footprint(network, 2);
    CHECK(one.weights + one.parameters + one.head_weights + one.head_parameters == parameter_count(network));
    CHECK(two.saved_elements(Role::kActivation) == 2 * one.saved_elements(Role::kActivation));
    CHECK(two.peak_gradients == 2 * one.peak_gradients);
  }
}

TEST_CASE("a BERT layer saves 16 s h + a s s activations per sample") {
  // Per encoder layer: input, query, key, value, context, two sums before the norms, the first norm's output: 8 s h;
  // gelu's input and output: 8 s h; softmax's output: a s s. (The scores are not saved: softmax keeps its output.)
  const std::uint64_t s = 128;
  const std::uint64_t h = 768;
  const std::uint64_t heads = 12;
  const std::uint64_t layer = 16 * s * h + heads * s * s;
  // Outside: the sum before the embeddings' norm; the last encoder output is read by nothing.
  const MemoryFootprint footprint = memory_footprint(test::shipped("bert_base_seq128"), 1);
  CHECK(footprint.saved_elements(Role::kActivation) == 12 * layer + s * h);
}

}  // namespace lnsim
