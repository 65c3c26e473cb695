// SPDX-License-Identifier: Apache-2.0
#include "sim/schedule/gemm_schedule.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "sim/mapping/burst_pattern.hpp"
#include "sim/support/error.hpp"

namespace lnsim {
namespace {

constexpr std::uint64_t kParameterBytes = 4;  // biases and channel statistics are FP32 in every scheme
constexpr std::uint64_t kMarksPerTile = 16;   // watermarks per tile: readers may start after a sixteenth of it

std::vector<BurstRange> burst_ranges(const BurstPattern& pattern) {
  std::vector<BurstRange> ranges;
  pattern.for_each_range([&](std::uint64_t first, std::uint64_t last) {
    if (!ranges.empty() && ranges.back().first + ranges.back().count == first) {
      ranges.back().count += last - first + 1;
    } else {
      ranges.push_back({first, last - first + 1});
    }
  });
  return ranges;
}

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

std::uint64_t LoadPlan::need(std::uint64_t begin, std::uint64_t end) const {
  std::uint64_t words_needed = 0;
  for (std::uint64_t mark = begin / rows_per_mark; mark * rows_per_mark < end && mark < marks.size(); ++mark) {
    words_needed = std::max(words_needed, marks[mark]);
  }
  return words_needed;
}

GemmSchedule::GemmSchedule(const LayerPass& pass, std::vector<GemmMapping> mappings, const PassConfig& config,
                           const std::string& where, Form form)
    : pass_(pass), mappings_(std::move(mappings)), config_(config), where_(where), form_(form) {
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

namespace {

/// How far the elements of tiles of so many values of a mixed-radix index lie apart, if only its slowest digit moves
/// from tile to tile, and along elements alone.
std::optional<std::int64_t> tile_shift(const std::vector<Digit>& digits, std::uint64_t tile) {
  std::uint64_t turn = 1;  // values of the faster digits
  for (const Digit& digit : digits) turn *= digit.extent;
  for (const Digit& digit : digits) {
    turn /= digit.extent;
    if (digit.extent == 1) continue;
    if (tile % turn != 0 || digit.dh != 0 || digit.dw != 0) return std::nullopt;
    return static_cast<std::int64_t>(tile / turn) * digit.offset;
  }
  return 0;
}

/// Of `all` turns of so many steps: those to list.
std::uint64_t listed_turns(std::uint64_t all, std::uint64_t steps) {
  // Enough for the machine to come into step, and what is left out in whole periods.
  constexpr std::uint64_t kTurns = 3 * kCutPeriod, kSteps = 24;
  const std::uint64_t listed = std::max(kTurns, ceil_div(kSteps, steps));
  return all <= listed + 1 + kCutPeriod ? all : listed + 1 + (all - 1 - listed) % kCutPeriod;
}

}  // namespace

// Per loop, the batch and then A rows, B rows and k: in all turns but the first and the last the tiles are shifted
// copies of each other, by whole bursts.
std::array<bool, 4> GemmSchedule::alike_turns(const Gemm& gemm, const GemmMapping& mapping) const {
  const auto burst_bits = static_cast<std::int64_t>(config_.accelerator.dram.burst_bytes * 8);
  const auto whole = [&](const std::vector<Digit>& digits, std::uint64_t tile, unsigned bits) {
    const std::optional<std::int64_t> shift = tile_shift(digits, tile);
    return shift && *shift * static_cast<std::int64_t>(bits) % burst_bits == 0;
  };
  const MachineTile tile = machine_tile(mapping);
  const OperandView& a = operand_a_view(gemm, mapping.operand_a);
  const OperandView& b = operand_b_view(gemm, mapping.operand_a);
  const bool m = mapping.operand_a == Side::kM;
  // Tiles of a batch index have the bursts of index 0; but every index must move every operand on.
  bool batch = true;
  std::array<std::int64_t, 3> before{};  // what all faster digits move together
  for (std::size_t i = gemm.batch.size(); i-- > 0;) {
    const BatchDigit& digit = gemm.batch[i];
    if (digit.extent == 1) continue;
    const std::array<std::int64_t, 3> offsets{digit.a_offset, digit.b_offset, digit.out_offset};
    for (std::size_t j = 0; j < 3; ++j) {
      batch &= offsets[j] != 0 && offsets[j] != before[j];
      before[j] += static_cast<std::int64_t>(digit.extent - 1) * offsets[j];
    }
  }
  return {
      batch,
      whole(a.rows, tile.a_rows, config_.a_bits) && whole(m ? gemm.out.ms : gemm.out.ns, tile.a_rows, config_.out_bits),
      whole(b.rows, tile.b_rows, config_.b_bits) && whole(m ? gemm.out.ns : gemm.out.ms, tile.b_rows, config_.out_bits),
      whole(a.ks, tile.k, config_.a_bits) && whole(b.ks, tile.k, config_.b_bits)};
}

void GemmSchedule::build_steps(std::size_t index) {
  const Gemm& gemm = pass_.gemms[index];
  const GemmMapping& mapping = mappings_[index];
  const MachineTile size = machine_size(gemm, mapping.operand_a);
  const MachineTile tile = machine_tile(mapping);
  const bool m = mapping.operand_a == Side::kM;
  // Loops of the three machine dimensions in the mapping's order: 0 = A rows, 1 = B rows, 2 = k.
  std::array<std::size_t, 3> order{};
  for (std::size_t i = 0; i < 3; ++i) {
    order[i] = mapping.order[i] == Dim::kK ? 2 : (mapping.order[i] == Dim::kM) == m ? 0 : 1;
  }
  const std::array<std::uint64_t, 3> counts{ceil_div(size.a_rows, tile.a_rows), ceil_div(size.b_rows, tile.b_rows),
                                            ceil_div(size.k, tile.k)};
  // Turns of the batch and of the three dimensions that are listed.
  const std::array<std::uint64_t, 4> turns{gemm.count(), counts[0], counts[1], counts[2]};
  std::array<std::uint64_t, 4> listed = turns;
  if (form_ == Form::kShort) {
    const std::array<bool, 4> alike = alike_turns(gemm, mapping);
    std::uint64_t steps = 1;  // of a turn of the loop
    for (const std::size_t i : {order[2] + 1, order[1] + 1, order[0] + 1, std::size_t{0}}) {
      if (alike[i]) listed[i] = listed_turns(turns[i], steps);
      steps *= listed[i];
    }
  }
  std::array<LoopCut, 4>& cuts = cuts_.emplace_back();
  cuts[0] = {listed[0], turns[0] - listed[0]};
  for (std::size_t i = 0; i < 3; ++i) {
    const auto dimension = static_cast<std::size_t>(order[i]) + 1;
    cuts[i + 1] = {listed[dimension], turns[dimension] - listed[dimension]};
  }
  total_steps_ += turns[0] * turns[1] * turns[2] * turns[3];
  const auto turn_of = [&](std::size_t loop, std::uint64_t place) {
    return place + 1 == listed[loop] ? turns[loop] - 1 : place;
  };
  std::map<std::tuple<int, std::uint64_t, std::uint64_t>, std::shared_ptr<const LoadPlan>> plans;
  // Tiles that are shifted copies of each other, by whole bursts, have one plan.
  std::map<std::pair<int, std::vector<std::int64_t>>, std::shared_ptr<const LoadPlan>> plans_by_layout;
  std::vector<std::shared_ptr<const LoadPlan>> distinct;
  const auto plan_of = [&](int operand, std::uint64_t row, std::uint64_t rows, std::uint64_t k, std::uint64_t k_size) {
    auto& slot = plans[{operand, row, k}];
    if (slot) return slot;
    const OperandView& view =
        operand == 0 ? operand_a_view(gemm, mapping.operand_a) : operand_b_view(gemm, mapping.operand_a);
    const unsigned bits = operand == 0 ? config_.a_bits : config_.b_bits;
    TileLayout layout = tile_layout(view, row, row + rows, k, k + k_size);
    const std::uint64_t burst_bits = config_.accelerator.dram.burst_bytes * 8;
    layout.shape.push_back(static_cast<std::int64_t>(static_cast<std::uint64_t>(layout.first) * bits % burst_bits));
    if (banked()) layout.shape.push_back(layout.first);  // their plans hold addresses
    auto& shared = plans_by_layout[{operand, std::move(layout.shape)}];
    const PeParams& pe = config_.accelerator.pe;
    if (!shared) {
      shared = plan(view, row, rows, k, k_size, bits, operand == 0 ? pe.lanes : pe.hold_rows);
      // Tiles of different layouts may still move the same.
      const auto same = std::find_if(distinct.begin(), distinct.end(), [&](const auto& one) {
        return one->bursts == shared->bursts && one->rows_per_mark == shared->rows_per_mark &&
               one->marks == shared->marks && one->ranges == nullptr;
      });
      same != distinct.end() ? shared = *same : distinct.emplace_back(shared);
    }
    slot = shared;
    return slot;
  };
  std::vector<std::uint64_t> digits(gemm.batch.size(), 0);
  for (std::uint64_t batch = 0; batch < listed[0]; ++batch) {
    Step base;
    base.gemm = static_cast<std::uint32_t>(index);
    base.turns[0] = static_cast<std::uint32_t>(batch);
    std::uint64_t rest = turn_of(0, batch);
    for (std::size_t d = gemm.batch.size(); d-- > 0;) {
      const auto digit = static_cast<std::int64_t>(rest % gemm.batch[d].extent);
      rest /= gemm.batch[d].extent;
      base.a_offset += digit * (m ? gemm.batch[d].a_offset : gemm.batch[d].b_offset);
      base.b_offset += digit * (m ? gemm.batch[d].b_offset : gemm.batch[d].a_offset);
      base.out_offset += digit * gemm.batch[d].out_offset;
    }
    std::array<std::uint64_t, 3> at{};
    for (at[order[0]] = 0; at[order[0]] < listed[order[0] + 1]; ++at[order[0]]) {
      for (at[order[1]] = 0; at[order[1]] < listed[order[1] + 1]; ++at[order[1]]) {
        for (at[order[2]] = 0; at[order[2]] < listed[order[2] + 1]; ++at[order[2]]) {
          Step step = base;
          step.loop = at[order[2]] > 0 ? 3 : at[order[1]] > 0 ? 2 : at[order[0]] > 0 ? 1 : 0;
          for (std::size_t i = 0; i < 3; ++i) step.turns[i + 1] = static_cast<std::uint32_t>(at[order[i]]);
          step.a_begin = turn_of(1, at[0]) * tile.a_rows;
          step.a_rows = std::min(tile.a_rows, size.a_rows - step.a_begin);
          step.b_begin = turn_of(2, at[1]) * tile.b_rows;
          step.b_rows = std::min(tile.b_rows, size.b_rows - step.b_begin);
          step.k_begin = turn_of(3, at[2]) * tile.k;
          step.k_size = std::min(tile.k, size.k - step.k_begin);
          step.last_k = step.k_begin + step.k_size == size.k;
          step.a = plan_of(0, step.a_begin, step.a_rows, step.k_begin, step.k_size);
          step.b = plan_of(1, step.b_begin, step.b_rows, step.k_begin, step.k_size);
          steps_.push_back(std::move(step));
        }
      }
    }
  }
}

std::shared_ptr<const LoadPlan> GemmSchedule::plan(const OperandView& view, std::uint64_t row, std::uint64_t rows,
                                                   std::uint64_t k, std::uint64_t k_size, unsigned bits,
                                                   std::uint64_t row_unit) const {
  const std::uint64_t burst_bytes = config_.accelerator.dram.burst_bytes;
  const std::uint64_t per_word = config_.accelerator.global_buffer.word_bytes / burst_bytes;
  auto plan = std::make_shared<LoadPlan>();
  const BurstPattern pattern(touched(view, row, row + rows, k, k + k_size), bits, burst_bytes);
  plan->bursts = pattern.total();
  plan->words = ceil_div(plan->bursts, per_word);
  plan->bytes = plan->bursts * burst_bytes;
  if (banked()) plan->ranges = std::make_shared<const std::vector<BurstRange>>(burst_ranges(pattern));
  plan->rows_per_mark = ceil_div(ceil_div(rows, row_unit), kMarksPerTile) * row_unit;
  for (std::uint64_t begin = 0; begin < rows; begin += plan->rows_per_mark) {
    const std::uint64_t end = std::min(begin + plan->rows_per_mark, rows);
    const std::optional<std::uint64_t> last = last_touched(view, row + begin, row + end, k, k + k_size);
    const std::uint64_t filled = last ? pattern.up_to(*last) : 0;
    plan->marks.push_back(ceil_div(filled, per_word));
  }
  return plan;
}

// Residency, claims and the cumulative counters that readers compare with.
void GemmSchedule::link_steps() {
  const auto same_a = [](const Step& x, const Step& y) {
    return x.gemm == y.gemm && x.a_offset == y.a_offset && x.a_begin == y.a_begin && x.k_begin == y.k_begin;
  };
  const auto same_b = [](const Step& x, const Step& y) {
    return x.gemm == y.gemm && x.b_offset == y.b_offset && x.b_begin == y.b_begin && x.k_begin == y.k_begin;
  };
  const auto same_out = [](const Step& x, const Step& y) {
    return x.gemm == y.gemm && x.out_offset == y.out_offset && x.a_begin == y.a_begin && x.b_begin == y.b_begin;
  };
  std::uint64_t a_words = 0, b_words = 0, out_words = 0, claims = 0;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    Step& step = steps_[i];
    const Step* before = i > 0 ? &steps_[i - 1] : nullptr;
    const Step* after = i + 1 < steps_.size() ? &steps_[i + 1] : nullptr;
    step.load_a = before == nullptr || !same_a(*before, step);
    step.load_b = before == nullptr || !same_b(*before, step);
    step.free_a = after == nullptr || !same_a(step, *after);
    step.free_b = after == nullptr || !same_b(step, *after);
    if (before != nullptr && !step.load_a) step.a_word_base = before->a_word_base;
    if (before != nullptr && !step.load_b) step.b_word_base = before->b_word_base;
    if (step.load_a) step.a_word_base = a_words, a_words += step.a->words;
    if (step.load_b) step.b_word_base = b_words, b_words += step.b->words;

    const bool continued = before != nullptr && same_out(*before, step);
    const Gemm& gemm = pass_.gemms[step.gemm];
    const bool split = step.k_size < gemm.k;
    const unsigned bits = split ? std::max(config_.psum_bits, config_.out_bits) : config_.out_bits;
    step.out_bytes = ceil_div(step.a_rows * step.b_rows * bits, 8);
    if (step.k_begin > 0) step.preload = continued ? PreloadFrom::kResident : PreloadFrom::kDram;
    step.output = step.last_k                                  ? OutputTo::kStore
                  : after != nullptr && same_out(step, *after) ? OutputTo::kKeep
                                                               : OutputTo::kSpill;
    step.drain_claims = !continued && step.preload != PreloadFrom::kDram;
    step.out_claim_id = continued ? before->out_claim_id : claims++;
    if (step.preload == PreloadFrom::kDram) {
      const std::uint64_t burst_bytes = config_.accelerator.dram.burst_bytes;
      const std::uint64_t bursts = ceil_div(ceil_div(step.a_rows * step.b_rows * config_.psum_bits, 8), burst_bytes);
      step.reload_words = ceil_div(bursts, config_.accelerator.global_buffer.word_bytes / burst_bytes);
      step.out_word_base = out_words;
      out_words += step.reload_words;
    }
    step.tile_base = total_tiles_;
    step.tiles = step_tiles(step);
    total_tiles_ += step.tiles;
  }
}

std::uint64_t GemmSchedule::step_tiles(const Step& step) const {
  const StepShape shape = this->shape(step);
  const PeParams& pe = config_.accelerator.pe;
  const PeArrayParams& array = config_.accelerator.pe_array;
  std::uint64_t lane_groups = 0, chunks = 0;
  for (std::uint64_t r = 0; r < array.rows; ++r) {
    // Blocks are multiples of the lanes or whole, so lane groups do not depend on them.
    lane_groups += ceil_div(shape.a_rows(step, r), pe.lanes);
  }
  for (std::uint64_t c = 0; c < array.columns; ++c) chunks += ceil_div(shape.b_rows(step, c), pe.hold_rows);
  return lane_groups * chunks;
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
    const OperandView view = output_view(step);
    TileLayout layout =
        tile_layout(view, step.b_begin, step.b_begin + step.b_rows, step.a_begin, step.a_begin + step.a_rows);
    const std::uint64_t burst_bits = config_.accelerator.dram.burst_bytes * 8;
    layout.shape.push_back(
        static_cast<std::int64_t>(static_cast<std::uint64_t>(layout.first) * config_.out_bits % burst_bits));
    layout.shape.push_back(step.gemm);
    std::vector<StoreChunk>& parts = stores_by_layout_[std::move(layout.shape)];
    if (parts.empty()) parts = store_parts(step);
    job.chunks = parts;
  } else {
    job.chunks = store_parts(step);
  }
  for (StoreChunk& part : job.chunks) part.drained += step.tile_base;
  jobs_.push_back(std::move(job));
}

// Their tiles are counted from the step's first.
std::vector<StoreChunk> GemmSchedule::store_parts(const Step& step) const {
  std::vector<StoreChunk> parts;
  const StepShape shape = this->shape(step);
  const PeParams& pe = config_.accelerator.pe;
  const bool one_column = config_.accelerator.pe_array.columns == 1;
  const std::uint64_t chunks = ceil_div(step.b_rows, pe.hold_rows);
  if (one_column && shape.block >= shape.a_slice && chunks > 1) {
    const std::uint64_t tiles_per_chunk = step.tiles / chunks;
    const std::uint64_t per_part = ceil_div(chunks, kMarksPerTile);
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
      config_.out_bits, config_.accelerator.dram.burst_bytes));
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
    const std::uint64_t bursts = ceil_div(ceil_div(fill.elements * config_.out_bits, 8), burst_bytes);
    write(0, bursts, burst_list({{tensor_bases_[fill.tensor], bursts}}, 0));
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
    const auto read = [&](const OperandView& view, std::uint64_t rows, bool moves, unsigned bits) {
      const std::uint64_t elements = element_count(touched(view, 0, rows, 0, gemm.k)) * (moves ? gemm.count() : 1);
      reads[view.tensor] = std::max(reads[view.tensor], ceil_div(elements * bits, 8));
    };
    read(gemm.a, gemm.m, a_moves, m ? config_.a_bits : config_.b_bits);
    read(gemm.b, gemm.n, b_moves, m ? config_.b_bits : config_.a_bits);
    writes += ceil_div(gemm.m * gemm.n * gemm.count() * config_.out_bits, 8);
  }
  for (const StreamUse& fill : pass_.zero_fills) writes += ceil_div(fill.elements * config_.out_bits, 8);
  compulsory_bytes_ = writes + (pass_.bias_channels + 2 * pass_.statistics_channels) * kParameterBytes;
  // A grouped operand may overlap itself between batch indices; the tensor itself is an upper limit.
  for (const auto& [tensor, bytes] : reads) {
    const std::uint64_t whole = pass_.tensors[tensor].elements * std::max(config_.a_bits, config_.b_bits);
    compulsory_bytes_ += std::min(bytes, ceil_div(whole, 8));
  }
  compulsory_bytes_ = compulsory_bytes_ / burst_bytes * burst_bytes;
}

}  // namespace lnsim
