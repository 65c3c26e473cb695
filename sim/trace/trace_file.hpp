// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/arch/accelerator.hpp"
#include "sim/arch/scheme.hpp"
#include "sim/support/json.hpp"
#include "sim/trace/trace.hpp"

namespace lnsim {

/// A tensor by name, for messages: elements of one copy.
struct NamedTensor {
  std::string name;
  std::string role;  ///< as role_name(): "activation", "gradient", "weight", ...
  std::uint64_t elements = 0;
};

/// What a training step keeps in DRAM, in elements (see MemoryFootprint); the scheme turns it into bytes.
struct FootprintElements {
  std::uint64_t parameter_count = 0;     ///< trainable elements of the network, head included
  std::uint64_t weights = 0;             ///< trained, in the weight format
  std::uint64_t parameters = 0;          ///< trained FP32 biases, scales and shifts
  std::uint64_t running_statistics = 0;  ///< FP32
  std::uint64_t head_weights = 0;        ///< stored, not trained
  std::uint64_t head_parameters = 0;
  std::uint64_t saved_activations = 0;  ///< kept for the backward pass, in the activation format
  std::uint64_t saved_parameters = 0;   ///< FP32 statistics
  std::uint64_t saved_bits = 0;         ///< masks and indices
  std::uint64_t peak_gradients = 0;     ///< most gradients of activations at one time
  NamedTensor largest_saved, largest_gradient, largest_weight;
};

/// What was simulated: the entries of one training iteration on one machine under one scheme, and all that is needed to
/// price them. trace.json ("lnsim.trace/1").
struct Trace {
  std::string version;  ///< of the program
  std::string engine;
  std::string workload;  ///< name of the network
  std::string family;
  Json network;  ///< the resolved workload file
  Accelerator accelerator;
  Scheme scheme;
  Json mapping;  ///< the mapping file, or null for the heuristic
  std::uint64_t clock_hz = 0;
  std::uint64_t batch = 1;
  std::uint64_t micro_batches = 1;
  std::vector<std::string> passes;  ///< that were simulated
  std::vector<std::string> layers;  ///< names or patterns; empty: all
  bool data = false;                ///< real codes were moved and checked
  std::uint64_t seed = 0;           ///< of the synthetic operands
  FootprintElements footprint;
  std::vector<TraceEntry> entries;
};

[[nodiscard]] Json write_trace(const Trace& trace);
/// Throws InputError for a file that is not a sound trace.
[[nodiscard]] Trace read_trace(Document document);
/// The same from a file, an entry at a time: the whole of it never lies in memory.
[[nodiscard]] Trace read_trace_file(const std::filesystem::path& path);
/// JSON Schema of trace files.
[[nodiscard]] Json trace_schema();
/// The resolved inputs of a trace, as it and reports carry them under "config".
[[nodiscard]] Json write_trace_config(const Trace& trace);

}  // namespace lnsim
