// SPDX-License-Identifier: Apache-2.0
// Published and hand-derived counts of the shipped networks.
#include <catch2/catch.hpp>
#include <map>

#include "tests/unit/workload/networks.hpp"

namespace lnsim {
namespace {

using test::shipped;

std::uint64_t macs_of(const std::vector<LayerPass>& passes, PassKind kind) {
  std::uint64_t macs = 0;
  for (const LayerPass& pass : passes) {
    if (pass.kind == kind) macs += pass.macs() * pass.repeat;
  }
  return macs;
}

const std::vector<std::string> kShipped = {"alexnet",
                                           "resnet18",
                                           "resnet32_cifar10",
                                           "resnet50",
                                           "bert_base_seq128",
                                           "bert_base_seq384",
                                           "bert_large_seq128",
                                           "bert_large_seq384",
                                           "gpt2_small",
                                           "lenet",
                                           "mlp"};

}  // namespace

TEST_CASE("forward MACs at batch 1 are the published ones") {
  CHECK(forward_macs(shipped("resnet18"), 1) == 1814073344);
  CHECK(forward_macs(shipped("resnet50"), 1) == 4089184256);
  CHECK(forward_macs(shipped("alexnet"), 1) == 714188480);
  CHECK(forward_macs(shipped("bert_base_seq128"), 1) == 11173625856);
  CHECK(forward_macs(shipped("bert_base_seq384"), 1) == 35332816896);
  CHECK(forward_macs(shipped("bert_large_seq128"), 1) == 39460012032);
  CHECK(forward_macs(shipped("bert_large_seq384"), 1) == 123211874304);
}

TEST_CASE("forward MACs of the small networks and of GPT-2 follow from their shapes") {
  const std::uint64_t lenet = 28 * 28 * 6 * 25 + 10 * 10 * 16 * 150 + 400 * 120 + 120 * 84 + 84 * 10;
  CHECK(forward_macs(shipped("lenet"), 1) == lenet);
  CHECK(forward_macs(shipped("mlp"), 1) == 784 * 512 + 512 * 512 + 512 * 10);
  // Each stage halves both sides and doubles both widths: every 3x3 convolution but the first of a stage costs the
  // same.
  const std::uint64_t same = 32 * 32 * 9 * 16 * 16;
  const std::uint64_t projections = 16 * 16 * 16 * 32 + 8 * 8 * 32 * 64;
  CHECK(forward_macs(shipped("resnet32_cifar10"), 1) ==
        32 * 32 * 9 * 3 * 16 + 28 * same + 2 * (same / 2) + projections + 64 * 10);
  const std::uint64_t h = 768;
  const std::uint64_t s = 1024;
  CHECK(forward_macs(shipped("gpt2_small"), 1) == 12 * (12 * h * h * s + 2 * s * s * h) + s * h * 50257);
}

TEST_CASE("parameters are the published ones, embeddings and pooler included") {
  CHECK(parameter_count(shipped("resnet18")) == 11689512);
  CHECK(parameter_count(shipped("resnet50")) == 25557032);
  CHECK(parameter_count(shipped("alexnet")) == 61100840);
  CHECK(parameter_count(shipped("resnet32_cifar10")) == 464154 + (16 * 32 + 2 * 32) + (32 * 64 + 2 * 64));
  CHECK(parameter_count(shipped("bert_base_seq128")) == 109482240);
  CHECK(parameter_count(shipped("bert_base_seq384")) == 109482240);
  CHECK(parameter_count(shipped("bert_large_seq128")) == 335141888);
  CHECK(parameter_count(shipped("gpt2_small")) == 124439808);
  CHECK(parameter_count(shipped("lenet")) == 61706);
  CHECK(parameter_count(shipped("mlp")) == 669706);
}

TEST_CASE("the passes of every shipped network have its MACs, and the updates its trained parameters") {
  for (const std::string& name : kShipped) {
    INFO(name);
    const Network network = shipped(name);
    const std::vector<LayerPass> passes = lower(network, {1, 1, {}, {}});
    const std::uint64_t forward = forward_macs(network, 1);
    CHECK(macs_of(passes, PassKind::kForward) == forward);
    std::uint64_t trained = 0;
    for (const LayerPass& pass : passes) {
      if (pass.kind == PassKind::kUpdate) trained += (pass.update_elements + pass.parameter_elements) * pass.repeat;
    }
    std::uint64_t head = 0;
    for (const Layer& layer : network.head) {
      const auto& linear = std::get<Linear>(layer.op);
      head += linear.in_features * linear.out_features + linear.out_features;
    }
    CHECK(trained + head == parameter_count(network));
  }
}

TEST_CASE("each ResNet gradient has the forward MACs, but that of the first layer's input is not computed") {
  for (const std::string name : {"resnet18", "resnet50"}) {
    const std::vector<LayerPass> passes = lower(shipped(name), {2, 1, {}, {}});
    const std::uint64_t forward = macs_of(passes, PassKind::kForward);
    const std::uint64_t first = test::find_pass(passes, "conv1", PassKind::kForward).macs();
    CHECK(macs_of(passes, PassKind::kWeightGrad) == forward);
    CHECK(macs_of(passes, PassKind::kInputGrad) == forward - first);
  }
}

TEST_CASE("training a BERT encoder takes three times its forward MACs") {
  const std::vector<LayerPass> passes = lower(shipped("bert_base_seq128"), {1, 1, {}, {}});
  std::uint64_t macs = 0;
  for (const LayerPass& pass : passes) macs += pass.macs() * pass.repeat;
  CHECK(macs == 3 * 11173625856);
}

TEST_CASE("shipped networks read back from what is written of them") {
  for (const std::string& name : kShipped) {
    INFO(name);
    const Network network = shipped(name);
    CHECK_FALSE(network.source.empty());
    const Json written = write_network(network);
    const Network again = read_network({"again.json", written});
    CHECK(write_network(again) == written);
    CHECK(lower(again) == lower(network));
  }
}

TEST_CASE("every residual block but the first of a stage adds the gradients of two consumers") {
  const std::vector<LayerPass> passes = lower(shipped("resnet50"), {1, 1, {}, {}});
  std::size_t sums = 0;
  for (const LayerPass& pass : passes) sums += pass.type == "gradient_add" ? 1 : 0;
  CHECK(sums == 16);  // maxpool and the outputs of 15 blocks; the last block feeds avgpool alone
}

TEST_CASE("ResNet statistics are fused with every convolution") {
  const std::vector<LayerPass> passes = lower(shipped("resnet50"), {1, 1, {}, {}});
  std::size_t convolutions = 0;
  std::size_t norms = 0;
  for (const LayerPass& pass : passes) {
    if (pass.kind != PassKind::kForward) continue;
    if (pass.type == "conv2d") {
      ++convolutions;
      CHECK(pass.statistics_channels == pass.gemms[0].m);
    }
    if (pass.type == "batch_norm") {
      ++norms;
      CHECK(pass.sweeps.at(0).fused_if_producer_holds_channels);
    }
  }
  CHECK(convolutions == 53);
  CHECK(norms == 53);
}

}  // namespace lnsim
