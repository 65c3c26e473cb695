// SPDX-License-Identifier: Apache-2.0
// DRAM bytes of a residual block, by hand: resnet50's layer1.1 at batch 1 under lns8 (one byte per element).
//
//   x (56 x 56 x 256) -> conv1 1x1 -> bn1 -> relu1 -> conv2 3x3 -> bn2 -> relu2 -> conv3 1x1 -> bn3 -> + x -> relu3
#include <catch2/catch.hpp>
#include <map>

#include "sim/systemc/engine.hpp"
#include "sim/workload/lower.hpp"
#include "tests/support/plans.hpp"

namespace lnsim {
namespace {

constexpr std::uint64_t kWide = 56 * 56 * 256;  // x, and every tensor of 256 channels
constexpr std::uint64_t kSlim = 56 * 56 * 64;   // every tensor of 64 channels
constexpr std::uint64_t kPoint = 64 * 256;      // weights of conv1 and conv3
constexpr std::uint64_t kCube = 9 * 64 * 64;    // weights of conv2
constexpr std::uint64_t kPair64 = 2 * 64 * 4;   // two FP32 values per channel: statistics, scale and shift, ...
constexpr std::uint64_t kPair256 = 2 * 256 * 4;

struct Bytes {
  std::uint64_t read = 0, written = 0;
};

/// "layer pass" -> bytes
std::map<std::string, Bytes> by_hand() {
  // Normalise reads x, sums, scale and shift, running statistics; it writes y, statistics, running statistics. The
  // sums themselves are collected in the PPU of the convolution before, which writes them behind its outputs.
  const Bytes bn64{kSlim + 3 * kPair64, kSlim + 2 * kPair64};
  const Bytes bn256{kWide + 3 * kPair256, kWide + 2 * kPair256};
  // Backward twice over x and dy: parameter gradients from statistics, then dx from statistics, scale, gradients.
  const Bytes bn64_back{2 * kSlim + kPair64 + 2 * kSlim + 3 * kPair64, kPair64 + kSlim};
  const Bytes bn256_back{2 * kWide + kPair256 + 2 * kWide + 3 * kPair256, kPair256 + kWide};
  const Bytes relu64{kSlim, kSlim + kSlim / 8};  // a bit of mask per element
  const Bytes relu256{kWide, kWide + kWide / 8};
  const Bytes relu64_back{kSlim + kSlim / 8, kSlim};
  const Bytes relu256_back{kWide + kWide / 8, kWide};
  return {
      {"layer1.1.conv1 forward", {kPoint + kWide, kSlim + kPair64}},
      {"layer1.1.bn1 forward", bn64},
      {"layer1.1.relu1 forward", relu64},
      {"layer1.1.conv2 forward", {kCube + kSlim, kSlim + kPair64}},
      {"layer1.1.bn2 forward", bn64},
      {"layer1.1.relu2 forward", relu64},
      {"layer1.1.conv3 forward", {kPoint + kSlim, kWide + kPair256}},
      {"layer1.1.bn3 forward", bn256},
      {"layer1.1.add forward", {2 * kWide, kWide}},
      {"layer1.1.relu3 forward", relu256},
      // The block's output has two consumers, so their gradients are added first.
      {"layer1.1.relu3.gradient_add input_grad", {2 * kWide, kWide}},
      {"layer1.1.relu3 input_grad", relu256_back},
      {"layer1.1.bn3 input_grad", bn256_back},
      {"layer1.1.conv3 input_grad", {kPoint + kWide, kSlim}},
      {"layer1.1.conv3 weight_grad", {kWide + kSlim, kPoint}},
      {"layer1.1.relu2 input_grad", relu64_back},
      {"layer1.1.bn2 input_grad", bn64_back},
      {"layer1.1.conv2 input_grad", {kCube + kSlim, kSlim}},
      {"layer1.1.conv2 weight_grad", {2 * kSlim, kCube}},
      {"layer1.1.relu1 input_grad", relu64_back},
      {"layer1.1.bn1 input_grad", bn64_back},
      {"layer1.1.conv1 input_grad", {kPoint + kSlim, kWide}},
      {"layer1.1.conv1 weight_grad", {kSlim + kWide, kPoint}},
  };
}

}  // namespace

TEST_CASE("DRAM bytes of a residual block equal a hand calculation where tiles load every operand once") {
  const Network network = read_network(read_json_file(std::string(LNSIM_SOURCE_DIR) + "/workloads/resnet50.json"));
  LowerOptions options;
  options.batch = 1;
  options.passes.update = false;
  options.layers = LayerSelection("layer1.1.*");
  Accelerator machine = test::default_machine();
  machine.global_buffer.bytes = 64U << 20U;
  machine.pe.buffer_a_bytes = machine.pe.buffer_b_bytes = 8U << 20U;
  MappingPin whole;  // each GEMM in one tile
  whole.m = whole.n = whole.k = 1U << 30U;
  std::map<std::string, Bytes> expected = by_hand();
  for (const LayerPass& pass : lower(network, options)) {
    const TraceEntry entry = systemc::simulate_pass(test::plan_of(pass, machine, "lns8", whole));
    const std::string name = pass.layer + " " + std::string(pass_name(pass.kind));
    INFO(name);
    REQUIRE(expected.count(name) == 1);
    CHECK(entry.counts[Action::kDramReadBursts] * 64 == expected[name].read);
    CHECK(entry.counts[Action::kDramWriteBursts] * 64 == expected[name].written);
    expected.erase(name);
  }
  for (const auto& [name, bytes] : expected) FAIL_CHECK("no pass " << name);
}

}  // namespace lnsim
