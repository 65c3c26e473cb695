// SPDX-License-Identifier: Apache-2.0
// Bad workload files: each is refused with the JSON pointer of what is wrong.
#include <catch2/catch.hpp>

#include "tests/unit/workload/networks.hpp"

namespace lnsim {
namespace {

using Catch::Contains;
using test::refusal;

std::string conv(const std::string& more) {
  return R"({"name": "c", "conv2d": {"in_channels": 4, "out_channels": 4, "height": 4, "width": 4)" + more + "}}";
}

}  // namespace

TEST_CASE("a good layer is accepted") { CHECK(refusal(conv(R"(, "kernel": [3])")).empty()); }

TEST_CASE("a kernel beyond the padded input is refused") {
  CHECK_THAT(refusal(conv(R"(, "kernel": [5])")), Contains("n.json: /layers/0/conv2d/kernel"));
  CHECK_THAT(refusal(conv(R"(, "kernel": [3], "dilation": [2])")), Contains("spans 5 positions"));
  CHECK(refusal(conv(R"(, "kernel": [3], "dilation": [2], "padding": [1])")).empty());
}

TEST_CASE("sizes of zero, negative ones and fractions are refused") {
  CHECK_THAT(refusal(conv(R"(, "kernel": [0])")), Contains("/layers/0/conv2d/kernel/0"));
  CHECK_THAT(refusal(conv(R"(, "kernel": [1], "stride": [0])")), Contains("/layers/0/conv2d/stride/0"));
  CHECK_THAT(refusal(conv(R"(, "kernel": [1], "padding": [-1])")), Contains("/layers/0/conv2d/padding/0"));
  CHECK_THAT(refusal(conv(R"(, "kernel": [1.5])")), Contains("/layers/0/conv2d/kernel/0"));
  CHECK_THAT(refusal(R"({"name": "r", "relu": {"shape": [4, 0]}})"), Contains("/layers/0/relu/shape/1"));
  CHECK_THAT(refusal(R"({"name": "r", "relu": {"shape": []}})"), Contains("/layers/0/relu/shape"));
}

TEST_CASE("channels that the groups do not divide are refused") {
  CHECK_THAT(refusal(conv(R"(, "kernel": [1], "groups": 3)")),
             Contains("/layers/0/conv2d/in_channels: 4, expected a multiple of the 3 groups"));
}

TEST_CASE("a padding of three values is refused") {
  CHECK_THAT(refusal(conv(R"(, "kernel": [1], "padding": [1, 1, 1])")), Contains("/layers/0/conv2d/padding"));
}

TEST_CASE("pooling windows that could lie in the padding alone are refused") {
  CHECK_THAT(
      refusal(R"({"name": "p", "max_pool": {"channels": 1, "height": 4, "width": 4, "kernel": [2], "padding": [2]}})"),
      Contains("/layers/0/max_pool/padding"));
}

TEST_CASE("unknown keys are refused with the nearest known one") {
  CHECK_THAT(refusal(conv(R"(, "kernel": [1], "strides": [1])")), Contains("strides") && Contains("\"stride\""));
  CHECK_THAT(refusal(R"({"name": "c", "conv2": {}})"), Contains("conv2"));
}

TEST_CASE("a layer has exactly one type or a block") {
  CHECK_THAT(refusal(R"({"name": "c"})"), Contains("/layers/0: 0 layer types and no block"));
  CHECK_THAT(refusal(R"({"name": "c", "relu": {"shape": [1]}, "gelu": {"shape": [1]}})"), Contains("2 layer types"));
  CHECK_THAT(refusal(R"({"name": "c", "relu": {"shape": [1]}, "block": [{"name": "d", "relu": {"shape": [1]}}]})"),
             Contains("and a block"));
}

TEST_CASE("a network without layers, name, family or the right schema is refused") {
  CHECK_THAT(refusal(""), Contains("/layers"));
  const auto read = [](const std::string& text) { return read_network(parse_json(text, "n.json")); };
  CHECK_THROWS_WITH(read("{}"), Contains("schema") && Contains("name") && Contains("family") && Contains("layers"));
  CHECK_THROWS_WITH(read(R"({"schema": "lnsim.scheme/1", "name": "n", "family": "cnn", "layers": []})"),
                    Contains("lnsim.workload/1"));
  CHECK_THROWS_AS(read("[]"), InputError);
}

TEST_CASE("names that are used twice or reserved are refused") {
  const std::string relu = R"("relu": {"shape": [4]}})";
  CHECK_THAT(refusal(R"({"name": "r", )" + relu + R"(, {"name": "r", )" + relu), Contains("/layers/1/name"));
  CHECK_THAT(refusal(R"({"name": "input", )" + relu), Contains("/layers/0/name"));
  CHECK_THAT(refusal(R"({"name": "previous", )" + relu), Contains("/layers/0/name"));
}

TEST_CASE("control characters in a name are accepted, and escaped where a message shows them") {
  const std::string layer = R"({"name": "a\u001b[31m", "relu": {"shape": [4]}})";
  CHECK(refusal(layer).empty());
  CHECK_THAT(refusal(layer + "," + layer), Contains("\\x1b") && !Contains("\x1b"));
}

TEST_CASE("inputs must be earlier layers of the same list") {
  CHECK_THAT(
      refusal(R"({"name": "conv", "relu": {"shape": [4]}}, {"name": "r", "inputs": ["conw"], "relu": {"shape": [4]}})"),
      Contains("/layers/1/inputs/0: \"conw\", expected \"conv\""));
  CHECK_THAT(
      refusal(R"({"name": "a", "inputs": ["b"], "relu": {"shape": [4]}}, {"name": "b", "relu": {"shape": [4]}})"),
      Contains("/layers/0/inputs/0"));
  CHECK_THAT(refusal(R"({"name": "a", "relu": {"shape": [4]}},
                        {"name": "b", "block": [{"name": "c", "inputs": ["a"], "relu": {"shape": [4]}}]})"),
             Contains("/layers/1/block/0/inputs/0"));
}

TEST_CASE("a layer has the number of inputs of its type") {
  CHECK_THAT(refusal(R"({"name": "a", "add": {"shape": [4]}})"), Contains("/layers/0/inputs: 1 inputs, expected 2"));
  CHECK_THAT(refusal(R"({"name": "a", "inputs": ["input", "input"], "relu": {"shape": [4]}})"), Contains("expected 1"));
  CHECK_THAT(refusal(R"({"name": "a", "inputs": ["input"], "embedding": {"vocabulary": 2, "width": 2, "tokens": 2}})"),
             Contains("expected 0"));
}

TEST_CASE("an input of another size than its producer's output is refused") {
  CHECK_THAT(refusal(R"({"name": "a", "relu": {"shape": [4]}}, {"name": "b", "relu": {"shape": [5]}})"),
             Contains("/layers/1: input 0 of 5 elements, expected 4, the size of \"a\""));
}

TEST_CASE("layers from a file without connections take tensors from outside") {
  CHECK(
      refusal(R"({"name": "a", "relu": {"shape": [4]}}, {"name": "b", "inputs": [], "relu": {"shape": [5]}})").empty());
}

TEST_CASE("only an entry whose output is its next input repeats") {
  CHECK_THAT(refusal(R"({"name": "a", "repeat": 2, "linear": {"in_features": 4, "out_features": 5}})"),
             Contains("/layers/0/repeat"));
  CHECK_THAT(
      refusal(
          R"({"name": "b", "repeat": 2, "block": [{"name": "a", "linear": {"in_features": 4, "out_features": 5}}]})"),
      Contains("/layers/0/repeat"));
  CHECK(refusal(R"({"name": "a", "repeat": 2, "linear": {"in_features": 4, "out_features": 4}})").empty());
}

TEST_CASE("a tied layer names an embedding of its own shape") {
  const std::string table = R"({"name": "e", "embedding": {"vocabulary": 10, "width": 8, "tokens": 1}},)";
  const auto tied = [&](const std::string& out, const std::string& to) {
    return table + R"({"name": "l", "linear": {"in_features": 8, "out_features": )" + out + R"(, "tied_to": ")" + to +
           "\"}}";
  };
  CHECK(refusal(tied("10", "e")).empty());
  CHECK_THAT(refusal(tied("11", "e")), Contains("/layers/1/linear/tied_to"));
  CHECK_THAT(refusal(tied("10", "f")), Contains("/layers/1/linear/tied_to"));
}

TEST_CASE("sizes that overflow 64 bits are refused, not wrapped") {
  CHECK_THAT(refusal(R"({"name": "r", "relu": {"shape": [2147483647, 2147483647, 2147483647]}})"),
             Contains("/layers/0"));
  CHECK_THAT(refusal(R"({"name": "r", "relu": {"shape": [2147483647, 2147483647]}})"), Contains("/layers/0"));
  CHECK_THAT(refusal(R"({"name": "r", "relu": {"shape": [2147483647, 2147483647, 4, 1]}})"), Contains("/layers/0"));
  CHECK_THAT(
      refusal(R"({"name": "l", "linear": {"in_features": 2147483647, "out_features": 33554432, "rows": 33554432}})"),
      Contains("/layers/0"));
  CHECK_THAT(
      refusal(
          R"({"name": "b", "repeat": 2, "block": [{"name": "r", "relu": {"shape": [2147483647, 2147483647, 2147483647]}}]})"),
      Contains("/layers/0/block/0"));
}

TEST_CASE("tensors that fit alone but not together are refused") {
  const std::string relu = R"({"name": "r", "repeat": 1000000, "relu": {"shape": [2147483647, 4194304]}})";
  CHECK_THAT(refusal(relu), Contains("/layers: totals beyond 64 bits at batch 2"));
}

TEST_CASE("all problems of a file are reported at once") {
  const std::string message =
      refusal(R"({"name": "a", "relu": {"shape": [4]}, "repat": 2}, {"name": "b", "relu": {"shape": [0]}})");
  CHECK_THAT(message, Contains("repat") && Contains("/layers/1/relu/shape/0"));
}

TEST_CASE("head layers count as parameters and are not executed") {
  const std::string head =
      R"("head": [{"name": "pooler", "linear": {"in_features": 8, "out_features": 8, "bias": true}}], )";
  const Network network = test::network_of(R"({"name": "r", "relu": {"shape": [8]}})", head);
  CHECK(parameter_count(network) == 72);
  CHECK(lower(network).size() == 1);
}

TEST_CASE("the schema names every layer type") {
  const std::string schema = dump_json(network_schema());
  for (const char* type : {"conv2d", "linear", "matmul", "embedding", "batch_norm", "layer_norm", "softmax", "relu",
                           "gelu", "max_pool", "avg_pool", "add"}) {
    CHECK_THAT(schema, Contains("\"" + std::string(type) + "\""));
  }
}

}  // namespace lnsim
