// SPDX-License-Identifier: Apache-2.0
// The DMA's jobs of a GEMM pass, in their order (docs/machine.md, section 3).
#include <algorithm>

#include "sim/mapping/footprint.hpp"
#include "sim/schedule/gemm_schedule.hpp"

namespace lnsim {
namespace {

constexpr std::uint64_t kStorePartsPerTile = 16;  // parts of a tile that leave by themselves, at most

/// The output tile as a view, so that its runs come from the same code as those of operands.
OperandView output_rows_view(const OutputView& out, bool rows_are_n) {
  OperandView view;
  view.tensor = out.tensor;
  view.rows = rows_are_n ? out.ns : out.ms;
  view.ks = rows_are_n ? out.ms : out.ns;
  view.base = out.base;
  return view;
}

}  // namespace

void GemmSchedule::build_jobs() {
  std::uint64_t a_claims = 0, b_claims = 0;
  const auto loads = [&](std::uint32_t index) {
    const Step& step = steps_[index];
    if (step.load_a)
      jobs_.push_back({JobKind::kLoad,
                       Region::kA,
                       index,
                       step.a->bursts,
                       step.a->bytes,
                       a_claims++,
                       {},
                       0,
                       false,
                       load_addresses(step, true)});
    if (step.load_b)
      jobs_.push_back({JobKind::kLoad,
                       Region::kB,
                       index,
                       step.b->bursts,
                       step.b->bytes,
                       b_claims++,
                       {},
                       0,
                       false,
                       load_addresses(step, false)});
    if (step.preload == PreloadFrom::kDram) {
      const std::uint64_t bursts =
          ceil_div(ceil_div(step.a_rows * step.b_rows * config_.psum_bits, 8), config_.accelerator.dram.burst_bytes);
      jobs_.push_back({JobKind::kLoad,
                       Region::kOut,
                       index,
                       bursts,
                       step.out_bytes,
                       step.out_claim_id,
                       {},
                       0,
                       true,
                       partial_sum_addresses(step, bursts)});
    }
  };
  jobs_.reserve(4 * steps_.size() + pass_.zero_fills.size() + 2);  // three loads and a store per step at most
  append_parameters();
  const auto count = static_cast<std::uint32_t>(steps_.size());
  if (count > 0) loads(0);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (i + 1 < count) loads(i + 1);
    if (steps_[i].output != OutputTo::kKeep) append_store(steps_[i], i);
  }
  append_direct_writes();
}

// Biases go into the PPUs before anything else, so that no output waits for them.
void GemmSchedule::append_parameters() {
  if (pass_.bias_channels == 0) return;
  DmaJob job;
  job.kind = JobKind::kParameters;
  job.bursts = ceil_div(pass_.bias_channels * kParameterBytes, config_.accelerator.dram.burst_bytes);
  job.addresses = appended_addresses(job.bursts);
  jobs_.push_back(std::move(job));
}

// Outputs of one B chunk are whole once every lane group has drained it, which in a step of one block is before the
// next chunk; then they may leave. With several blocks the tile leaves as a whole. A burst that several chunks share is
// written once, with the last of them. Raw partial sums lie densely.
void GemmSchedule::append_store(const Step& step, std::uint32_t index) {
  DmaJob job{JobKind::kStore, Region::kOut, index, 0, 0, 0, {}, step.out_bytes, step.output == OutputTo::kSpill};
  const std::uint64_t all = step.tile_base + step.tiles;
  if (job.partial_sums) {
    const std::uint64_t bytes = ceil_div(step.a_rows * step.b_rows * config_.psum_bits, 8);
    const std::uint64_t bursts = ceil_div(bytes, config_.accelerator.dram.burst_bytes);
    job.chunks.push_back({all, bursts, partial_sum_addresses(step, bursts)});
    jobs_.push_back(std::move(job));
    return;
  }
  if (!banked()) {
    // Tiles that lie alike leave alike.
    auto layouts = output_layouts_.find(step.gemm);
    if (layouts == output_layouts_.end()) layouts = output_layouts_.emplace(step.gemm, output_view(step)).first;
    const TileLayouts::Place place =
        layouts->second.of(step.b_begin, step.b_begin + step.b_rows, step.a_begin, step.a_begin + step.a_rows);
    StoreChunks& parts = stores_by_layout_[{step.gemm, place.layout, phase_in_burst(place.first, config_.out_size())}];
    if (parts.empty()) parts = store_parts(step);
    job.chunks = parts;
  } else {
    job.chunks = store_parts(step);
  }
  for (StoreChunk& part : job.chunks) part.drained += step.tile_base;
  jobs_.push_back(std::move(job));
}

// Their tiles are counted from the step's first.
StoreChunks GemmSchedule::store_parts(const Step& step) const {
  StoreChunks parts;
  const StepShape shape = this->shape(step);
  const PeParams& pe = config_.accelerator.pe;
  const bool one_column = config_.accelerator.pe_array.columns == 1;
  const std::uint64_t chunks = ceil_div(step.b_rows, pe.hold_rows);
  if (one_column && shape.block >= shape.a_slice && chunks > 1) {
    const std::uint64_t tiles_per_chunk = step.tiles / chunks;
    const std::uint64_t per_part = ceil_div(chunks, kStorePartsPerTile);
    std::vector<BurstRange> left = output_bursts(step, 0, step.b_rows);  // bursts of this chunk and later ones
    for (std::uint64_t chunk = 0; chunk < chunks; chunk += per_part) {
      const std::uint64_t end = std::min(chunk + per_part, chunks);
      std::vector<BurstRange> later;
      if (end < chunks) later = output_bursts(step, end * pe.hold_rows, step.b_rows);
      const std::uint64_t bursts = burst_count(left) - burst_count(later);
      if (bursts > 0) {
        parts.push_back(
            {end * tiles_per_chunk, bursts, banked() ? output_addresses(step, without(left, later)) : BurstList{}});
      }
      left = std::move(later);
    }
  } else {
    std::vector<BurstRange> ranges = output_bursts(step, 0, step.b_rows);
    const std::uint64_t bursts = burst_count(ranges);
    parts.push_back({step.tiles, bursts, output_addresses(step, std::move(ranges))});
  }
  return parts;
}

OperandView GemmSchedule::output_view(const Step& step) const {
  return output_rows_view(gemm(step).out, mapping(step).operand_a == Side::kM);  // rows: the side of operand B
}

std::vector<BurstRange> GemmSchedule::output_bursts(const Step& step, std::uint64_t b_begin,
                                                    std::uint64_t b_end) const {
  const OperandView view = output_view(step);
  return burst_ranges(BurstPattern(
      touched(view, step.b_begin + b_begin, step.b_begin + b_end, step.a_begin, step.a_begin + step.a_rows),
      config_.out_size(), config_.accelerator.dram.burst_bytes));
}

// Channel statistics (a sum and a sum of squares each) leave the PPUs when the last tile has drained; zeros of output
// elements that no product reaches wait for nothing.
void GemmSchedule::append_direct_writes() {
  const std::uint64_t burst_bytes = config_.accelerator.dram.burst_bytes;
  const auto write = [&](std::uint64_t drained, std::uint64_t bursts, BurstList addresses) {
    DmaJob job;
    job.kind = JobKind::kDirect;
    job.region = Region::kOut;
    job.chunks.push_back({drained, bursts, std::move(addresses)});
    jobs_.push_back(std::move(job));
  };
  if (pass_.statistics_channels != 0) {
    const std::uint64_t bursts = ceil_div(2 * pass_.statistics_channels * kParameterBytes, burst_bytes);
    write(total_tiles_, bursts, appended_addresses(bursts));
  }
  for (const StreamUse& fill : pass_.zero_fills) {
    const std::uint64_t bursts = ceil_div(config_.out_size().bytes(fill.elements), burst_bytes);
    write(0, bursts, burst_list({{tensor_bases_[fill.tensor], bursts}}, 0));
  }
}

}  // namespace lnsim
