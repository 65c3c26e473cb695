// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/workload/layer_sizes.hpp"
#include "sim/workload/network.hpp"

namespace lnsim {

/// A tensor that layers exchange. The input of a block is a tensor of its own: in the first execution it is the block's
/// outer input, later the block's output.
struct GraphTensor {
  std::string name;                     ///< its producer's, "input", "<block>.input"
  std::uint64_t elements = 0;           ///< per sample; 0 until something reads or writes it
  std::optional<std::size_t> producer;  ///< node
  std::size_t gradients = 0;            ///< consumers that give it a gradient; n > 1 cost a gradient add
  bool needs_gradient = false;          ///< something that leads to it is trained
};

/// A layer with its connections resolved.
struct GraphNode {
  const Layer* layer = nullptr;
  std::string name;     ///< full name
  std::string pointer;  ///< in the file
  std::size_t entry = 0;
  LayerSizes sizes;
  std::vector<std::size_t> inputs;    ///< tensors
  std::vector<bool> input_gradients;  ///< which of them get a gradient
  std::size_t output = 0;
  bool table_tied = false;  ///< embedding: a linear layer shares the table
};

/// Nodes and tensors of a top-level entry.
struct GraphEntry {
  std::size_t first = 0;  ///< nodes first .. last - 1
  std::size_t last = 0;
  std::size_t outer_input = 0;             ///< blocks: tensor that the first execution reads
  std::optional<std::size_t> inner_input;  ///< blocks: its stand-in inside
  std::size_t output = 0;
};

struct Graph {
  std::vector<GraphTensor> tensors;
  std::vector<GraphNode> nodes;  ///< in execution order, each block once
  std::vector<GraphEntry> entries;
};

/// Resolves the names of a network. The result points into `network`, which must outlive it. Throws InputError with
/// every unknown or repeated name, wrong number of inputs, or size that differs between producer and consumer.
[[nodiscard]] Graph build_graph(const Network& network);

}  // namespace lnsim
