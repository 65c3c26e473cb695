// SPDX-License-Identifier: Apache-2.0
#include "sim/systemc/data_plane.hpp"

#include <algorithm>
#include <cstring>
#include <span>

#include "sim/support/error.hpp"
#include "sim/systemc/copy_vector.hpp"

namespace lnsim::systemc {

DataPlane::DataPlane(const GemmSchedule& schedule, const DramTensors& tensors, FaultInjector* faults)
    : schedule_(schedule), tensors_(tensors), faults_(faults), drain_walk_(schedule) {
  a_.container = tensors.a_container;
  a_.bits = schedule.config().a_bits;
  a_.dram = tensors.a;
  b_.container = tensors.b_container;
  b_.bits = schedule.config().b_bits;
  b_.dram = tensors.b;
  for (const DmaJob& job : schedule.jobs()) {
    if (job.kind != JobKind::kLoad) continue;
    if (job.region == Region::kA) a_.load_steps.push_back(job.step);
    if (job.region == Region::kB) b_.load_steps.push_back(job.step);
  }
  for (std::uint32_t i = 0; i < schedule.pass().gemms.size(); ++i) {
    const Gemm& gemm = schedule.pass().gemms[i];
    const auto step = std::find_if(schedule.steps().begin(), schedule.steps().end(),
                                   [&](const Step& candidate) { return candidate.gemm == i; });
    LNSIM_CHECK(step != schedule.steps().end(), "a GEMM of the pass has no steps");
    const Side side = schedule.mapping(*step).operand_a;
    a_.gathers.emplace_back(operand_a_view(gemm, side), a_.container);
    b_.gathers.emplace_back(operand_b_view(gemm, side), b_.container);
    elements_.emplace_back(gemm.out);
  }
}

const OperandView& DataPlane::view(const Stream& stream, const Step& step) const {
  const Side side = schedule_.mapping(step).operand_a;
  return &stream == &a_ ? operand_a_view(schedule_.gemm(step), side) : operand_b_view(schedule_.gemm(step), side);
}

// Tiles are created when the first word of their load, or a reader of nothing but padding, asks for them.
DataPlane::Tile& DataPlane::tile(Stream& stream, std::uint64_t load) {
  while (stream.released + stream.tiles.size() <= load) {
    const Step& step = schedule_.steps()[stream.load_steps[stream.released + stream.tiles.size()]];
    const bool a = &stream == &a_;
    const std::uint64_t row = a ? step.a_begin : step.b_begin;
    const std::uint64_t rows = a ? step.a_rows : step.b_rows;
    Tile tile;
    tile.runs = touched_runs(view(stream, step), row, row + rows, step.k_begin, step.k_begin + step.k_size);
    if (!tile.runs.empty()) {
      tile.first = static_cast<std::int64_t>(tile.runs.front().first);
      const std::uint64_t end = tile.runs.back().first + tile.runs.back().length;
      tile.codes = std::make_unique_for_overwrite<std::byte[]>((end - tile.runs.front().first) * stream.container);
    }
    stream.tiles.push_back(std::move(tile));
  }
  return stream.tiles[load - stream.released];
}

void DataPlane::fill(std::uint32_t bursts) {
  const std::vector<DmaJob>& jobs = schedule_.jobs();
  while (jobs[load_job_].kind != JobKind::kLoad || job_bursts_ == jobs[load_job_].bursts) {
    if (jobs[load_job_].kind == JobKind::kLoad && jobs[load_job_].region != Region::kOut) {
      ++loads_begun_[static_cast<std::size_t>(jobs[load_job_].region)];
    }
    ++load_job_;
    job_bursts_ = 0;
  }
  const DmaJob& job = jobs[load_job_];
  job_bursts_ += bursts;
  if (job.region == Region::kOut) {
    // Partial sums come back as they were spilled, when their last word is in.
    if (job_bursts_ < job.bursts) return;
    const Step& step = schedule_.steps()[job.step];
    const auto found = spilled_.find(spill_key(step));
    LNSIM_CHECK(found != spilled_.end(), "partial sums are read before they were written");
    out_tile(step).psums = found->second;
    return;
  }
  Stream& stream = job.region == Region::kA ? a_ : b_;
  const std::uint64_t load = loads_begun_[static_cast<std::size_t>(job.region)];
  fill_tile(stream, tile(stream, load), job.step, bursts);
}

// Copies the elements whose last bit lies in the next `bursts` bursts of the tile.
void DataPlane::fill_tile(Stream& stream, Tile& tile, std::uint32_t step_index, std::uint32_t bursts) {
  const Step& step = schedule_.steps()[step_index];
  const std::int64_t offset = &stream == &a_ ? step.a_offset : step.b_offset;
  const std::uint64_t burst_bits = schedule_.config().accelerator.dram.burst_bytes * 8;
  std::uint64_t left = bursts;
  while (left > 0 && tile.run < tile.runs.size()) {
    const Run& run = tile.runs[tile.run];
    const std::uint64_t begin = run.first + tile.run_done;
    // Bursts of the run that are not filled yet: from the first one that holds `begin`, unless it came with a run
    // before.
    const std::uint64_t first_burst = std::max(tile.next_burst, begin * stream.bits / burst_bits);
    const std::uint64_t last_burst = ((run.first + run.length) * stream.bits - 1) / burst_bits;
    std::uint64_t end = run.first + run.length;
    if (last_burst + 1 > first_burst) {
      const std::uint64_t take = std::min(left, last_burst + 1 - first_burst);
      tile.next_burst = first_burst + take;
      left -= take;
      end = std::min(end, tile.next_burst * burst_bits / stream.bits);
    }
    if (end > begin) {
      const auto to = static_cast<std::size_t>(static_cast<std::int64_t>(begin) - tile.first) * stream.container;
      const auto from = static_cast<std::size_t>(static_cast<std::int64_t>(begin) + offset) * stream.container;
      const std::size_t bytes = (end - begin) * stream.container;
      std::memcpy(tile.codes.get() + to, stream.dram + from, bytes);
      if (faults_ != nullptr) {
        faults_->touch(&stream == &a_ ? FaultSite::kGlobalBufferA : FaultSite::kGlobalBufferB, tile.codes.get() + to,
                       bytes);
      }
      tile.run_done = end - run.first;
    }
    if (tile.run_done == run.length) {
      ++tile.run;
      tile.run_done = 0;
    }
  }
  // Elements of later runs that lie in bursts already here, a run's beginning too: readers may ask for them now.
  while (tile.run < tile.runs.size()) {
    const Run& run = tile.runs[tile.run];
    const std::uint64_t begin = run.first + tile.run_done;
    const std::uint64_t end = std::min(run.first + run.length, tile.next_burst * burst_bits / stream.bits);
    if (end <= begin) break;
    const auto to = static_cast<std::size_t>(static_cast<std::int64_t>(begin) - tile.first) * stream.container;
    const auto from = static_cast<std::size_t>(static_cast<std::int64_t>(begin) + offset) * stream.container;
    std::memcpy(tile.codes.get() + to, stream.dram + from, (end - begin) * stream.container);
    tile.run_done = end - run.first;
    if (tile.run_done < run.length) break;
    ++tile.run;
    tile.run_done = 0;
  }
}

void DataPlane::gather(Region region, const Unit& unit, std::uint64_t first, std::uint64_t count, std::byte* out) {
  Stream& stream = region == Region::kA ? a_ : b_;
  const std::size_t vector_bytes = schedule_.config().accelerator.pe.vector_size * stream.container;
  if (!stream.gathers[unit.step->gemm].transposes()) {
    gather_rows(stream, region, unit, first, count, out);
    return;
  }
  // A transposed unit is taken at once when its first word goes out: all its words are in the buffer then.
  if (first == 0) {
    stream.unit.resize(unit.vectors * vector_bytes);
    gather_rows(stream, region, unit, 0, unit.vectors, stream.unit.data());
  }
  copy_vector(out, stream.unit.data() + first * vector_bytes, count * vector_bytes);
}

void DataPlane::gather_rows(Stream& stream, Region region, const Unit& unit, std::uint64_t first, std::uint64_t count,
                            std::byte* out) {
  const Step& step = *unit.step;
  const Tile& tile = this->tile(stream, stream.released);
  const std::size_t vector_bytes = schedule_.config().accelerator.pe.vector_size * stream.container;
  const std::uint64_t row = (region == Region::kA ? step.a_begin : step.b_begin) + unit.row + first;
  stream.gathers[step.gemm].gather_rows(tile.codes.get(), row, count, step.k_begin + unit.k, unit.elements, -tile.first,
                                        out, vector_bytes);
  const std::size_t used = unit.elements * stream.container;
  if (used == vector_bytes) return;
  for (std::uint64_t v = 0; v < count; ++v) std::memset(out + v * vector_bytes + used, 0, vector_bytes - used);
}

void DataPlane::release(Region region) {
  Stream& stream = region == Region::kA ? a_ : b_;
  tile(stream, stream.released);
  stream.tiles.pop_front();
  ++stream.released;
}

DataPlane::OutTile& DataPlane::out_tile(const Step& step) {
  OutTile& tile = out_tiles_[out_key(step)];
  const std::size_t outputs = step.a_rows * step.b_rows;
  if (step.output == OutputTo::kStore) {
    tile.codes.resize(outputs * tensors_.out_container);
  } else {
    tile.psums.resize(outputs);
  }
  return tile;
}

void DataPlane::write_drained(const std::byte* payload) {
  const PeTile& tile = drain_walk_.tile();
  const Step& step = *tile.step;
  OutTile& out = out_tile(step);
  for (std::uint64_t row = 0; row < tile.rows; ++row) {
    const std::size_t to = (tile.b_row + row) * step.a_rows + tile.a_row;
    if (step.output == OutputTo::kStore) {
      const std::size_t bytes = tile.lanes * tensors_.out_container;
      std::memcpy(out.codes.data() + to * tensors_.out_container, payload + row * bytes, bytes);
    } else {
      std::memcpy(static_cast<void*>(out.psums.data() + to), payload + row * tile.lanes * sizeof(numerics::Psum),
                  tile.lanes * sizeof(numerics::Psum));
    }
  }
  if (faults_ != nullptr) {
    const bool codes = step.output == OutputTo::kStore;
    faults_->touch(FaultSite::kGlobalBufferOut,
                   codes ? out.codes.data() : reinterpret_cast<std::byte*>(out.psums.data()),
                   codes ? out.codes.size() : out.psums.size() * sizeof(numerics::Psum));
  }
  drain_walk_.next();
}

std::uint32_t DataPlane::read_preload(const PeTile& tile, std::byte* payload) {
  const Step& step = *tile.step;
  const OutTile& out = out_tiles_.at(out_key(step));
  for (std::uint64_t row = 0; row < tile.rows; ++row) {
    std::memcpy(payload + row * tile.lanes * sizeof(numerics::Psum),
                out.psums.data() + (tile.b_row + row) * step.a_rows + tile.a_row, tile.lanes * sizeof(numerics::Psum));
  }
  return static_cast<std::uint32_t>(tile.outputs() * sizeof(numerics::Psum));
}

void DataPlane::store(const DmaJob& job) {
  const Step& step = schedule_.steps()[job.step];
  const auto found = out_tiles_.find(out_key(step));
  LNSIM_CHECK(found != out_tiles_.end(), "an output tile is stored before it was drained");
  if (job.partial_sums) {
    spilled_[spill_key(step)] = std::move(found->second.psums);
  } else {
    store_codes(step, found->second);
  }
  out_tiles_.erase(found);
}

void DataPlane::store_codes(const Step& step, const OutTile& tile) {
  const OutputElements& elements = elements_[step.gemm];
  const bool m_is_a = schedule_.mapping(step).operand_a == Side::kM;
  std::vector<std::uint64_t> a_elements(step.a_rows);
  for (std::uint64_t a = 0; a < step.a_rows; ++a) {
    a_elements[a] = m_is_a ? elements.of_m(step.a_begin + a) : elements.of_n(step.a_begin + a);
  }
  // Local, because a store to bytes could change any member as far as the compiler knows.
  const std::span<const std::uint64_t> row_elements = a_elements;
  std::byte* const out = tensors_.out;
  const unsigned container = tensors_.out_container;
  const std::byte* from = tile.codes.data();
  for (std::uint64_t b = step.b_begin; b < step.b_begin + step.b_rows; ++b) {
    const std::uint64_t first =
        (m_is_a ? elements.element(0, b) : elements.element(b, 0)) + static_cast<std::uint64_t>(step.out_offset);
    for (const std::uint64_t a_element : row_elements) {
      copy_code(out + (first + a_element) * container, from, container);
      from += container;
    }
  }
}

}  // namespace lnsim::systemc
