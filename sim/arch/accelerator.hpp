// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sim/arch/dram_params.hpp"
#include "sim/support/json.hpp"

namespace lnsim {

/// One processing element (PE): an output-stationary, local-A-stationary vector-MAC array. Depths of pipelines in
/// cycles.
struct PeParams {
  std::uint64_t lanes = 32;                   ///< L: vector MACs working side by side
  std::uint64_t vector_size = 32;             ///< V: elements per lane and cycle
  std::uint64_t hold_rows = 16;               ///< T: rows (B vectors) per held A vector
  std::uint64_t a_port_vectors = 2;           ///< lane vectors per cycle from buffer A
  std::uint64_t buffer_a_bytes = 128 * 1024;  ///< circular
  std::uint64_t buffer_b_bytes = 8 * 1024;    ///< circular
  std::uint64_t datapath_cycles = 4;          ///< operand register to collector: multiply, align, tree, convert
  std::uint64_t accumulate_cycles_fixed = 1;  ///< accumulate latency of integer accumulators
  std::uint64_t accumulate_cycles_float = 3;  ///< accumulate latency of floating-point accumulators
  std::uint64_t ppu_width = 32;               ///< outputs per cycle
  std::uint64_t ppu_cycles = 6;               ///< collector to network: scale, normalise, log table, clip
  std::uint64_t statistics_channels = 2048;   ///< channels whose sum and square sum the PPU can hold; 0: none
};

struct PeArrayParams {
  std::uint64_t rows = 1;     ///< PEs that split M; a row shares nothing, a column shares B
  std::uint64_t columns = 1;  ///< PEs that split N; PEs of one row receive the same A words
};

/// On-chip memory behind all streams. Each stream has a port and banks of its own; words are never arbitrated.
struct GlobalBufferParams {
  std::uint64_t bytes = 2 * 1024 * 1024;
  std::uint64_t banks = 8;
  std::uint64_t word_bytes = 128;  ///< bytes per port and cycle, every stream
  std::uint64_t read_cycles = 2;   ///< address to word
};

struct NetworkParams {
  std::uint64_t link_bytes = 128;  ///< bytes per cycle of each stream's link
  std::uint64_t hop_cycles = 1;    ///< cycles per hop
};

struct TransposerParams {
  std::uint64_t bytes_per_cycle = 128;  ///< in and out, each of the two transposers (streams A and B)
};

/// Vector unit and weight-update unit: elements per cycle, pipeline depth.
struct StreamUnitParams {
  std::uint64_t width = 32;
  std::uint64_t pipeline_cycles = 8;
};

struct DmaParams {
  std::uint64_t request_cycles = 4;  ///< from a claimed tile to its first burst request
};

struct ControllerParams {
  std::uint64_t start_cycles = 8;  ///< start of a pass: configuration registers to the first request
};

/// The machine. A scheme replaces formats, dot-product unit and word widths, never counts or sizes in bytes.
struct Accelerator {
  std::string name;
  std::string description;
  std::string source;
  PeParams pe;
  PeArrayParams pe_array;
  GlobalBufferParams global_buffer;
  NetworkParams network;
  TransposerParams transposer;
  StreamUnitParams vector_unit{32, 8};
  StreamUnitParams update_unit{8, 16};
  DmaParams dma;
  ControllerParams controller;
  DramParams dram;
  std::uint64_t queue_depth = 4;    ///< words in each ready/valid channel
  std::optional<double> clock_mhz;  ///< pinned clock; otherwise the technology's default

  [[nodiscard]] std::uint64_t pes() const { return pe_array.rows * pe_array.columns; }
};

/// Reads and checks an accelerator file ("lnsim.accelerator/1"), a DRAM preset already put in (with_dram_preset);
/// throws InputError.
[[nodiscard]] Accelerator read_accelerator(const Document& document);
/// Every field with its value, as a file that reads back to the same accelerator.
[[nodiscard]] Json write_accelerator(const Accelerator& accelerator);
[[nodiscard]] Json accelerator_schema();

}  // namespace lnsim
