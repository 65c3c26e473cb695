// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "sim/report/footprint.hpp"
#include "sim/support/error.hpp"
#include "sim/support/text.hpp"
#include "tests/unit/sweep/experiments.hpp"

namespace lnsim::report {
namespace {

Scheme scheme_of(const std::string& name) {
  return read_scheme(read_json_file(std::string(LNSIM_SOURCE_DIR) + "/configs/schemes/" + name + ".json"));
}

/// Small numbers that are told apart in every sum.
FootprintElements elements() {
  FootprintElements e;
  e.parameter_count = 1110;
  e.weights = 1000;
  e.parameters = 100;
  e.running_statistics = 20;
  e.head_weights = 8;
  e.head_parameters = 2;
  e.saved_activations = 5000;
  e.saved_parameters = 30;
  e.saved_bits = 801;
  e.peak_gradients = 600;
  e.largest_weight = {"w", "weight", 400};
  return e;
}

TEST_CASE("Bytes of LNS8: no master copy, a 16-bit update copy, an FP32 second moment") {
  const FootprintBytes bytes = footprint_bytes(elements(), scheme_of("lns8"), "cnn", 1);
  CHECK(bytes.weights == 1000 + 8 + 4 * (100 + 2 + 20));
  CHECK(bytes.optimizer == 1000 * (4 + 2) + 100 * 4);
  CHECK(bytes.activations == 5000 + 30 * 4 + 101);
  CHECK(bytes.gradients == 1000 + 100 * 4 + 600);
  CHECK(bytes.weight_gradients == 1000 + 100 * 4);
  CHECK(bytes.total() == bytes.weights + bytes.optimizer + bytes.activations + bytes.gradients);
  CHECK(bytes.model_state() == bytes.weights + bytes.optimizer + 1400);
}

TEST_CASE("Bytes of FP16: an FP32 master copy, momentum for CNNs, two moments for transformers") {
  const FootprintBytes cnn = footprint_bytes(elements(), scheme_of("fp16"), "cnn", 1);
  CHECK(cnn.optimizer == 1000 * (4 + 4) + 100 * 4);
  CHECK(cnn.activations == 2 * 5000 + 30 * 4 + 101);
  const FootprintBytes transformer = footprint_bytes(elements(), scheme_of("fp16"), "transformer", 1);
  CHECK(transformer.optimizer == 1000 * (4 + 8) + 100 * 8);
}

TEST_CASE("With micro-batches the accumulation buffer holds the gradients beside the largest one") {
  const FootprintBytes bytes = footprint_bytes(elements(), scheme_of("lns8"), "cnn", 8);
  CHECK(bytes.weight_gradients == 1000 * 4 + 400 + 100 * 4);
}

TEST_CASE("Sizes beyond 64 bits are refused") {
  FootprintElements huge = elements();
  huge.saved_activations = UINT64_MAX / 4;
  CHECK_THROWS_AS(footprint_bytes(huge, scheme_of("fp32"), "cnn", 1), OverflowError);
}

std::string complaint(std::uint64_t batch, std::uint64_t capacity) {
  const Network network = lnsim::test::make_experiment("lenet", {}, 1).network;
  const Scheme scheme = scheme_of("fp32");
  try {
    check_capacity({scheme, network.family, batch, 1, capacity,
                    [&](std::uint64_t at) { return footprint_elements(network, at); }});
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

TEST_CASE("The largest batch that is offered fits, and one more does not") {
  constexpr std::uint64_t kCapacity = 4 << 20;
  const std::string message = complaint(4096, kCapacity);
  CHECK(message.starts_with("--batch: 4096 under fp32 needs "));
  CHECK(message.find("largest tensor: ") != std::string::npos);
  const std::string offer = "a batch of at most ";
  const std::size_t at = message.find(offer);
  REQUIRE(at != std::string::npos);
  const std::uint64_t batch = std::stoull(message.substr(at + offer.size()));
  CHECK(complaint(batch, kCapacity).empty());
  CHECK_FALSE(complaint(batch + 1, kCapacity).empty());
}

TEST_CASE("Where no batch fits, the message says so") {
  CHECK(complaint(4, 1000).find("as no batch fits") != std::string::npos);
}

TEST_CASE("Chips are counted by whole memories") {
  FootprintBytes bytes;
  bytes.weights = 1000;
  CHECK(chips_needed(bytes, 1000) == 1);
  CHECK(chips_needed(bytes, 999) == 2);
  CHECK(chips_needed(FootprintBytes{}, 10) == 1);
}

}  // namespace
}  // namespace lnsim::report
