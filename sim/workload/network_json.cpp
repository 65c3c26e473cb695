// SPDX-License-Identifier: Apache-2.0
// The JSON form of a network: fields as a file has them, and their translation to and from Network.
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/workload/layer_describe.hpp"
#include "sim/workload/network.hpp"

namespace lnsim {
namespace {

enum class Family : std::uint8_t { kCnn, kTransformer };
constexpr std::array<std::pair<std::string_view, Family>, 2> kFamilies = {
    {{"cnn", Family::kCnn}, {"transformer", Family::kTransformer}}};

constexpr double kMostLayers = 100000;
constexpr double kMostRepeats = 1000000;

/// A layer is an object with one member per layer type, of which exactly one is there.
struct LayerFields {
  std::string name;
  std::vector<std::string> inputs{"previous"};
  std::optional<bool> input_gradient;
  std::optional<Conv2d> conv2d;
  std::optional<Linear> linear;
  std::optional<Matmul> matmul;
  std::optional<Embedding> embedding;
  std::optional<BatchNorm> batch_norm;
  std::optional<LayerNorm> layer_norm;
  std::optional<Softmax> softmax;
  std::optional<Relu> relu;
  std::optional<Gelu> gelu;
  std::optional<MaxPool> max_pool;
  std::optional<AvgPool> avg_pool;
  std::optional<Add> add;
  std::optional<ConvTranspose2d> conv_transpose2d;
  std::optional<Unary> unary;
  std::optional<Binary> binary;
  std::optional<Affine> affine;
  std::optional<Move> move;
  std::optional<Reduce> reduce;
};

struct EntryFields : LayerFields {
  std::uint64_t repeat = 1;
  std::vector<LayerFields> block;
};

struct NetworkFields {
  std::string name;
  std::string source;
  Family family = Family::kCnn;
  std::uint64_t batch = 1;
  std::vector<EntryFields> layers;
  std::vector<LayerFields> head;
};

/// Calls visit(name, optional operation, text) for every layer type.
template <class Fields, class Visit>
void each_operation(Fields& f, Visit visit) {
  visit("conv2d", f.conv2d, "convolution, NHWC activations and K R S C weights");
  visit("linear", f.linear, "fully connected layer");
  visit("matmul", f.matmul, "batched product of two activations");
  visit("embedding", f.embedding, "table look-up");
  visit("batch_norm", f.batch_norm, "normalisation per channel over the batch");
  visit("layer_norm", f.layer_norm, "normalisation of each row");
  visit("softmax", f.softmax, "softmax of each row");
  visit("relu", f.relu, "maximum of 0 and x");
  visit("gelu", f.gelu, "Gaussian error linear unit, tanh form");
  visit("max_pool", f.max_pool, "maximum over windows");
  visit("avg_pool", f.avg_pool, "mean over windows");
  visit("add", f.add, "sum of two tensors");
  visit("conv_transpose2d", f.conv_transpose2d, "transposed convolution: the input gradient of one, run forward");
  visit("unary", f.unary, "a function of each element");
  visit("binary", f.binary, "a function of the elements of two tensors, the second perhaps broadcast");
  visit("affine", f.affine, "trained scale and shift that are broadcast");
  visit("move", f.move, "elements from one place to another");
  visit("reduce", f.reduce, "sum, mean or maximum of several elements");
}

template <class V>
void describe(LayerFields& f, V& v) {
  v.field("name", f.name, {.min = 1, .max = 256, .required = true}, "unique name, as reports show it");
  v.values("inputs", f.inputs, {.max_items = limits::kMostInputs},
           "earlier layers or blocks of the same list, \"previous\", \"input\" or \"outside\" (a tensor from "
           "outside); [] for all from outside");
  v.field("input_gradient", f.input_gradient,
          "whether input gradients are computed; default: where something upstream is trained");
  each_operation(f, [&](std::string_view name, auto& op, std::string_view text) { v.object(name, op, text); });
}

template <class V>
void describe(EntryFields& f, V& v) {
  describe(static_cast<LayerFields&>(f), v);
  v.field("repeat", f.repeat, {.min = 1, .max = kMostRepeats}, "executions in a row, each with weights of its own");
  v.list("block", f.block, {.max = kMostLayers}, "layers of a block, in place of a layer type");
}

template <class V>
void describe(NetworkFields& f, V& v) {
  v.tag("schema", "lnsim.workload/1", "kind of file");
  v.field("name", f.name, {.min = 1, .max = 256, .required = true}, "name of the network");
  v.field("source", f.source, "where the layers come from");
  v.choice("family", f.family, kFamilies, {.required = true}, "which optimizer a scheme uses by default");
  v.field("batch", f.batch, {.min = 1, .max = limits::kSize, .unit = "samples"}, "samples of a micro-batch");
  v.list("layers", f.layers, {.min = 1, .max = kMostLayers, .required = true}, "layers and blocks in execution order");
  v.list("head", f.head, {.max = kMostLayers}, "layers that are stored and counted as parameters, but not executed");
}

std::size_t operations(const LayerFields& f) {
  std::size_t count = 0;
  each_operation(f, [&](const char*, const auto& op, const char*) { count += op ? 1 : 0; });
  return count;
}

std::string count_text(std::size_t count) { return std::to_string(count) + " layer types"; }

void check(const LayerFields& f, Problems& problems) {
  if (operations(f) == 1) return;
  problems.add("", count_text(operations(f)), "one layer type, such as \"conv2d\": {...}");
}

void check(const EntryFields& f, Problems& problems) {
  const std::size_t count = operations(f) + (f.block.empty() ? 0 : 1);
  if (count == 1) return;
  problems.add("", count_text(operations(f)) + (f.block.empty() ? " and no block" : " and a block"),
               "one layer type, such as \"conv2d\": {...}, or a \"block\" of layers");
}

Layer layer_of(LayerFields&& f) {
  Layer layer;
  each_operation(f, [&](const char*, auto& op, const char*) {
    if (op) layer.op = std::move(*op);
  });
  layer.name = std::move(f.name);
  layer.inputs = std::move(f.inputs);
  layer.input_gradient = f.input_gradient;
  return layer;
}

Entry entry_of(EntryFields&& f) {
  Entry entry;
  entry.name = f.name;
  entry.repeat = f.repeat;
  entry.block = !f.block.empty();
  if (!entry.block) {
    entry.layers.push_back(layer_of(std::move(f)));
    return entry;
  }
  for (LayerFields& layer : f.block) entry.layers.push_back(layer_of(std::move(layer)));
  return entry;
}

template <class Fields>
void fill_fields(const Layer& layer, Fields& f) {
  f.name = layer.name;
  f.inputs = layer.inputs;
  f.input_gradient = layer.input_gradient;
  std::visit(
      [&]<class Op>(const Op& op) {
        each_operation(f, [&](const char*, auto& target, const char*) {
          if constexpr (std::is_same_v<std::decay_t<decltype(target)>, std::optional<Op>>) target = op;
        });
      },
      layer.op);
}

EntryFields fields_of(const Entry& entry) {
  EntryFields f;
  if (entry.block) {
    f.name = entry.name;
    for (const Layer& layer : entry.layers) fill_fields(layer, f.block.emplace_back());
  } else {
    fill_fields(entry.layers.front(), f);
  }
  f.repeat = entry.repeat;
  return f;
}

}  // namespace

Network read_network(const Document& document) {
  NetworkFields fields = read_object<NetworkFields>(document);
  Network network;
  network.file = document.file;
  network.name = std::move(fields.name);
  network.source = std::move(fields.source);
  network.family = std::string(detail::name_of(fields.family, kFamilies));
  network.batch = fields.batch;
  for (EntryFields& entry : fields.layers) network.entries.push_back(entry_of(std::move(entry)));
  for (LayerFields& layer : fields.head) network.head.push_back(layer_of(std::move(layer)));
  check_network(network);
  return network;
}

Json write_network(const Network& network) {
  NetworkFields fields;
  fields.name = network.name;
  fields.source = network.source;
  fields.family = network.family == "transformer" ? Family::kTransformer : Family::kCnn;
  fields.batch = network.batch;
  for (const Entry& entry : network.entries) fields.layers.push_back(fields_of(entry));
  for (const Layer& layer : network.head) fill_fields(layer, fields.head.emplace_back());
  Json json = write_object(fields);
  for (Json& entry : json["layers"]) {
    if (entry["block"].empty()) entry.erase("block");
  }
  return json;
}

Json network_schema() { return schema_of<NetworkFields>("lnsim workload"); }

}  // namespace lnsim
