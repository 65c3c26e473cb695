// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/workload/network.hpp"
#include "sim/workload/pass.hpp"

namespace lnsim::training {

/// A tensor that layers exchange, of a whole batch. Each execution of a repeated block has tensors of its own.
struct ModelTensor {
  std::string name;
  std::uint64_t elements = 0;
  std::size_t slot = 0;           ///< of its values
  std::size_t gradient_slot = 0;  ///< of the sum of its gradients, where there are several
};

enum class ParameterKind : std::uint8_t { kWeight, kBias, kScale, kShift, kRunningMean, kRunningVariance };

/// Numbers that a layer keeps from step to step. All but the running statistics are trained.
struct ModelParameter {
  std::string name;
  ParameterKind kind = ParameterKind::kWeight;
  std::uint64_t elements = 0;
  std::uint64_t fan_in = 1;       ///< weights: products per output
  std::size_t slot = 0;           ///< of its values
  std::size_t gradient_slot = 0;  ///< of its gradients

  [[nodiscard]] bool trained() const {
    return kind != ParameterKind::kRunningMean && kind != ParameterKind::kRunningVariance;
  }
  [[nodiscard]] Role role() const { return kind == ParameterKind::kWeight ? Role::kWeight : Role::kParameter; }
};

/// One execution of a layer.
struct ModelNode {
  std::string name;
  LayerOp op;
  std::vector<std::size_t> inputs;          ///< tensors
  std::vector<bool> wants_gradient;         ///< of which inputs gradients are computed
  std::vector<std::size_t> gradient_slots;  ///< of these gradients
  std::size_t output = 0;                   ///< tensor
  std::vector<std::size_t> parameters;      ///< in the order of parameters_of(op)
};

/// A network that can be trained: its layers in execution order, blocks written out as often as they are repeated.
struct Model {
  std::uint64_t batch = 1;
  std::vector<ModelTensor> tensors;  ///< the first is the network's input
  std::vector<ModelParameter> parameters;
  std::vector<ModelNode> nodes;
  std::vector<std::string> slots;  ///< name of each slot of Arithmetic

  [[nodiscard]] std::size_t output() const { return nodes.back().output; }
};

/// Throws InputError for what cannot be trained here: embeddings and tied weights (samples are numbers, not ids),
/// tensors from outside, a layer that is not reached from the input.
[[nodiscard]] Model build_model(const Network& network, std::uint64_t batch);

}  // namespace lnsim::training
