// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/support/json.hpp"
#include "sim/workload/layer.hpp"

namespace lnsim {

/// One layer. Inputs are names: of an earlier layer of the same list (at top level also of a block, meaning its
/// output), "previous" (the entry before; in the first place the list's input) or "input" (the network's input, inside
/// a block the block's), or "outside" (a tensor that no layer computes). An empty list stands for tensors from outside,
/// where a file does not tell how layers connect.
struct Layer {
  std::string name;
  std::vector<std::string> inputs{"previous"};
  /// Whether the gradients of the inputs are computed. Default: where a layer before can use them, that is, where
  /// something upstream is trained.
  std::optional<bool> input_gradient;
  LayerOp op;
};

/// An item of the top-level list: a layer, or a block of layers, executed `repeat` times one after the other with
/// weights of their own each time.
struct Entry {
  std::string name;
  std::uint64_t repeat = 1;
  bool block = false;
  std::vector<Layer> layers;  ///< one, named as the entry, if it is not a block
};

/// A network as a list of layers in execution order.
struct Network {
  std::string file;  ///< where it was read, for messages
  std::string name;
  std::string source;
  std::string family = "cnn";  ///< "cnn" or "transformer": which optimizer a scheme uses by default
  std::uint64_t batch = 1;     ///< samples of a micro-batch
  std::vector<Entry> entries;
  /// Layers that belong to the published network but are not executed, such as BERT's pooler when only the encoder is
  /// trained: their weights are stored and counted as parameters, nothing else.
  std::vector<Layer> head;
};

/// Reads and checks a workload file ("lnsim.workload/1"). Throws InputError with the JSON pointers of all wrong fields,
/// of names that lead nowhere, of layers whose input has another size than its producer's output, and of sizes that
/// exceed 64 bits.
[[nodiscard]] Network read_network(const Document& document);
/// The file that reads back as this network, with every default written out.
[[nodiscard]] Json write_network(const Network& network);
/// JSON Schema of workload files.
[[nodiscard]] Json network_schema();

/// The checks of read_network for a network that was built in memory, at its own batch.
void check_network(const Network& network);

/// Trainable elements, head included, tied weights once: weights, biases, scales and shifts.
[[nodiscard]] std::uint64_t parameter_count(const Network& network);
/// Useful MACs of the forward pass of `batch` samples, all repeats.
[[nodiscard]] std::uint64_t forward_macs(const Network& network, std::uint64_t batch);

/// "encoder.query": the name of a layer in passes and reports, with the name of its block before it.
[[nodiscard]] std::string full_name(const Entry& entry, const Layer& layer);

}  // namespace lnsim
