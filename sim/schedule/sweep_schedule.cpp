// SPDX-License-Identifier: Apache-2.0
#include "sim/schedule/sweep_schedule.hpp"

#include <algorithm>

#include "sim/schedule/gemm_schedule.hpp"
#include "sim/support/error.hpp"
#include "sim/support/text.hpp"
#include "sim/support/wide.hpp"

namespace lnsim {
namespace {

constexpr std::uint64_t kUnits = ElementSize::kUnitsPerByte;

// Chunks of at most this many bytes read keep the prologue of a sweep short; larger ones save nothing.
constexpr std::uint64_t kChunkBytes = 64 * 1024;
// Boundaries at multiples of this many elements are burst boundaries for every width in bits, for bursts of up to 64
// bytes.
constexpr std::uint64_t kChunkUnit = 512;

// Share of a stream that belongs to elements [begin, end) of the sweep.
std::uint64_t share(std::uint64_t elements, std::uint64_t position, std::uint64_t all) {
  return position == all ? elements : static_cast<std::uint64_t>(static_cast<Uint128>(elements) * position / all);
}

// The same where streams of block-scaled formats have fractions of a bit per element.
std::uint64_t chunk_unit(const SweepWork& sweep) {
  std::uint64_t elements = kChunkUnit;
  for (const auto* streams : {&sweep.reads, &sweep.writes}) {
    for (const StreamSpec& stream : *streams) {
      while (elements / kChunkUnit * stream.size.units() % ElementSize::kUnitsPerBit != 0) elements *= 2;
    }
  }
  return elements;
}

}  // namespace

SweepSchedule::SweepSchedule(std::vector<SweepWork> sweeps, const PassConfig& config, const std::string& where,
                             Form form)
    : sweeps_(std::move(sweeps)),
      config_(config),
      where_(where),
      form_(config.accelerator.dram.model == DramModel::kBanked ? Form::kWhole : form),
      layout_(config.accelerator.dram.burst_bytes) {
  for (const SweepWork& sweep : sweeps_) {
    LNSIM_CHECK(sweep.unit == unit() && sweep.elements > 0, "sweeps of one pass run on one unit");
    add_sweep(sweep, where);
  }
  build_jobs();
}

std::uint64_t SweepSchedule::region_bytes(Region region) const {
  const GlobalBufferParams& buffer = config_.accelerator.global_buffer;
  const std::uint64_t bank = buffer.bytes / buffer.banks;
  const std::uint64_t out_banks = buffer.banks / 2;
  return region == Region::kOut ? out_banks * bank : region == Region::kA ? (buffer.banks - out_banks) * bank : 0;
}

void SweepSchedule::add_sweep(const SweepWork& sweep, const std::string& where) {
  std::uint64_t read_units = 1, write_units = 1;
  for (const StreamSpec& stream : sweep.reads) read_units += checked_mul(stream.elements, stream.size.units());
  for (const StreamSpec& stream : sweep.writes) write_units += checked_mul(stream.elements, stream.size.units());
  const std::uint64_t in_limit = std::min(kChunkBytes, region_bytes(Region::kA) / 2);
  const std::uint64_t out_limit = std::min(kChunkBytes, region_bytes(Region::kOut) / 2);
  const std::uint64_t parts =
      std::max({ceil_div(read_units, in_limit * kUnits), ceil_div(write_units, out_limit * kUnits), std::uint64_t{1}});
  std::uint64_t size = ceil_div(sweep.elements, parts);
  unsigned passes = sweep.passes;
  unsigned extra_reads = 0;
  if (sweep.row_elements > 0) {
    size = std::max<std::uint64_t>(size / sweep.row_elements, 1) * sweep.row_elements;
    const std::uint64_t row_bytes = ceil_div(ceil_div(read_units * sweep.row_elements, sweep.elements), kUnits);
    const std::uint64_t row_out = ceil_div(ceil_div(write_units * sweep.row_elements, sweep.elements), kUnits);
    if (row_bytes > region_bytes(Region::kA) / 2 || row_out > region_bytes(Region::kOut) / 2) {
      // The row does not fit: each walk reads it from DRAM again, and chunks need not be rows.
      extra_reads = sweep.passes - 1;
      passes = 1;
      size = ceil_div(sweep.elements, parts);
    }
  }
  const std::uint64_t unit = chunk_unit(sweep);
  if (size > unit && (sweep.row_elements == 0 || extra_reads > 0)) size = size / unit * unit;
  std::vector<std::uint64_t> bases;
  for (const auto* streams : {&sweep.reads, &sweep.writes}) {
    for (const StreamSpec& stream : *streams) bases.push_back(layout_.append(stream.size.bytes(stream.elements)));
  }
  for (unsigned walk = 0; walk <= extra_reads; ++walk) {
    const std::uint64_t all = ceil_div(sweep.elements, size);
    std::uint64_t listed = all;
    // Enough for the machine to come into step, and what is left out in whole periods.
    constexpr std::uint64_t kListed = 3 * kStretchPeriod;
    if (form_ == Form::kShort && all > kListed + kStretchPeriod && alike(sweep, size)) {
      listed = kListed + 1 + (all - 1 - kListed) % kStretchPeriod;
      stretches_.push_back({steps_.size(), listed - 1, all - listed});
    }
    chunks_ += all;
    for (std::uint64_t i = 0; i < listed; ++i) {
      const std::uint64_t begin = (i + 1 == listed ? all - 1 : i) * size;
      add_chunk(sweep, bases, {begin, std::min(begin + size, sweep.elements)}, passes, walk == extra_reads);
    }
  }
  for (const SweepStep& step : steps_) {
    const std::uint64_t burst = config_.accelerator.dram.burst_bytes;
    if (step.in_bytes > region_bytes(Region::kA) || step.out_bytes > region_bytes(Region::kOut)) {
      throw InputError(
          where, "/global_buffer/bytes", std::to_string(config_.accelerator.global_buffer.bytes),
          "room for a chunk of " + std::to_string(std::max(step.in_bytes, step.out_bytes) + burst) + " bytes");
    }
  }
}

// Every chunk of so many elements, but the last, moves the same bursts of every stream.
bool SweepSchedule::alike(const SweepWork& sweep, std::uint64_t chunk) const {
  const std::uint64_t burst_units = config_.accelerator.dram.burst_bytes * kUnits;
  const auto whole = [&](const StreamSpec& stream) {
    const Uint128 elements = static_cast<Uint128>(stream.elements) * chunk;
    return elements % sweep.elements == 0 && elements / sweep.elements * stream.size.units() % burst_units == 0;
  };
  return std::all_of(sweep.reads.begin(), sweep.reads.end(), whole) &&
         std::all_of(sweep.writes.begin(), sweep.writes.end(), whole);
}

void SweepSchedule::add_chunk(const SweepWork& sweep, const std::vector<std::uint64_t>& bases, Chunk chunk,
                              unsigned passes, bool with_writes) {
  const std::uint64_t burst_bytes = config_.accelerator.dram.burst_bytes;
  const std::uint64_t word_bytes = config_.accelerator.global_buffer.word_bytes;
  const std::uint64_t per_word = word_bytes / burst_bytes;
  // A burst that two chunks share is moved once: read with the first of them, written with the last.
  const auto bursts = [&](const StreamSpec& stream, bool read) {
    const auto before = [&](std::uint64_t position) {
      const std::uint64_t units = share(stream.elements, position, sweep.elements) * stream.size.units();
      return read || position == sweep.elements ? ceil_div(units, burst_bytes * kUnits)
                                                : units / (burst_bytes * kUnits);
    };
    return BurstRange{before(chunk.begin), before(chunk.end) - before(chunk.begin)};
  };
  SweepStep step;
  Transfers transfers;
  for (std::size_t i = 0; i < sweep.reads.size(); ++i) {
    const auto [first, count] = bursts(sweep.reads[i], true);
    if (count == 0) continue;
    transfers.loads.push_back({bases[i] + first, count});
    step.in_bytes += count * burst_bytes;
    step.read_words += ceil_div(count, per_word);
  }
  for (std::size_t i = 0; with_writes && i < sweep.writes.size(); ++i) {
    const auto [first, count] = bursts(sweep.writes[i], false);
    if (count == 0) continue;
    transfers.stores.push_back({bases[sweep.reads.size() + i] + first, count});
    step.out_bytes += count * burst_bytes;
    step.write_words += ceil_div(count, per_word);
  }
  const std::uint64_t width =
      sweep.unit == SweepUnit::kVector ? config_.accelerator.vector_unit.width : config_.accelerator.update_unit.width;
  step.beats = std::max({ceil_div((chunk.end - chunk.begin) * passes, width), step.read_words * passes,
                         step.write_words, std::uint64_t{1}});
  filled_words_ += step.read_words;
  step.filled_words = filled_words_;
  step.read_words *= passes;
  step.writes = step.out_bytes > 0;
  steps_.push_back(step);
  transfers_.push_back(std::move(transfers));
}

void SweepSchedule::build_jobs() {
  std::uint64_t claims = 0;
  const bool banked = config_.accelerator.dram.model == DramModel::kBanked;
  const auto addresses = [&](const BurstRange& range) { return banked ? burst_list({range}, 0) : BurstList{}; };
  const auto loads = [&](std::uint32_t index) {
    for (const BurstRange& range : transfers_[index].loads) {
      jobs_.push_back({JobKind::kLoad,
                       Region::kA,
                       index,
                       range.count,
                       range.count * config_.accelerator.dram.burst_bytes,
                       claims++,
                       {},
                       0,
                       false,
                       addresses(range)});
    }
  };
  const auto count = static_cast<std::uint32_t>(steps_.size());
  if (count > 0) loads(0);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (i + 1 < count) loads(i + 1);
    for (const BurstRange& range : transfers_[i].stores) {
      // Chunk i counts as one drained tile.
      jobs_.push_back({JobKind::kStore,
                       Region::kOut,
                       i,
                       0,
                       0,
                       0,
                       {{i + 1, range.count, addresses(range)}},
                       range.count * config_.accelerator.dram.burst_bytes,
                       false});
    }
  }
}

std::uint64_t compulsory_bytes(const std::vector<SweepWork>& sweeps) {
  std::uint64_t bytes = 0;
  for (const SweepWork& sweep : sweeps) {
    for (const auto* streams : {&sweep.reads, &sweep.writes}) {
      for (const StreamSpec& stream : *streams) bytes += stream.size.bytes(stream.elements);
    }
  }
  return bytes;
}

Counts SweepSchedule::operations() const {
  Counts counts;
  for (const SweepWork& sweep : sweeps_) counts += sweep.operations;
  return counts;
}

}  // namespace lnsim
