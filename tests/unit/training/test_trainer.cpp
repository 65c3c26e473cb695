// SPDX-License-Identifier: Apache-2.0
#include "sim/training/trainer.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "sim/support/error.hpp"
#include "tests/unit/training/training_support.hpp"

using namespace lnsim;
using namespace lnsim::training;
using Catch::Contains;
using lnsim::training::test::network_of;
using lnsim::training::test::shipped_scheme;

namespace {

// Every kind of layer that keeps a state, small.
const char* const kLayers =
    R"({"name": "conv", "conv2d": {"in_channels": 1, "out_channels": 4, "height": 8, "width": 8, "kernel": [3], "stride": [2], "padding": [1]}},
       {"name": "bn", "batch_norm": {"channels": 4, "height": 4, "width": 4}},
       {"name": "relu", "relu": {"shape": [4, 4, 4]}},
       {"name": "norm", "layer_norm": {"width": 64, "rows": 1}},
       {"name": "fc", "linear": {"in_features": 64, "out_features": 10, "bias": true}})";

const Dataset& synthetic() {
  static const Dataset dataset = make_synthetic({});
  return dataset;
}

struct Run {
  explicit Run(const std::string& scheme_name, std::uint64_t threads = 1, std::uint64_t epochs = 2)
      : network(network_of(kLayers)), scheme(shipped_scheme(scheme_name)), workers(threads) {
    settings.epochs = epochs;
    settings.batch = 64;
    settings.learning_rate = usual_learning_rate(scheme.optimizer("cnn"));
    settings.vector_size = 16;
    make();
  }
  void make() { trainer.emplace(network, synthetic(), scheme, settings, workers); }
  void steps(std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) trainer->step();
  }
  void finish() {
    while (!trainer->finished()) trainer->step();
  }
  Network network;
  Scheme scheme;
  TrainingSettings settings;
  Workers workers;
  std::optional<Trainer> trainer;
};

}  // namespace

TEST_CASE("training learns the synthetic task under every scheme", "[training]") {
  for (const char* name : {"lns8", "fp8", "int8", "bf16", "mxfp8", "mxfp4", "mxint8", "nvfp4", "block_lns6"}) {
    Run run(name, 2, 10);
    run.finish();
    INFO(name);
    REQUIRE(run.trainer->records().size() == 10);
    CHECK(run.trainer->records().back().test_accuracy > 0.8);
    CHECK(run.trainer->records().back().train_loss < 0.5 * run.trainer->records().front().train_loss);
  }
}

TEST_CASE("a run is the same for any number of threads", "[training]") {
  for (const char* name : {"lns8", "fp8", "nvfp4", "block_lns6"}) {
    Run one(name, 1);
    Run three(name, 3);
    one.finish();
    three.finish();
    CHECK(one.trainer->records() == three.trainer->records());
    CHECK(one.trainer->save() == three.trainer->save());
  }
}

TEST_CASE("a run that goes on from a checkpoint is the uninterrupted one", "[training]") {
  for (const char* name : {"lns8", "fp8", "fp32_madam", "mxfp6", "block_lns6"}) {
    Run whole(name);
    whole.finish();
    for (const std::uint64_t at : {1U, 15U, 16U, 17U, 31U}) {  // 16 steps are an epoch
      INFO(name << " at step " << at);
      Run first(name);
      first.steps(at);
      Run second(name);
      second.trainer->load(first.trainer->save());
      CHECK(second.trainer->steps() == at);
      second.finish();
      CHECK(second.trainer->records() == whole.trainer->records());
      CHECK(second.trainer->save() == whole.trainer->save());
    }
  }
}

TEST_CASE("a state that is cut, too long or of another run is refused", "[training]") {
  Run run("lns8");
  run.steps(17);
  const std::string state = run.trainer->save();
  Run other("lns8");
  for (const std::size_t length : {std::size_t{0}, std::size_t{7}, state.size() / 3, state.size() - 1}) {
    CHECK_THROWS_AS(other.trainer->load(state.substr(0, length)), BytesError);
  }
  CHECK_THROWS_AS(other.trainer->load(state + "x"), BytesError);
  Run fp8("fp8");
  CHECK_THROWS_AS(fp8.trainer->load(state), BytesError);
}

TEST_CASE("seeds make runs of their own", "[training]") {
  Run one("fp8");
  Run other("fp8");
  other.settings.seed = 2;
  other.make();
  one.steps(1);
  other.steps(1);
  CHECK(one.trainer->save() != other.trainer->save());
}

TEST_CASE("a run that diverges says at which step and tensor", "[training]") {
  Run run("fp32");
  run.settings.learning_rate = 1e38;
  run.make();
  CHECK_THROWS_WITH(run.finish(), Contains("step ") && Contains("not finite"));
}

TEST_CASE("a loss scale that is a power of two changes nothing that does not underflow", "[training]") {
  Run one("fp32");
  Run scaled("fp32");
  scaled.settings.loss_scale = 256.0;
  scaled.make();
  one.finish();
  scaled.finish();
  CHECK(one.trainer->records().back().test_accuracy ==
        Approx(scaled.trainer->records().back().test_accuracy).margin(0.02));
}

TEST_CASE("network and data must fit", "[training]") {
  const Scheme scheme = shipped_scheme("fp8");
  Workers workers(1);
  TrainingSettings settings;
  settings.learning_rate = 0.1;
  const auto complaint = [&](const std::string& layers) {
    const Network network = network_of(layers);
    try {
      const Trainer trainer(network, synthetic(), scheme, settings, workers);
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  CHECK_THAT(complaint(R"({"name": "a", "linear": {"in_features": 63, "out_features": 10}})"),
             Contains("63 input elements, expected 64"));
  CHECK_THAT(complaint(R"({"name": "a", "linear": {"in_features": 64, "out_features": 9}})"),
             Contains("9 outputs, expected one for each of 10"));
  settings.batch = 2000;
  CHECK_THAT(complaint(R"({"name": "a", "linear": {"in_features": 64, "out_features": 10}})"),
             Contains("at most the 1024 training samples"));
}

TEST_CASE("each epoch draws every sample once, in an order of its own", "[training]") {
  const std::vector<std::uint32_t> first = epoch_order(1, 0, 1000);
  CHECK(first != epoch_order(1, 1, 1000));
  CHECK(first != epoch_order(2, 0, 1000));
  CHECK(first == epoch_order(1, 0, 1000));
  std::vector<std::uint32_t> sorted = first;
  std::sort(sorted.begin(), sorted.end());
  for (std::uint32_t i = 0; i < sorted.size(); ++i) CHECK(sorted[i] == i);
  CHECK(epoch_order(1, 0, 0).empty());
}
