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
  return position == all   ? elements
         : elements == all ? position
                           : static_cast<std::uint64_t>(static_cast<Uint128>(elements) * position / all);
}

// Bursts of a stream that are moved before the sweep comes to this position. One that two chunks share is moved once:
// read with the first of them, written with the last.
std::uint64_t bursts_before(const StreamSpec& stream, bool read, std::uint64_t position, std::uint64_t all,
                            std::uint64_t burst_bytes) {
  const std::uint64_t units = share(stream.elements, position, all) * stream.size.units();
  return read || position == all ? ceil_div(units, burst_bytes * kUnits) : units / (burst_bytes * kUnits);
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
                             Form form, std::uint64_t patience)
    : sweeps_(std::move(sweeps)),
      config_(config),
      where_(where),
      form_(config.accelerator.dram.model == DramModel::kBanked ? Form::kWhole : form),
      patience_(patience),
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
    chunks_ += all;
    const auto list = [&](std::uint64_t first, std::uint64_t end) {
      for (std::uint64_t i = first; i < end; ++i) {
        add_chunk(sweep, bases, {i * size, std::min((i + 1) * size, sweep.elements)}, passes, walk == extra_reads);
      }
    };
    const std::uint64_t least = chunks_to_list(sweep, size, passes);
    const auto odd = form_ == Form::kShort ? odd_chunks(sweep, size, least) : std::nullopt;
    if (!odd) {
      list(0, all);
      continue;
    }
    std::uint64_t next = 0;
    for (const std::uint64_t chunk : *odd) {
      const std::uint64_t alike = chunk - next;
      std::uint64_t listed = alike;
      // What is left out comes in whole periods.
      if (alike > least + kStretchPeriod) {
        listed = least + (alike - least) % kStretchPeriod;
        stretches_.push_back({steps_.size(), listed, alike - listed});
      }
      list(next, next + listed);
      list(chunk, chunk + 1);
      next = chunk + 1;
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

// An estimate of how many chunks it takes until the DMA is as far ahead as the buffer lets it, or the unit waits for
// it; and some more, until it is seen that nothing changes. Whatever it is, results are the same.
std::uint64_t SweepSchedule::chunks_to_list(const SweepWork& sweep, std::uint64_t size, unsigned passes) const {
  const std::uint64_t width =
      sweep.unit == SweepUnit::kVector ? config_.accelerator.vector_unit.width : config_.accelerator.update_unit.width;
  double in = 0, out = 0;  // bytes of a chunk
  const auto share_of = [&](const StreamSpec& stream) {
    return static_cast<double>(stream.elements) * stream.size.bits() / 8 * static_cast<double>(size) /
           static_cast<double>(sweep.elements);
  };
  for (const StreamSpec& stream : sweep.reads) in += share_of(stream);
  for (const StreamSpec& stream : sweep.writes) out += share_of(stream);
  const double bytes_per_cycle =
      static_cast<double>(config_.accelerator.dram.bandwidth_bytes_per_second) / static_cast<double>(config_.clock_hz);
  const double unit = static_cast<double>(size * passes) / static_cast<double>(width);
  const double dram = (in + out) / bytes_per_cycle;
  const double ahead = static_cast<double>(region_bytes(Region::kA)) / std::max(in, 1.0);
  double chunks = 3 * kStretchPeriod;
  if (unit > dram) chunks = std::max(chunks, 2 * kStretchPeriod + ahead * (1 + dram / (unit - dram)));
  return patience_ * static_cast<std::uint64_t>(std::min(chunks, 1e6));
}

// Of the chunks of so many elements: those that move other bursts than most, in ascending order; the last is one of
// them. Most move the same of long streams and nothing of short ones (parameters). Nothing where too many differ for
// any to be left out, if so many are listed of each stretch between them.
std::optional<std::vector<std::uint64_t>> SweepSchedule::odd_chunks(const SweepWork& sweep, std::uint64_t size,
                                                                    std::uint64_t listed) const {
  const std::uint64_t burst_bytes = config_.accelerator.dram.burst_bytes;
  const std::uint64_t all = ceil_div(sweep.elements, size);
  const std::uint64_t most = all / (listed + kStretchPeriod);
  std::vector<std::uint64_t> odd{all - 1};
  for (const bool read : {true, false}) {
    for (const StreamSpec& stream : read ? sweep.reads : sweep.writes) {
      const Uint128 elements = static_cast<Uint128>(stream.elements) * size;
      if (elements % sweep.elements == 0 &&
          elements / sweep.elements * stream.size.units() % (burst_bytes * kUnits) == 0) {
        continue;
      }
      const auto before = [&](std::uint64_t chunk) {
        return bursts_before(stream, read, std::min(chunk * size, sweep.elements), sweep.elements, burst_bytes);
      };
      if (before(all) > most) return std::nullopt;
      // Each chunk that moves some bursts: the first after which there are more than before.
      for (std::uint64_t next = 0; before(next) < before(all);) {
        std::uint64_t low = next, high = all;  // there are none more after the one, and more after the other
        while (high - low > 1) {
          const std::uint64_t middle = low + (high - low) / 2;
          (before(middle) > before(next) ? high : low) = middle;
        }
        odd.push_back(low);
        next = high;
      }
    }
  }
  std::sort(odd.begin(), odd.end());
  odd.erase(std::unique(odd.begin(), odd.end()), odd.end());
  if (odd.size() > most) return std::nullopt;
  return odd;
}

void SweepSchedule::add_chunk(const SweepWork& sweep, const std::vector<std::uint64_t>& bases, Chunk chunk,
                              unsigned passes, bool with_writes) {
  const std::uint64_t burst_bytes = config_.accelerator.dram.burst_bytes;
  const std::uint64_t word_bytes = config_.accelerator.global_buffer.word_bytes;
  const std::uint64_t per_word = word_bytes / burst_bytes;
  const auto bursts = [&](const StreamSpec& stream, bool read) {
    const std::uint64_t first = bursts_before(stream, read, chunk.begin, sweep.elements, burst_bytes);
    return BurstRange{first, bursts_before(stream, read, chunk.end, sweep.elements, burst_bytes) - first};
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
  std::size_t transfers = 0;
  for (const Transfers& of_chunk : transfers_) transfers += of_chunk.loads.size() + of_chunk.stores.size();
  jobs_.reserve(transfers);
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
