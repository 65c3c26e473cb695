// SPDX-License-Identifier: Apache-2.0
#include "sim/schedule/gemm_schedule.hpp"

#include <algorithm>
#include <map>

#include "sim/mapping/footprint.hpp"
#include "sim/support/error.hpp"

namespace lnsim {

GemmSchedule::GemmSchedule(const LayerPass& pass, std::vector<GemmMapping> mappings, const PassConfig& config,
                           const std::string& where, Form form, std::uint64_t listed_turns)
    : pass_(pass),
      mappings_(std::move(mappings)),
      config_(config),
      where_(where),
      form_(form),
      listed_turns_(listed_turns) {
  LNSIM_CHECK(mappings_.size() == pass_.gemms.size(), "one mapping per GEMM");
  a_vector_bytes_ = config_.vector_bytes(config_.a_bits);
  b_vector_bytes_ = config_.vector_bytes(config_.b_bits);
  link_bytes_ = std::min(config_.accelerator.global_buffer.word_bytes, config_.accelerator.network.link_bytes);
  const std::uint64_t bank = config_.accelerator.global_buffer.bytes / config_.accelerator.global_buffer.banks;
  for (const GemmMapping& mapping : mappings_) {
    // The regions hold for the whole pass: phases of one pass share the split of their largest need.
    region_bytes_[0] = std::max(region_bytes_[0], mapping.banks.a * bank);
    region_bytes_[1] = std::max(region_bytes_[1], mapping.banks.b * bank);
    region_bytes_[2] = std::max(region_bytes_[2], mapping.banks.out * bank);
  }
  if (banked()) form_ = Form::kWhole;
  for (std::size_t gemm = 0; gemm < pass_.gemms.size(); ++gemm) build_steps(gemm);
  link_steps();
  check_regions(where);
  lay_out_tensors();
  build_jobs();
  count_compulsory();
}

std::uint64_t GemmSchedule::unit_words(std::uint64_t vectors, std::uint64_t vector_bytes) const {
  const std::uint64_t per_word = link_bytes_ / vector_bytes;
  return per_word >= 1 ? ceil_div(vectors, per_word) : vectors * ceil_div(vector_bytes, link_bytes_);
}

bool GemmSchedule::transpose_a(const Step& step) const {
  return !operand_a_view(gemm(step), mapping(step).operand_a).k_contiguous();
}
bool GemmSchedule::transpose_b(const Step& step) const {
  return !operand_b_view(gemm(step), mapping(step).operand_a).k_contiguous();
}

StepShape GemmSchedule::shape(const Step& step) const {
  const PeParams& pe = config_.accelerator.pe;
  const PeArrayParams& array = config_.accelerator.pe_array;
  StepShape shape;
  shape.a_slice = ceil_div(ceil_div(step.a_rows, pe.lanes), array.rows) * pe.lanes;
  shape.b_slice = ceil_div(ceil_div(step.b_rows, pe.hold_rows), array.columns) * pe.hold_rows;
  shape.block = mapping(step).block;
  shape.groups = ceil_div(step.k_size, pe.vector_size);
  shape.last_elements = step.k_size - (shape.groups - 1) * pe.vector_size;
  return shape;
}

void GemmSchedule::check_regions(const std::string& where) const {
  const auto need = [&](Region region, std::uint64_t bytes, const char* tensor) {
    if (bytes <= region_bytes(region)) return;
    throw InputError("mapping of " + where, "/global_buffer/banks", std::to_string(region_bytes(region)) + " bytes",
                     std::string("room for a tile of ") + tensor + ", " + std::to_string(bytes) + " bytes");
  };
  for (const Step& step : steps_) {
    need(Region::kA, step.a->bytes, "operand A");
    need(Region::kB, step.b->bytes, "operand B");
    need(Region::kOut, step.out_bytes, "outputs");
  }
  const GlobalBufferParams& buffer = config_.accelerator.global_buffer;
  if (region_bytes_[0] + region_bytes_[1] + region_bytes_[2] > buffer.bytes) {
    throw InputError("mapping of " + where, "/global_buffer/banks", "",
                     "one split of the banks for all GEMMs of the pass");
  }
}

void GemmSchedule::count_compulsory() {
  const std::uint64_t burst_bytes = config_.accelerator.dram.burst_bytes;
  std::map<std::size_t, std::uint64_t> reads;  // tensor -> most bytes that one GEMM of the pass must read of it
  std::uint64_t writes = 0;
  for (std::size_t i = 0; i < pass_.gemms.size(); ++i) {
    const Gemm& gemm = pass_.gemms[i];
    const bool m = mappings_[i].operand_a == Side::kM;
    bool a_moves = false, b_moves = false;
    for (const BatchDigit& digit : gemm.batch) {
      a_moves |= digit.a_offset != 0;
      b_moves |= digit.b_offset != 0;
    }
    const auto read = [&](const OperandView& view, std::uint64_t rows, bool moves, ElementSize element) {
      const std::uint64_t elements = element_count(touched(view, 0, rows, 0, gemm.k)) * (moves ? gemm.count() : 1);
      reads[view.tensor] = std::max(reads[view.tensor], element.bytes(elements));
    };
    read(gemm.a, gemm.m, a_moves, m ? config_.a_size() : config_.b_size());
    read(gemm.b, gemm.n, b_moves, m ? config_.b_size() : config_.a_size());
    writes += config_.out_size().bytes(gemm.m * gemm.n * gemm.count());
  }
  for (const StreamUse& fill : pass_.zero_fills) writes += config_.out_size().bytes(fill.elements);
  compulsory_bytes_ = writes + (pass_.bias_channels + 2 * pass_.statistics_channels) * kParameterBytes;
  // A grouped operand may overlap itself between batch indices; the tensor itself is an upper limit.
  for (const auto& [tensor, bytes] : reads) {
    const ElementSize wider = std::max(config_.a_size(), config_.b_size());
    compulsory_bytes_ += std::min(bytes, wider.bytes(pass_.tensors[tensor].elements));
  }
  compulsory_bytes_ = compulsory_bytes_ / burst_bytes * burst_bytes;
}

}  // namespace lnsim
