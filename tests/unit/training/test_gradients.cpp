// SPDX-License-Identifier: Apache-2.0
// Gradients of every layer in binary64 against central differences of the loss L = sum of outputs times fixed numbers.
#include <catch2/catch.hpp>
#include <cmath>

#include "sim/training/exact.hpp"
#include "tests/unit/training/training_support.hpp"

using namespace lnsim;
using namespace lnsim::training;
using lnsim::training::test::network_of;
using lnsim::training::test::normal_numbers;

namespace {

/// A network in binary64 with random parameters.
class ExactRun {
 public:
  explicit ExactRun(const Network& network, std::uint64_t batch = 2)
      : model_(build_model(network, batch)), workers_(2), arithmetic_(model_.slots, workers_) {
    for (std::size_t i = 0; i < model_.parameters.size(); ++i) {
      parameters_.push_back({normal_numbers(model_.parameters[i].elements, 100 + i), {}});
      if (model_.parameters[i].kind == ParameterKind::kRunningVariance) {
        for (double& x : parameters_.back().real) x = 1.0 + x * x;
      }
    }
    run_.emplace(model_, arithmetic_, workers_, parameters_);
    samples_ = normal_numbers(model_.tensors.front().elements, 7);
    weights_ = normal_numbers(model_.tensors[model_.output()].elements, 8);
  }

  double loss() {
    const Values& outputs = run_->forward(samples_, true);
    double sum = 0.0;
    for (std::size_t i = 0; i < weights_.size(); ++i) sum += outputs.real[i] * weights_[i];
    return sum;
  }

  /// Largest difference between gradient and central difference over all trained numbers, relative to the largest
  /// gradient of the parameter.
  double worst_error() {
    (void)loss();
    run_->backward(weights_);
    std::vector<std::vector<double>> gradients;
    for (std::size_t i = 0; i < model_.parameters.size(); ++i) gradients.push_back(run_->gradient(i));
    double worst = 0.0;
    for (std::size_t i = 0; i < model_.parameters.size(); ++i) {
      if (!model_.parameters[i].trained()) continue;
      double largest = 1e-3;
      for (const double g : gradients[i]) largest = std::max(largest, std::fabs(g));
      for (std::size_t j = 0; j < gradients[i].size(); ++j) {
        worst = std::max(worst, std::fabs(gradients[i][j] - difference(parameters_[i].real[j])) / largest);
      }
    }
    return worst;
  }

 private:
  /// The slope by four points: its error is of the fourth order in the step.
  double difference(double& number) {
    constexpr double kStep = 1e-4;
    const double was = number;
    const auto loss_at = [&](double steps) {
      number = was + steps * kStep;
      return loss();
    };
    const double slope = (loss_at(-2) - 8 * loss_at(-1) + 8 * loss_at(1) - loss_at(2)) / (12.0 * kStep);
    number = was;
    return slope;
  }

  Model model_;
  Workers workers_;
  Exact arithmetic_;
  std::vector<Values> parameters_;
  std::optional<NetworkRun> run_;
  std::vector<double> samples_, weights_;
};

double worst_error(const std::string& layers) { return ExactRun(network_of(layers)).worst_error(); }

constexpr double kSmall = 1e-6;  // differences of exponentials that are good to 1e-13

// A linear layer before the one that is checked: its weight gradient needs the checked layer's input gradient.
const std::string kFirst = R"({"name": "first", "linear": {"in_features": 6, "out_features": 16, "bias": true}},)";

}  // namespace

TEST_CASE("gradients of a linear layer are its differences", "[training]") {
  CHECK(worst_error(kFirst + R"({"name": "x", "linear": {"in_features": 16, "out_features": 5, "bias": true}})") <
        kSmall);
}

TEST_CASE("gradients of a linear layer with rows are its differences", "[training]") {
  CHECK(worst_error(kFirst + R"({"name": "x", "linear": {"in_features": 4, "out_features": 3, "rows": 4}})") < kSmall);
}

TEST_CASE("gradients of convolutions are their differences", "[training]") {
  const std::string shape = R"("in_channels": 4, "out_channels": 6, "height": 5, "width": 4)";
  const std::string first =
      R"({"name": "first", "conv2d": {"in_channels": 2, "out_channels": 4, "height": 5, "width": 4, "kernel": [1], "bias": true}},)";
  for (const std::string rest :
       {R"("kernel": [3], "padding": [1], "bias": true)", R"("kernel": [3, 2], "stride": [2, 1])",
        R"("kernel": [2], "dilation": [2], "padding": [1])", R"("kernel": [3], "padding": [1], "groups": 2)",
        R"("kernel": [1], "stride": [2])"}) {
    INFO(rest);
    CHECK(worst_error(first + R"({"name": "x", "conv2d": {)" + shape + ", " + rest + "}}") < kSmall);
  }
}

TEST_CASE("gradients of activations are their differences", "[training]") {
  for (const std::string op : {"relu", "gelu"}) {
    INFO(op);
    CHECK(worst_error(kFirst + R"({"name": "x", ")" + op + R"(": {"shape": [16]}})") < kSmall);
  }
}

TEST_CASE("gradients of softmax are its differences", "[training]") {
  CHECK(worst_error(kFirst + R"({"name": "x", "softmax": {"width": 4, "rows": 4}})") < kSmall);
}

TEST_CASE("gradients of layer_norm are its differences", "[training]") {
  CHECK(worst_error(kFirst + R"({"name": "x", "layer_norm": {"width": 8, "rows": 2}})") < kSmall);
}

TEST_CASE("gradients of batch_norm are its differences", "[training]") {
  CHECK(worst_error(kFirst + R"({"name": "x", "batch_norm": {"channels": 4, "height": 2, "width": 2}})") < kSmall);
}

TEST_CASE("gradients of pooling are its differences", "[training]") {
  for (const std::string op : {"max_pool", "avg_pool"}) {
    INFO(op);
    CHECK(worst_error(kFirst + R"({"name": "x", ")" + op +
                      R"(": {"channels": 1, "height": 4, "width": 4, "kernel": [3], "stride": [2], "padding": [1]}})") <
          kSmall);
  }
}

TEST_CASE("gradients of matmuls are their differences", "[training]") {
  const std::string branches =
      R"({"name": "left", "inputs": ["first"], "linear": {"in_features": 16, "out_features": 24}},
         {"name": "right", "inputs": ["first"], "linear": {"in_features": 16, "out_features": 24}},)";
  for (const std::string rest :
       {R"("count": 1, "m": 4, "n": 4, "k": 6)", R"("count": 2, "m": 3, "n": 3, "k": 4, "transpose_b": true)",
        R"("count": 2, "m": 3, "n": 3, "k": 4, "transpose_a": true, "a_layout": "batch_inside")",
        R"("count": 2, "m": 3, "n": 3, "k": 4, "b_layout": "batch_inside", "out_layout": "batch_inside")"}) {
    INFO(rest);
    CHECK(worst_error(kFirst + branches + R"({"name": "x", "inputs": ["left", "right"], "matmul": {)" + rest + "}}") <
          kSmall);
  }
}

TEST_CASE("gradients of a tensor with several consumers are summed", "[training]") {
  CHECK(worst_error(kFirst + R"({"name": "relu", "relu": {"shape": [16]}},
                                {"name": "branch", "linear": {"in_features": 16, "out_features": 16}},
                                {"name": "sum", "inputs": ["previous", "relu"], "add": {"shape": [16]}},
                                {"name": "twice", "inputs": ["sum", "relu"], "add": {"shape": [16]}})") < kSmall);
}

TEST_CASE("gradients pass through repeated blocks", "[training]") {
  CHECK(worst_error(kFirst + R"({"name": "block", "repeat": 3, "block": [
                                  {"name": "fc", "inputs": ["input"], "linear": {"in_features": 16, "out_features": 16}},
                                  {"name": "gelu", "gelu": {"shape": [16]}},
                                  {"name": "add", "inputs": ["previous", "input"], "add": {"shape": [16]}}]},
                                {"name": "chain", "repeat": 2, "linear": {"in_features": 16, "out_features": 16}})") <
        kSmall);
}

TEST_CASE("gradients of a block of attention are their differences", "[training]") {
  CHECK(ExactRun(network_of(R"({"name": "embed", "linear": {"in_features": 4, "out_features": 8, "rows": 3}},
    {"name": "encoder", "block": [
      {"name": "norm1", "inputs": ["input"], "layer_norm": {"width": 8, "rows": 3}},
      {"name": "query", "inputs": ["norm1"], "linear": {"in_features": 8, "out_features": 8, "rows": 3, "bias": true}},
      {"name": "key", "inputs": ["norm1"], "linear": {"in_features": 8, "out_features": 8, "rows": 3, "bias": true}},
      {"name": "value", "inputs": ["norm1"], "linear": {"in_features": 8, "out_features": 8, "rows": 3, "bias": true}},
      {"name": "scores", "inputs": ["query", "key"], "matmul": {"count": 2, "m": 3, "n": 3, "k": 4, "transpose_b": true,
        "a_layout": "batch_inside", "b_layout": "batch_inside"}},
      {"name": "softmax", "softmax": {"width": 3, "rows": 6}},
      {"name": "context", "inputs": ["previous", "value"], "matmul": {"count": 2, "m": 3, "n": 4, "k": 3,
        "b_layout": "batch_inside", "out_layout": "batch_inside"}},
      {"name": "output", "linear": {"in_features": 8, "out_features": 8, "rows": 3}},
      {"name": "add", "inputs": ["previous", "input"], "add": {"shape": [3, 8]}}]},
    {"name": "fc", "linear": {"in_features": 24, "out_features": 4, "bias": true}})",
                            "transformer"))
            .worst_error() < kSmall);
}
