// SPDX-License-Identifier: Apache-2.0
#include "sim/systemc/checker.hpp"

#include <algorithm>
#include <cstring>

#include "sim/support/error.hpp"
#include "sim/systemc/copy_vector.hpp"

namespace lnsim::systemc {
namespace {

/// Panels of operand A that a PE's tiles come back to: the lane groups of its largest block.
std::size_t lane_groups(const GemmSchedule& schedule) {
  std::uint64_t most = 1;
  for (const Step& step : schedule.steps()) {
    most = std::max(most, ceil_div(schedule.shape(step).block, schedule.config().accelerator.pe.lanes));
  }
  return most;
}

/// Panels of operand B worth keeping: every block of a step meets the same ones, if they stay in a processor's cache.
std::size_t row_chunks(const GemmSchedule& schedule, unsigned container) {
  constexpr std::uint64_t kCacheBytes = 256 * 1024;
  const PeParams& pe = schedule.config().accelerator.pe;
  std::uint64_t most = 1;
  for (const Step& step : schedule.steps()) {
    const std::uint64_t chunks = ceil_div(schedule.shape(step).b_slice, pe.hold_rows);
    if (chunks * pe.hold_rows * step.k_size * container > kCacheBytes) return 1;
    most = std::max(most, chunks);
  }
  return most;
}

/// Codes of `rows` vectors, of which the first `bytes` count.
bool equal_vectors(const std::byte* own, const std::byte* moved, std::size_t vector_bytes, std::size_t bytes,
                   unsigned rows) {
  if (bytes == vector_bytes) return std::memcmp(own, moved, rows * vector_bytes) == 0;
  for (unsigned r = 0; r < rows; ++r) {
    if (std::memcmp(own + r * vector_bytes, moved + r * vector_bytes, bytes) != 0) return false;
  }
  return true;
}

bool equal_sums(const numerics::Psum* x, const numerics::Psum* y, std::uint64_t count) {
  static_assert(sizeof(numerics::Psum) == 2 * sizeof(std::int64_t));  // no padding: bytes decide
  return std::memcmp(x, y, count * sizeof(numerics::Psum)) == 0;
}

bool all_zero(const numerics::Psum* sums, std::uint64_t count) {
  std::int64_t any = 0;
  for (std::uint64_t i = 0; i < count; ++i) any |= sums[i].inner | sums[i].outer;
  return any == 0;
}

/// Where a row of a PE's tile begins in the tile of its step, [b_row][a_row].
std::size_t step_row(const PeTile& tile, std::uint64_t row) {
  return (tile.b_row + row) * tile.step->a_rows + tile.a_row;
}

}  // namespace

void compare_codes(const CodeTensor& got, const CodeTensor& expected, const std::string& where) {
  if (got.codes == expected.codes) return;
  for (std::uint64_t i = 0; i < got.elements(); ++i) {
    if (got.code(i) == expected.code(i)) continue;
    throw SimulationError(where + ": output " + std::to_string(i) + " is code " + std::to_string(got.code(i)) +
                          ", the numerics library gives " + std::to_string(expected.code(i)));
  }
}

Checker::Checker(const GemmSchedule& schedule, const CodeTensor& a, const CodeTensor& b, CodeTensor out,
                 const numerics::DotUnit& unit, const numerics::Requantizer& requantizer)
    : schedule_(schedule),
      unit_(unit),
      requantizer_(requantizer),
      expected_(std::move(out)),
      a_container_(a.format->container_bytes()),
      b_container_(b.format->container_bytes()),
      out_container_(expected_.format->container_bytes()),
      expected_times_(expected_.elements()) {
  const Accelerator& machine = schedule.config().accelerator;
  const std::size_t slots = lane_groups(schedule);
  const std::size_t b_slots = row_chunks(schedule, b_container_);
  for (std::uint64_t row = 0; row < machine.pe_array.rows; ++row) {
    for (std::uint64_t column = 0; column < machine.pe_array.columns; ++column) {
      PeState pe{PeWalk(schedule, row, column),
                 OwnOperands(a.codes.data(), a_container_, machine.pe.vector_size, slots),
                 OwnOperands(b.codes.data(), b_container_, machine.pe.vector_size, b_slots)};
      pe.finished.resize(machine.queue_depth + 4);  // two banks and what a channel of single-word tiles holds
      pes_.push_back(std::move(pe));
    }
  }
  for (std::uint32_t i = 0; i < schedule.pass().gemms.size(); ++i) add_gemm(i);
  check_steps();
}

void Checker::add_gemm(std::uint32_t index) {
  const Gemm& gemm = schedule_.pass().gemms[index];
  const auto step = std::find_if(schedule_.steps().begin(), schedule_.steps().end(),
                                 [&](const Step& candidate) { return candidate.gemm == index; });
  LNSIM_CHECK(step != schedule_.steps().end(), "a GEMM of the pass has no steps");
  const Side side = schedule_.mapping(*step).operand_a;
  for (PeState& pe : pes_) {
    pe.a.add_gemm(operand_a_view(gemm, side));
    pe.b.add_gemm(operand_b_view(gemm, side));
  }
  m_is_a_.push_back(side == Side::kM);
  elements_.emplace_back(gemm.out);
  std::map<std::int64_t, BatchOffsets>& offsets = offsets_.emplace_back();
  for (std::uint64_t i = 0; i < gemm.count(); ++i) {
    BatchOffsets entry = batch_offsets(gemm, i);
    if (side != Side::kM) std::swap(entry.a, entry.b);
    offsets[entry.out] = entry;
  }
  outputs_ += gemm.m * gemm.n * gemm.count();
}

// Every sum runs over its whole k in order; which outputs there are shows when they are expected.
void Checker::check_steps() const {
  std::map<PartialsKey, std::uint64_t> next_k;
  for (const Step& step : schedule_.steps()) {
    const auto offsets = offsets_[step.gemm].find(step.out_offset);
    LNSIM_CHECK(offsets != offsets_[step.gemm].end() && offsets->second.a == step.a_offset &&
                    offsets->second.b == step.b_offset,
                "a step belongs to no batch index of its GEMM");
    std::uint64_t& k = next_k[key(step)];
    LNSIM_CHECK(step.k_begin == k && (k + step.k_size == schedule_.gemm(step).k) == step.last_k,
                "the steps of a sum do not follow each other");
    k += step.k_size;
  }
  for (const auto& [place, k] : next_k) {
    LNSIM_CHECK(k == schedule_.pass().gemms[place[0]].k, "a sum is not completed by any step");
  }
}

Checker::PartialsKey Checker::key(const Step& step) {
  return {step.gemm, static_cast<std::uint64_t>(step.out_offset), step.a_begin, step.b_begin};
}

void Checker::begin_tile(PeState& pe) {
  const PeTile& tile = pe.walk.tile();
  const Step& step = *tile.step;
  const BatchOffsets& offsets = offsets_[step.gemm].at(step.out_offset);
  const std::uint64_t a_row = step.a_begin + tile.a_row;
  const PeParams& params = schedule_.config().accelerator.pe;
  pe.a_panel = pe.a.panel({tile.step_index, a_row, tile.lanes}, step, offsets.a, tile.a_row / params.lanes);
  pe.b_panel = pe.b.panel({tile.step_index, step.b_begin + tile.b_row, tile.rows}, step, offsets.b,
                          tile.b_row / params.hold_rows);
}

numerics::GroupBlock Checker::own_block(const PeState& pe) const {
  const PeTile& tile = pe.walk.tile();
  const std::uint64_t vector_size = schedule_.config().accelerator.pe.vector_size;
  const std::uint64_t done = pe.group * vector_size;
  numerics::GroupBlock block;
  block.a = pe.a_panel + pe.group * tile.lanes * pe.a.vector_bytes();
  block.b = pe.b_panel + pe.group * tile.rows * pe.b.vector_bytes();
  block.a_stride = vector_size;
  block.b_stride = vector_size;
  block.lanes = static_cast<unsigned>(tile.lanes);
  block.rows = static_cast<unsigned>(tile.rows);
  block.elements = static_cast<unsigned>(std::min(vector_size, tile.step->k_size - done));
  const std::uint64_t k_end = tile.step->k_begin + done + block.elements;
  const std::uint64_t chunk = unit_.spec().accumulator.chunk.value_or(0);
  block.chunk_end = chunk != 0 && (k_end % chunk == 0 || k_end == schedule_.gemm(*tile.step).k);
  return block;
}

bool Checker::same_operands(const PeState& pe, const numerics::GroupBlock& moved) const {
  const numerics::GroupBlock own = own_block(pe);
  return own.lanes == moved.lanes && own.rows == moved.rows && own.elements == moved.elements &&
         own.chunk_end == moved.chunk_end && own.a_stride == moved.a_stride && own.b_stride == moved.b_stride &&
         equal_vectors(own.a, moved.a, pe.a.vector_bytes(), own.elements * a_container_, own.lanes) &&
         equal_vectors(own.b, moved.b, pe.b.vector_bytes(), own.elements * b_container_, own.rows);
}

bool Checker::same_start(const PeTile& tile, const numerics::Psum* sums, std::size_t stride) const {
  const Step& step = *tile.step;
  const Partials* own = step.k_begin == 0 ? nullptr : &partials_.at(key(step));
  for (std::uint64_t row = 0; row < tile.rows; ++row) {
    const numerics::Psum* machine = sums + row * stride;
    if (own == nullptr ? !all_zero(machine, tile.lanes)
                       : !equal_sums(own->sums.data() + step_row(tile, row), machine, tile.lanes)) {
      return false;
    }
  }
  return true;
}

void Checker::group(std::size_t index, const numerics::GroupBlock& moved, const numerics::Psum* sums,
                    std::size_t stride, std::uint64_t writes) {
  PeState& pe = pes_[index];
  const PeTile& tile = pe.walk.tile();
  if (pe.group == 0) {
    begin_tile(pe);
    pe.first_writes = writes;
    pe.proven = same_start(tile, sums, stride);
  }
  pe.proven = pe.proven && pe.group < tile.groups && writes == pe.first_writes + pe.group && same_operands(pe, moved);
  ++pe.group;
}

// The tile by the library alone, from the checker's own start and operands.
void Checker::evaluate(PeState& pe, std::vector<numerics::Psum>& sums) {
  const PeTile& tile = pe.walk.tile();
  std::fill(sums.begin(), sums.end(), numerics::Psum{});
  if (tile.step->k_begin != 0) {
    const Partials& own = partials_.at(key(*tile.step));
    for (std::uint64_t row = 0; row < tile.rows; ++row) {
      std::copy_n(own.sums.data() + step_row(tile, row), tile.lanes, sums.data() + row * tile.lanes);
    }
  }
  begin_tile(pe);
  for (pe.group = 0; pe.group < tile.groups; ++pe.group) {
    saturations_ += unit_.accumulate(own_block(pe), sums.data(), tile.lanes);
  }
  ++evaluated_;
}

void Checker::end_tile(std::size_t index, const numerics::Psum* sums, std::size_t stride, std::uint64_t saturations) {
  PeState& pe = pes_[index];
  const PeTile& tile = pe.walk.tile();
  const bool last = tile.step->last_k;
  LNSIM_CHECK(pe.finished_end - pe.finished_begin < pe.finished.size(), "finished tiles do not leave a PE");
  Finished& slot = pe.finished[pe.finished_end % pe.finished.size()];
  std::vector<numerics::Psum>& own = last ? slot.sums : scratch_;
  own.resize(tile.outputs());
  if (pe.proven && pe.group == tile.groups) {
    for (std::uint64_t row = 0; row < tile.rows; ++row) {
      std::copy_n(sums + row * stride, tile.lanes, own.data() + row * tile.lanes);
    }
    saturations_ += saturations;
  } else {
    evaluate(pe, own);
  }
  if (last) {
    slot.tile = tile;
    ++pe.finished_end;
  }
  keep_partials(tile, own);
  pe.group = 0;
  pe.walk.next();
}

void Checker::keep_partials(const PeTile& tile, const std::vector<numerics::Psum>& sums) {
  const Step& step = *tile.step;
  if (step.k_begin == 0 && step.last_k) return;
  Partials& partials = partials_[key(step)];
  if (partials.sums.empty()) {
    partials.left = step.a_rows * step.b_rows;
    partials.sums.resize(partials.left);
  }
  if (step.last_k) {
    partials.left -= tile.outputs();
    if (partials.left == 0) partials_.erase(key(step));
    return;
  }
  for (std::uint64_t row = 0; row < tile.rows; ++row) {
    std::copy_n(sums.data() + row * tile.lanes, tile.lanes, partials.sums.data() + step_row(tile, row));
  }
}

void Checker::requantised(std::size_t index, const numerics::Psum* sums, const std::byte* codes, std::uint64_t outputs,
                          std::uint64_t clipped) {
  PeState& pe = pes_[index];
  LNSIM_CHECK(pe.finished_begin != pe.finished_end, "a PE made codes of sums that are not complete");
  const Finished& slot = pe.finished[pe.finished_begin++ % pe.finished.size()];
  if (outputs == slot.tile.outputs() && equal_sums(slot.sums.data(), sums, outputs)) {
    clipped_ += clipped;
    expect(slot.tile, codes);
    return;
  }
  codes_.resize(slot.sums.size() * out_container_);
  for (std::size_t i = 0; i < slot.sums.size(); ++i) {
    const numerics::Encoded encoded = requantizer_.requantize(slot.sums[i]);
    clipped_ += encoded.clipped ? 1 : 0;
    numerics::store_code(codes_.data(), i, out_container_, encoded.code);
  }
  ++evaluated_;
  expect(slot.tile, codes_.data());
}

void Checker::expect(const PeTile& tile, const std::byte* codes) {
  const Step& step = *tile.step;
  const OutputElements& elements = elements_[step.gemm];
  const bool m_is_a = m_is_a_[step.gemm];
  const std::uint64_t a_begin = step.a_begin + tile.a_row;
  lane_elements_.resize(tile.lanes);
  for (std::uint64_t lane = 0; lane < tile.lanes; ++lane) {
    lane_elements_[lane] = m_is_a ? elements.of_m(a_begin + lane) : elements.of_n(a_begin + lane);
  }
  // Local, because a store to bytes could change any member as far as the compiler knows.
  const std::span<std::byte> times = expected_times_;
  const std::span<const std::uint64_t> lane_elements = lane_elements_;
  std::byte* const expected = expected_.codes.data();
  const unsigned container = out_container_;
  for (std::uint64_t row = 0; row < tile.rows; ++row) {
    const std::uint64_t b = step.b_begin + tile.b_row + row;
    const std::uint64_t first =
        (m_is_a ? elements.element(0, b) : elements.element(b, 0)) + static_cast<std::uint64_t>(step.out_offset);
    for (const std::uint64_t lane_element : lane_elements) {
      const std::uint64_t element = first + lane_element;
      LNSIM_CHECK(element < times.size() && times[element] == std::byte{0},
                  "output " + std::to_string(element) + " is made twice");
      times[element] = std::byte{1};
      copy_code(expected + element * container, codes, container);
      codes += container;
    }
  }
  expected_outputs_ += tile.outputs();
}

void Checker::finish(const CodeTensor& got, std::uint64_t saturations, std::uint64_t clipped,
                     const std::string& where) const {
  LNSIM_CHECK(expected_outputs_ == outputs_, where + ": " + std::to_string(expected_outputs_) + " of " +
                                                 std::to_string(outputs_) + " outputs were made");
  compare_codes(got, expected_, where);
  LNSIM_CHECK(saturations == saturations_ && clipped == clipped_,
              where + ": saturations or clipped codes are not the numerics library's");
}

}  // namespace lnsim::systemc
