// SPDX-License-Identifier: Apache-2.0
#include "sim/arch/accelerator.hpp"

#include "sim/arch/dram_describe.hpp"

namespace lnsim {
namespace {

constexpr double kMaxBytes = 1ULL << 40U;
constexpr double kMaxCycles = 1000;

}  // namespace

template <class V>
void describe(PeParams& p, V& v) {
  v.field("lanes", p.lanes, {.min = 1, .max = 1024}, "dot-product lanes (L) per PE");
  v.field("vector_size", p.vector_size, {.min = 1, .max = 1024}, "elements (V) per lane and cycle");
  v.field("hold_rows", p.hold_rows, {.min = 1, .max = 1024}, "rows (T) that use one held A vector");
  v.field("a_port_vectors", p.a_port_vectors, {.min = 1, .max = 1024}, "lane vectors per cycle from buffer A");
  v.field("buffer_a_bytes", p.buffer_a_bytes, {.min = 1, .max = kMaxBytes, .unit = "bytes"}, "capacity of buffer A");
  v.field("buffer_b_bytes", p.buffer_b_bytes, {.min = 1, .max = kMaxBytes, .unit = "bytes"}, "capacity of buffer B");
  v.field("datapath_cycles", p.datapath_cycles, {.min = 1, .max = kMaxCycles, .unit = "cycles"},
          "operand register to accumulator");
  v.field("accumulate_cycles_fixed", p.accumulate_cycles_fixed, {.min = 1, .max = kMaxCycles, .unit = "cycles"},
          "latency of an integer accumulator");
  v.field("accumulate_cycles_float", p.accumulate_cycles_float, {.min = 1, .max = kMaxCycles, .unit = "cycles"},
          "latency of a floating-point accumulator");
  v.field("ppu_width", p.ppu_width, {.min = 1, .max = 1024}, "outputs per cycle of the post-processing unit");
  v.field("ppu_cycles", p.ppu_cycles, {.min = 1, .max = kMaxCycles, .unit = "cycles"}, "depth of the PPU");
  v.field("statistics_channels", p.statistics_channels, {.min = 0, .max = 1 << 20},
          "channels whose sum and square sum the PPU holds");
}

template <class V>
void describe(PeArrayParams& p, V& v) {
  v.field("rows", p.rows, {.min = 1, .max = 64}, "PE rows: split operand A");
  v.field("columns", p.columns, {.min = 1, .max = 64}, "PE columns: split operand B");
}

template <class V>
void describe(GlobalBufferParams& p, V& v) {
  v.field("bytes", p.bytes, {.min = 1024, .max = kMaxBytes, .unit = "bytes"}, "capacity");
  v.field("banks", p.banks, {.min = 3, .max = 1024}, "banks, given to streams as wholes");
  v.field("word_bytes", p.word_bytes, {.min = 1, .max = 65536, .unit = "bytes"}, "port width of each stream");
  v.field("read_cycles", p.read_cycles, {.min = 1, .max = kMaxCycles, .unit = "cycles"}, "address to word");
}

template <class V>
void describe(NetworkParams& p, V& v) {
  v.field("link_bytes", p.link_bytes, {.min = 1, .max = 65536, .unit = "bytes"}, "bytes per cycle of each link");
  v.field("hop_cycles", p.hop_cycles, {.min = 1, .max = kMaxCycles, .unit = "cycles"}, "cycles per hop");
}

template <class V>
void describe(TransposerParams& p, V& v) {
  v.field("bytes_per_cycle", p.bytes_per_cycle, {.min = 1, .max = 65536, .unit = "bytes"}, "in and out, per stream");
}

template <class V>
void describe(StreamUnitParams& p, V& v) {
  v.field("width", p.width, {.min = 1, .max = 4096}, "elements per cycle");
  v.field("pipeline_cycles", p.pipeline_cycles, {.min = 1, .max = kMaxCycles, .unit = "cycles"}, "depth");
}

template <class V>
void describe(DmaParams& p, V& v) {
  v.field("request_cycles", p.request_cycles, {.min = 1, .max = kMaxCycles, .unit = "cycles"},
          "claimed tile to first request");
}

template <class V>
void describe(ControllerParams& p, V& v) {
  v.field("start_cycles", p.start_cycles, {.min = 1, .max = kMaxCycles, .unit = "cycles"}, "start of a pass");
}

template <class V>
void describe(Accelerator& p, V& v) {
  v.tag("schema", "lnsim.accelerator/1", "kind of file");
  v.field("name", p.name, {.min = 1, .max = 200, .required = true}, "name");
  v.field("description", p.description, {.max = 10000}, "what it is");
  v.field("source", p.source, {.max = 10000}, "where its numbers come from");
  v.object("pe", p.pe, "one processing element");
  v.object("pe_array", p.pe_array, "the grid of PEs");
  v.object("global_buffer", p.global_buffer, "on-chip memory");
  v.object("network", p.network, "links between global buffer and PEs");
  v.object("transposer", p.transposer, "reads along an axis that is not contiguous");
  v.object("vector_unit", p.vector_unit, "vector unit");
  v.object("update_unit", p.update_unit, "weight-update unit");
  v.object("dma", p.dma, "DMA engine");
  v.object("controller", p.controller, "controller");
  v.object("dram", p.dram, "DRAM");
  v.field("queue_depth", p.queue_depth, {.min = 2, .max = 1024}, "words in each channel");
  v.field("clock_mhz", p.clock_mhz, {.min = 1, .max = 10000, .unit = "MHz"}, "pinned clock; else the technology's");
}

void check(const Accelerator& p, Problems& problems) {
  if (p.global_buffer.word_bytes % p.dram.burst_bytes != 0) {
    problems.add("/global_buffer/word_bytes", std::to_string(p.global_buffer.word_bytes),
                 "a multiple of dram.burst_bytes (" + std::to_string(p.dram.burst_bytes) + ")");
  }
  if (p.global_buffer.bytes % p.global_buffer.banks != 0) {
    problems.add("/global_buffer/bytes", std::to_string(p.global_buffer.bytes),
                 "a multiple of banks (" + std::to_string(p.global_buffer.banks) + ")");
  }
}

Accelerator read_accelerator(const Document& document) { return read_object<Accelerator>(document); }
Json write_accelerator(const Accelerator& accelerator) { return write_object(accelerator); }
Json accelerator_schema() { return schema_of<Accelerator>("lnsim accelerator"); }

}  // namespace lnsim
