// SPDX-License-Identifier: Apache-2.0
#include "sim/systemc/lanes.hpp"

#include <algorithm>
#include <cstring>

namespace lnsim::systemc {
namespace {

/// K-groups of operand A worth keeping in prepared form: those of the largest block, which every chunk of B meets
/// again, if those of all PEs stay in a processor's cache.
std::size_t kept_groups(const GemmSchedule& schedule) {
  constexpr std::uint64_t kMost = 2048;  // of a few kilobytes each
  const Accelerator& machine = schedule.config().accelerator;
  std::uint64_t most = 0;
  for (const Step& step : schedule.steps()) {
    const std::uint64_t lane_groups = ceil_div(schedule.shape(step).block, machine.pe.lanes);
    most = std::max(most, lane_groups * ceil_div(step.k_size, machine.pe.vector_size));
  }
  return most * machine.pes() <= kMost ? most : 0;
}

}  // namespace

DotProductLanes::DotProductLanes(const sc_core::sc_module_name& name, Clock& clock, const GemmSchedule& schedule,
                                 std::deque<PeLinks>& pes, BufferB& buffer_b, const DataPath& data)
    : Block(name, clock),
      schedule_(schedule),
      pes_(pes),
      buffer_b_(buffer_b),
      data_(data),
      lanes_(schedule.config().accelerator.pe.lanes),
      vector_size_(schedule.config().accelerator.pe.vector_size),
      accumulate_cycles_(schedule.config().accumulate_cycles()),
      stalls_(pes.size(), Stalls<6>({"fill", "operand_a", "operand_b", "collector", "accumulate_latency", "drain"})) {
  for (const PeLinks& links : pes_) {
    PeState state{PeWalk(schedule, links.row, links.column)};
    if (data_.unit != nullptr) {
      state.most_rows = schedule.config().accelerator.pe.hold_rows;
      state.a_rows.resize(kGroupsAtOnce * lanes_ * data_.a_vector_bytes);
      state.b_rows.resize(kGroupsAtOnce * state.most_rows * data_.b_vector_bytes);
      state.prepared = std::vector<numerics::PreparedA>(kept_groups(schedule));
      activity_.emplace_back(*data_.unit, lanes_, vector_size_);
    }
    states_.push_back(std::move(state));
  }
}

void DotProductLanes::tick() {
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const PeState& pe = states_[i];
    const unsigned causes = pe.walk.done() ? 1U << kDrain : blocked(i);
    if (causes == 0) {
      issue(i);
      stalls_[i].busy(now());
    } else {
      buffer_b_.wait(i, now());
      stalls_[i].blocked(now(), pe.groups == 0 && pe.row == 0 ? 1U << kFill : causes);
    }
  }
}

// L1.
unsigned DotProductLanes::blocked(std::size_t index) const {
  const PeLinks& links = pes_[index];
  const PeState& pe = states_[index];
  unsigned causes = 0;
  if (!buffer_b_.available(index, now())) causes |= 1U << kOperandB;
  if (pe.row != 0) return causes;
  if (links.groups_complete.seen(now()) <= pe.groups) causes |= 1U << kOperandA;
  if (pe.group == 0 && links.banks_ready.seen(now()) <= pe.tile) causes |= 1U << kCollector;
  if (pe.groups != 0 && now() < pe.group_start + accumulate_cycles_) causes |= 1U << kAccumulateLatency;
  return causes;
}

void DotProductLanes::issue(std::size_t index) {
  PeLinks& links = pes_[index];
  PeState& pe = states_[index];
  const PeTile& tile = pe.walk.tile();
  if (pe.row == 0) pe.group_start = now();
  if (pe.row == 0 && pe.group == 0) pe.tile_start = now();
  pe.issued_behind = now() + 1;
  buffer_b_.read(index, now());
  ++row_vectors_;
  vector_macs_ += tile.lanes;
  gated_ += lanes_ - tile.lanes;
  useful_macs_ += tile.lanes * (pe.group + 1 == tile.groups ? tile.last_elements : vector_size_);
  if (++pe.row < tile.rows) return;
  if (data_.unit != nullptr) take_group(index);
  pe.row = 0;
  ++pe.groups;
  links.groups_issued.add(now(), 1);
  if (++pe.group < tile.groups) return;
  if (data_.unit != nullptr) end_tile(index);
  if (timeline_ != nullptr) timeline_->add({TimelineTrack::kLanes, index, pe.tile_start, now() + 1, pe.tile});
  pe.group = 0;
  ++pe.tile;
  links.tile_done.push(now(), pe.tile);
  pe.walk.next();
}

// Takes the operands of a K-group whose last row has issued. The arithmetic follows for several groups of a tile at
// once, which keeps its code and data in the processor's caches: the partial sums are first read much later (C1).
void DotProductLanes::take_group(std::size_t index) {
  PeState& pe = states_[index];
  const PeTile& tile = pe.walk.tile();
  std::byte* a = pe.a_rows.data() + pe.taken * lanes_ * data_.a_vector_bytes;
  std::byte* b = pe.b_rows.data() + pe.taken * pe.most_rows * data_.b_vector_bytes;
  std::memcpy(a, data_.registers->bank(index, pe.groups), tile.lanes * data_.a_vector_bytes);
  buffer_b_.copy_group(index, b);
  if (data_.faults != nullptr) data_.faults->touch(FaultSite::kRowRegister, b, tile.rows * data_.b_vector_bytes);
  if (++pe.taken == kGroupsAtOnce || pe.group + 1 == tile.groups) multiply_taken(index);
}

void DotProductLanes::multiply_taken(std::size_t index) {
  PeState& pe = states_[index];
  const std::uint64_t first = pe.group + 1 - pe.taken;
  for (std::uint64_t i = 0; i < pe.taken; ++i) {
    multiply(index, first + i, pe.a_rows.data() + i * lanes_ * data_.a_vector_bytes,
             pe.b_rows.data() + i * pe.most_rows * data_.b_vector_bytes);
  }
  pe.taken = 0;
}

void DotProductLanes::multiply(std::size_t index, std::uint64_t group, const std::byte* a, const std::byte* b) {
  PeState& pe = states_[index];
  const PeTile& tile = pe.walk.tile();
  numerics::Psum* psums = data_.collector->open_bank(index, pe.tile);
  const Step& step = *tile.step;
  if (group == 0 && step.preload == PreloadFrom::kNone) std::fill(psums, psums + lanes_ * tile.rows, numerics::Psum{});
  if (data_.faults != nullptr && data_.faults->due(FaultSite::kDropGroup)) return;
  const bool last = group + 1 == tile.groups;
  numerics::GroupBlock block;
  block.a = a;
  block.b = b;
  block.a_stride = vector_size_;
  block.b_stride = vector_size_;
  block.lanes = static_cast<unsigned>(tile.lanes);
  block.rows = static_cast<unsigned>(tile.rows);
  block.elements = static_cast<unsigned>(last ? tile.last_elements : vector_size_);
  block.prepared_a = prepared_a(pe, group);
  const std::uint64_t chunk = schedule_.config().chunk;
  const std::uint64_t k_end = step.k_begin + group * vector_size_ + block.elements;
  block.chunk_end = chunk != 0 && (k_end % chunk == 0 || (last && step.last_k));
  if (data_.checker != nullptr) {
    data_.checker->group(index, block, psums, lanes_, data_.collector->times_opened(index, pe.tile));
  }
  pe.before.resize(tile.rows * tile.lanes);
  for (std::size_t row = 0; row < tile.rows; ++row) {
    std::copy_n(psums + row * lanes_, tile.lanes, pe.before.data() + row * tile.lanes);
  }
  const std::uint64_t saturations = data_.unit->accumulate(block, psums, lanes_);
  activity_[index].group(block, pe.before.data(), psums, lanes_, saturations > 0);
  pe.saturations += saturations;
}

// Only a block that meets several chunks of B comes back to its operand A.
numerics::PreparedA* DotProductLanes::prepared_a(PeState& pe, std::uint64_t group) const {
  const PeTile& tile = pe.walk.tile();
  if (pe.prepared.empty() || (tile.first_chunk && tile.last_chunk)) return nullptr;
  return &pe.prepared[(tile.a_row / lanes_ * tile.groups + group) % pe.prepared.size()];
}

void DotProductLanes::end_tile(std::size_t index) {
  PeState& pe = states_[index];
  if (data_.checker != nullptr) {
    data_.checker->end_tile(index, data_.collector->bank(index, pe.tile), lanes_, pe.saturations);
  }
  saturations_ += pe.saturations;
  pe.saturations = 0;
}

void DotProductLanes::add_signals(Waves& waves) {
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const std::string module = "lanes.pe" + std::to_string(i);
    waves.add(module, "issue", 1, [this, i](std::uint64_t cycle) { return states_[i].issued_behind == cycle + 1; });
    waves.add(module, "tile", 32, [this, i](std::uint64_t) { return states_[i].tile; });
    waves.add(module, "group", 32, [this, i](std::uint64_t) { return states_[i].group; });
    waves.add(module, "row", 16, [this, i](std::uint64_t) { return states_[i].row; });
    waves.add(module, "operands_complete", 32, [this, i](std::uint64_t) { return pes_[i].groups_complete.total(); });
  }
}

DataActivity DotProductLanes::data_activity() const {
  DataActivity sum;
  for (const ActivityCounter& pe : activity_) sum += pe.counts();
  return sum;
}

std::uint64_t DotProductLanes::issued_macs() const { return row_vectors_ * lanes_ * vector_size_; }

std::uint64_t DotProductLanes::busiest_pe_cycles() const {
  std::uint64_t most = 0;
  for (const Stalls<6>& pe : stalls_) most = std::max(most, pe.busy_cycles());
  return most;
}

void DotProductLanes::report(Counts& counts, StallTable& stalls, std::uint64_t cycles) {
  counts[Action::kLanesVectorMacs] += vector_macs_;
  counts[Action::kLanesGatedVectorMacs] += gated_;
  counts[Action::kOperandRegisterBVectors] += row_vectors_;
  for (Stalls<6>& pe : stalls_) pe.report(stalls["lanes"], cycles, kDrain);
}

}  // namespace lnsim::systemc
