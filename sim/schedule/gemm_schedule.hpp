// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "sim/arch/pass_config.hpp"
#include "sim/mapping/mapping.hpp"
#include "sim/mapping/tile_layouts.hpp"
#include "sim/schedule/dma_job.hpp"
#include "sim/schedule/dram_address.hpp"
#include "sim/support/text.hpp"
#include "sim/workload/pass.hpp"

namespace lnsim {

inline constexpr std::uint64_t kParameterBytes = 4;  ///< biases and channel statistics are FP32 in every scheme

/// What a tile of an operand moves, and how much of it must be there before its rows can be read. Shared by tiles that
/// are shifted copies of each other, unless the DRAM model needs addresses.
struct LoadPlan {
  std::uint64_t bursts = 0;
  std::uint64_t words = 0;           ///< port words: whole bursts packed in fill order
  std::uint64_t bytes = 0;           ///< space in the global buffer
  std::uint64_t rows_per_mark = 1;   ///< rows of the tile that share a watermark
  std::vector<std::uint64_t> marks;  ///< words that must be filled before these rows are complete
  /// The bursts of batch index 0, from the start of the tensor; null where the DRAM model needs no addresses.
  std::shared_ptr<const std::vector<BurstRange>> ranges;

  /// Words that rows [begin, end) of the tile need (docs/machine.md, G1).
  [[nodiscard]] std::uint64_t need(std::uint64_t begin, std::uint64_t end) const;
};

enum class PreloadFrom : std::uint8_t { kNone, kResident, kDram };
enum class OutputTo : std::uint8_t { kKeep, kSpill, kStore };

/// One tile of the DRAM-level loops of one GEMM of the pass.
struct Step {
  std::uint32_t gemm = 0;
  /// The outermost loop that has moved on since the step before: 0 the batch (or another GEMM), 1 to 3 the loops over
  /// tiles, slowest first.
  std::uint32_t loop = 0;
  /// Turns of the batch and of the loops over tiles, slowest first, among those that are listed.
  std::array<std::uint32_t, 4> turns{};
  std::int64_t a_offset = 0, b_offset = 0, out_offset = 0;  ///< of the batch index: machine operands and output
  std::uint64_t a_begin = 0, a_rows = 0;                    ///< rows of machine operand A
  std::uint64_t b_begin = 0, b_rows = 0;
  std::uint64_t k_begin = 0, k_size = 0;
  bool last_k = false;                ///< this step completes the sums
  bool load_a = true, load_b = true;  ///< false: the tile of the step before is resident
  bool free_a = true, free_b = true;  ///< false: the next step uses the tile again
  PreloadFrom preload = PreloadFrom::kNone;
  OutputTo output = OutputTo::kStore;
  bool drain_claims = true;  ///< the first drained word claims the output tile (else a reload or an earlier step did)
  std::uint64_t out_claim_id = 0;  ///< position in the order of claims of the output region
  std::uint64_t out_bytes = 0;
  std::uint64_t tile_base = 0;  ///< output tiles of all PEs drained before this step
  std::uint64_t tiles = 0;      ///< output tiles of all PEs in this step
  std::uint64_t a_word_base = 0, b_word_base = 0, out_word_base = 0;  ///< fill words of the stream before this tile
  std::shared_ptr<const LoadPlan> a, b;
  std::uint64_t reload_words = 0;
};

/// Splits one step over the PE array and into output tiles. All rows are relative to the step's tile.
struct StepShape {
  std::uint64_t a_slice = 0, b_slice = 0;  ///< rows per PE row / column, the last ones may have fewer or none
  std::uint64_t block = 0;
  std::uint64_t groups = 0;  ///< K-groups
  std::uint64_t last_elements = 0;

  [[nodiscard]] std::uint64_t a_rows(const Step& step, std::uint64_t pe_row) const {
    const std::uint64_t begin = a_slice * pe_row;
    return begin >= step.a_rows ? 0 : std::min(a_slice, step.a_rows - begin);
  }
  [[nodiscard]] std::uint64_t b_rows(const Step& step, std::uint64_t pe_column) const {
    const std::uint64_t begin = b_slice * pe_column;
    return begin >= step.b_rows ? 0 : std::min(b_slice, step.b_rows - begin);
  }
};

/// A loop over steps of which all turns but the first and the last are alike: turns that are listed, and those that
/// would follow them before the last, a multiple of kCutPeriod.
struct LoopCut {
  std::uint64_t listed = 0, left_out = 0;
};
inline constexpr std::uint64_t kCutPeriod = 6;

/// The order of everything in the GEMMs of one pass: steps, DMA jobs, and through walks.hpp units and output tiles.
/// Contains no time. Immutable once built.
class GemmSchedule {
 public:
  enum class Form : std::uint8_t {
    kWhole,
    kShort,  ///< of long loops with turns that are alike only some are listed (not with addresses: bandwidth model)
  };
  /// mappings: one per GEMM of the pass. Throws InputError where a tile does not fit its region.
  GemmSchedule(const LayerPass& pass, std::vector<GemmMapping> mappings, const PassConfig& config,
               const std::string& where, Form form = Form::kWhole)
      : GemmSchedule(pass, std::move(mappings), config, where, form, kListedTurns) {}
  /// With every step listed.
  [[nodiscard]] GemmSchedule whole() const { return {pass_, mappings_, config_, where_}; }
  /// With four times as many turns of long loops.
  [[nodiscard]] GemmSchedule longer() const { return {pass_, mappings_, config_, where_, form_, 4 * listed_turns_}; }

  [[nodiscard]] const LayerPass& pass() const { return pass_; }
  [[nodiscard]] const PassConfig& config() const { return config_; }
  [[nodiscard]] const std::vector<Step>& steps() const { return steps_; }
  [[nodiscard]] const std::vector<DmaJob>& jobs() const { return jobs_; }
  [[nodiscard]] const GemmMapping& mapping(const Step& step) const { return mappings_[step.gemm]; }
  [[nodiscard]] const Gemm& gemm(const Step& step) const { return pass_.gemms[step.gemm]; }
  [[nodiscard]] StepShape shape(const Step& step) const;
  [[nodiscard]] std::uint64_t region_bytes(Region region) const {
    return region_bytes_[static_cast<std::size_t>(region)];
  }
  /// Port words of a unit of so many vectors (docs/machine.md, section 2).
  [[nodiscard]] std::uint64_t a_unit_words(std::uint64_t vectors) const { return unit_words(vectors, a_vector_bytes_); }
  [[nodiscard]] std::uint64_t b_unit_words(std::uint64_t vectors) const { return unit_words(vectors, b_vector_bytes_); }
  [[nodiscard]] std::uint64_t link_bytes() const { return link_bytes_; }
  /// Cycles per link word of a unit that passes a transposer (docs/machine.md, X1).
  [[nodiscard]] std::uint64_t transposed_word_cycles() const {
    return ceil_div(link_bytes_, config_.accelerator.transposer.bytes_per_cycle);
  }
  [[nodiscard]] bool transpose_a(const Step& step) const;
  [[nodiscard]] bool transpose_b(const Step& step) const;
  /// Least DRAM bytes of any schedule: every touched burst of each operand once, every output once.
  [[nodiscard]] std::uint64_t compulsory_bytes() const { return compulsory_bytes_; }
  /// Output tiles of the steps that are listed.
  [[nodiscard]] std::uint64_t total_tiles() const { return total_tiles_; }
  /// Steps, those that are not listed too.
  [[nodiscard]] std::uint64_t total_steps() const { return total_steps_; }
  /// What is not listed of a loop (Step::turns) of a GEMM.
  [[nodiscard]] const LoopCut& cut(std::uint32_t gemm, std::size_t loop) const { return cuts_[gemm][loop]; }
  /// Some turns are not listed.
  [[nodiscard]] bool is_short() const { return total_steps_ > steps_.size(); }

 private:
  /// Turns of a long loop that are listed: until the machine has come into step.
  static constexpr std::uint64_t kListedTurns = 3 * kCutPeriod;
  GemmSchedule(const LayerPass& pass, std::vector<GemmMapping> mappings, const PassConfig& config,
               const std::string& where, Form form, std::uint64_t listed_turns);
  void build_steps(std::size_t gemm);
  [[nodiscard]] std::uint64_t listed_turns(std::uint64_t all, std::uint64_t steps) const;
  [[nodiscard]] std::array<bool, 4> alike_turns(const Gemm& gemm, const GemmMapping& mapping) const;
  void link_steps();
  void build_jobs();
  void append_store(const Step& step, std::uint32_t index);
  [[nodiscard]] StoreChunks store_parts(const Step& step) const;
  [[nodiscard]] OperandView output_view(const Step& step) const;
  void append_parameters();
  void append_direct_writes();
  void count_compulsory();
  std::shared_ptr<const LoadPlan> plan(const OperandView& view, std::uint64_t row, std::uint64_t rows, std::uint64_t k,
                                       std::uint64_t k_size, ElementSize element, std::uint64_t row_unit) const;
  [[nodiscard]] std::uint64_t unit_words(std::uint64_t vectors, std::uint64_t vector_bytes) const;
  [[nodiscard]] std::vector<BurstRange> output_bursts(const Step& step, std::uint64_t b_begin,
                                                      std::uint64_t b_end) const;
  void lay_out_tensors();
  /// Where in a burst an element begins.
  [[nodiscard]] std::uint64_t phase_in_burst(std::int64_t element, ElementSize size) const {
    const std::uint64_t burst_units = config_.accelerator.dram.burst_bytes * ElementSize::kUnitsPerByte;
    return static_cast<std::uint64_t>(element) * size.units() % burst_units;
  }
  [[nodiscard]] bool banked() const { return config_.accelerator.dram.model == DramModel::kBanked; }
  [[nodiscard]] BurstList load_addresses(const Step& step, bool is_a) const;
  [[nodiscard]] BurstList output_addresses(const Step& step, std::vector<BurstRange> ranges) const;
  [[nodiscard]] BurstList partial_sum_addresses(const Step& step, std::uint64_t bursts);
  [[nodiscard]] BurstList appended_addresses(std::uint64_t bursts);
  [[nodiscard]] std::uint64_t step_tiles(const Step& step) const;
  void check_regions(const std::string& where) const;

  LayerPass pass_;
  std::vector<GemmMapping> mappings_;
  PassConfig config_;
  std::string where_;
  Form form_;
  std::uint64_t listed_turns_;
  std::vector<std::array<LoopCut, 4>> cuts_;  ///< per GEMM
  std::uint64_t total_steps_ = 0;
  std::uint64_t a_vector_bytes_ = 0, b_vector_bytes_ = 0, link_bytes_ = 0;
  std::uint64_t region_bytes_[kRegions]{};
  std::vector<Step> steps_;
  std::vector<DmaJob> jobs_;
  std::map<std::uint32_t, TileLayouts> output_layouts_;  ///< per GEMM; bandwidth model
  std::map<std::tuple<std::uint32_t, std::size_t, std::uint64_t>, StoreChunks> stores_by_layout_;  ///< per GEMM
  DramLayout layout_;
  std::vector<std::uint64_t> tensor_bases_;  ///< first burst of each tensor
  std::map<std::tuple<std::uint32_t, std::int64_t, std::uint64_t, std::uint64_t>, std::uint64_t> partial_sum_bases_;
  std::uint64_t compulsory_bytes_ = 0;
  std::uint64_t total_tiles_ = 0;
};

}  // namespace lnsim
