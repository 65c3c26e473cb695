// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/arch/pass_config.hpp"
#include "sim/schedule/dma_job.hpp"
#include "sim/schedule/dram_address.hpp"
#include "sim/trace/actions.hpp"

namespace lnsim {

/// One tensor that a sweep reads or writes, at its width in memory.
struct StreamSpec {
  std::uint64_t elements = 0;
  ElementSize size;
};

/// The unit that walks the tensors.
enum class SweepUnit : std::uint8_t { kVector, kUpdate };

/// A sweep with every width resolved: what the vector unit or the weight-update unit does to whole tensors.
struct SweepWork {
  std::string name;
  SweepUnit unit = SweepUnit::kVector;
  std::uint64_t elements = 0;
  std::uint64_t row_elements = 0;  ///< > 0: chunks are whole rows
  unsigned passes = 1;             ///< walks over each row while it is in the buffer
  std::vector<StreamSpec> reads;
  std::vector<StreamSpec> writes;
  Counts operations;  ///< the unit's actions over the whole sweep
};

/// Bytes of all streams of the sweeps, each moved once.
[[nodiscard]] std::uint64_t compulsory_bytes(const std::vector<SweepWork>& sweeps);

/// One chunk: a step of the DMA order with one load per stream read and one store per stream written.
struct SweepStep {
  std::uint64_t beats = 0;  ///< busy cycles of the unit (docs/machine.md, V1)
  std::uint64_t in_bytes = 0, out_bytes = 0;
  std::uint64_t read_words = 0, write_words = 0;
  std::uint64_t filled_words = 0;  ///< fill counter once all loads of this and earlier chunks are in
  bool writes = false;
};

/// Neighbouring chunks of a sweep that are all alike: steps [first, first + count) of the list, and `left_out` more
/// that would follow them, a multiple of kStretchPeriod.
struct SweepStretch {
  std::size_t first = 0, count = 0;
  std::uint64_t left_out = 0;
};
inline constexpr std::uint64_t kStretchPeriod = 12;

/// The order of chunks and transfers of the sweeps of one pass; no time.
class SweepSchedule {
 public:
  enum class Form : std::uint8_t {
    kWhole,
    kShort,  ///< of long stretches of chunks that are alike only some are listed (not with addresses: bandwidth model)
  };
  /// Throws InputError where one row of a reduction does not fit at all.
  SweepSchedule(std::vector<SweepWork> sweeps, const PassConfig& config, const std::string& where,
                Form form = Form::kWhole)
      : SweepSchedule(std::move(sweeps), config, where, form, 1) {}
  /// With four times as many chunks listed of each stretch.
  [[nodiscard]] SweepSchedule longer() const { return {sweeps_, config_, where_, form_, 4 * patience_}; }

  [[nodiscard]] const std::vector<SweepWork>& sweeps() const { return sweeps_; }
  [[nodiscard]] const PassConfig& config() const { return config_; }
  [[nodiscard]] const std::vector<SweepStep>& steps() const { return steps_; }
  [[nodiscard]] const std::vector<DmaJob>& jobs() const { return jobs_; }
  /// What is not listed; empty in the whole form.
  [[nodiscard]] const std::vector<SweepStretch>& stretches() const { return stretches_; }
  /// Chunks, those that are not listed too.
  [[nodiscard]] std::uint64_t chunks() const { return chunks_; }
  [[nodiscard]] const std::string& where() const { return where_; }
  [[nodiscard]] std::uint64_t region_bytes(Region region) const;
  [[nodiscard]] SweepUnit unit() const { return sweeps_.front().unit; }
  [[nodiscard]] Counts operations() const;

 private:
  /// patience: times as many chunks of a stretch are listed as the machine is thought to need to come into step.
  SweepSchedule(std::vector<SweepWork> sweeps, const PassConfig& config, const std::string& where, Form form,
                std::uint64_t patience);
  struct Chunk {
    std::uint64_t begin = 0, end = 0;
  };
  struct Transfers {
    std::vector<BurstRange> loads;
    std::vector<BurstRange> stores;
  };
  void add_sweep(const SweepWork& sweep, const std::string& where);
  /// bases: first bursts of the sweep's reads, then of its writes.
  void add_chunk(const SweepWork& sweep, const std::vector<std::uint64_t>& bases, Chunk chunk, unsigned passes,
                 bool with_writes);
  void build_jobs();
  [[nodiscard]] std::uint64_t chunks_to_list(const SweepWork& sweep, std::uint64_t size, unsigned passes) const;
  [[nodiscard]] std::optional<std::vector<std::uint64_t>> odd_chunks(const SweepWork& sweep, std::uint64_t size,
                                                                     std::uint64_t listed) const;

  std::vector<SweepWork> sweeps_;
  PassConfig config_;
  std::string where_;
  Form form_;
  std::uint64_t patience_;
  std::vector<SweepStretch> stretches_;
  std::uint64_t chunks_ = 0;
  std::vector<SweepStep> steps_;
  std::vector<Transfers> transfers_;
  std::vector<DmaJob> jobs_;
  DramLayout layout_;
  std::uint64_t filled_words_ = 0;
};

}  // namespace lnsim
