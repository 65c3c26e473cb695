// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/actions.hpp"

namespace lnsim {

const std::array<ActionInfo, static_cast<std::size_t>(Action::kCount)>& action_table() {
  static constexpr std::array<ActionInfo, static_cast<std::size_t>(Action::kCount)> table{{
      {"dram", "read_bursts", "bursts read from DRAM"},
      {"dram", "write_bursts", "bursts written to DRAM"},
      {"dram", "activates", "rows activated, with their precharge (banked model)"},
      {"dram", "refreshes", "refreshes of all banks of a rank of a channel (banked model)"},
      {"dram", "background_cycles", "cycles of the DRAM's clock, in every rank of every channel (banked model)"},
      {"dma", "read_bursts", "bursts moved from DRAM to the global buffer"},
      {"dma", "write_bursts", "bursts moved from the global buffer to DRAM"},
      {"global_buffer", "fill_words", "port words written by the DMA"},
      {"global_buffer", "store_words", "port words read by the DMA"},
      {"global_buffer", "a_words", "port words read for operand A"},
      {"global_buffer", "b_words", "port words read for operand B"},
      {"global_buffer", "drain_words", "port words of outputs and partial sums written"},
      {"global_buffer", "preload_words", "port words of partial sums read"},
      {"global_buffer", "vector_read_words", "port words read by the vector and update units"},
      {"global_buffer", "vector_write_words", "port words written by the vector and update units"},
      {"network", "a_word_hops", "link words of operand A times hops"},
      {"network", "b_word_hops", "link words of operand B times hops"},
      {"network", "drain_word_hops", "link words of outputs and partial sums times hops"},
      {"network", "preload_word_hops", "link words of preloaded partial sums times hops"},
      {"transposer", "a_vectors", "operand A vectors through the transposer (one write, one read each)"},
      {"transposer", "b_vectors", "operand B vectors through the transposer (one write, one read each)"},
      {"buffer_a", "write_vectors", "vectors written to buffer A"},
      {"buffer_a", "read_vectors", "vectors read from buffer A"},
      {"buffer_b", "write_vectors", "vectors written to buffer B"},
      {"buffer_b", "read_vectors", "vectors read from buffer B"},
      {"operand_registers", "a_vectors", "lane vectors loaded into a shadow bank"},
      {"operand_registers", "b_vectors", "rows loaded into the B register and broadcast to the lanes"},
      {"lanes", "vector_macs", "lane-cycles with work: V multiply-accumulates each"},
      {"lanes", "gated_vector_macs", "lane-cycles issued without work (clock-gated)"},
      {"collector", "accumulates", "partial sums read, added to and written"},
      {"collector", "drains", "partial sums read out"},
      {"collector", "preloads", "partial sums written from the global buffer"},
      {"ppu", "outputs", "outputs scaled, requantised, compared with the maximum"},
      {"ppu", "partials", "partial sums passed through unchanged"},
      {"ppu", "statistics", "outputs added to the sums and square sums of their channel"},
      {"vector_unit", "decodes", "codes decoded"},
      {"vector_unit", "encodes", "codes encoded"},
      {"vector_unit", "adds", "additions"},
      {"vector_unit", "multiplies", "multiplications"},
      {"vector_unit", "compares", "comparisons"},
      {"vector_unit", "exps", "exponentials"},
      {"vector_unit", "reciprocals", "reciprocals"},
      {"vector_unit", "rsqrts", "reciprocal square roots"},
      {"vector_unit", "tanhs", "hyperbolic tangents"},
      {"update_unit", "weights", "weights updated by the scheme's optimizer"},
      {"update_unit", "parameters", "FP32 parameters updated by SGD or Adam"},
      {"update_unit", "accumulates", "gradients added to the accumulation buffer"},
      {"update_unit", "decodes", "codes decoded"},
      {"update_unit", "encodes", "codes encoded"},
      {"controller", "steps", "tile steps started"},
  }};
  return table;
}

Counts& Counts::operator+=(const Counts& other) {
  for (std::size_t i = 0; i < values_.size(); ++i) values_[i] += other.values_[i];
  return *this;
}

}  // namespace lnsim
