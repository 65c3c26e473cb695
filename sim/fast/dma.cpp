// SPDX-License-Identifier: Apache-2.0
#include "sim/fast/dma.hpp"

#include <algorithm>

namespace lnsim::fast {

Dma::Dma(const PassConfig& config, const std::vector<DmaJob>& jobs, BufferState& buffer, Dram& dram)
    : jobs_(jobs),
      buffer_(buffer),
      dram_(dram),
      request_cycles_(std::max<Cycle>(config.accelerator.dma.request_cycles, 1)),
      store_read_cycles_(config.accelerator.global_buffer.read_cycles) {
  s_.started.resize(config.accelerator.queue_depth);
  s_.next = config.accelerator.controller.start_cycles;
}

bool Dma::advance() {
  bool moved = false;
  while (s_.job < jobs_.size()) {
    const DmaJob& job = jobs_[s_.job];
    if (job.kind == JobKind::kParameters) {
      parameters(job);
    } else if (job.kind == JobKind::kLoad ? !load(job) : !write(job)) {
      return moved;
    }
    moved = true;
  }
  return moved;
}

// A claim or an issue in `cycle`; a gap before it is charged to `cause`.
void Dma::act(Cycle cycle, Cause cause) {
  s_.stalls.charge(cause, cycle - s_.idle_from);
  s_.stalls.busy(1);
  s_.idle_from = s_.next = cycle + 1;
}

// M4.
Cycle Dma::queue_slot() const {
  return s_.transfers < s_.started.size() ? 0 : s_.started[s_.transfers % s_.started.size()] + 1;
}

Dram::Transfer Dma::transfer(Cycle issued, std::uint64_t bursts, bool read, Cycle more_cycles,
                             const BurstList& addresses) {
  const Dram::Transfer transfer = dram_.serve(issued + 1 + more_cycles, bursts, read, addresses);
  s_.started[s_.transfers++ % s_.started.size()] = transfer.start.cycle;
  (read ? s_.read_bursts : s_.write_bursts) += bursts;
  return transfer;
}

void Dma::next_job() {
  ++s_.job;
  s_.chunk = 0;
}

// M1, M2.
bool Dma::load(const DmaJob& job) {
  RegionSpace& space = buffer_.space_of(job.region);
  const Cycle room = space.earliest_claim(job.claim_id, job.claim_bytes);
  if (room == kUnknown) return false;
  const Cycle claimed = std::max(s_.next, room);
  act(claimed, room > s_.next ? kClaim : kRequest);
  space.claim(claimed, job.claim_bytes);
  if (job.bursts > 0) {
    const Cycle slot = queue_slot();
    const Cycle ready = claimed + request_cycles_;
    const Cycle issued = std::max(ready, slot);
    act(issued, slot > ready ? kWaitDram : kRequest);
    const Dram::Transfer moved = transfer(issued, job.bursts, true, 0, job.addresses);
    buffer_.filled_of(job.region).add(moved);
    s_.fill_words += moved.words;
  }
  next_job();
  return true;
}

// M3: one part of a store, or of a write that does not read the global buffer.
bool Dma::write(const DmaJob& job) {
  const StoreChunk& chunk = job.chunks[s_.chunk];
  const Cycle drained = chunk.drained == 0 ? 0 : buffer_.drained.for_store();
  if (drained == kUnknown) return false;
  if (chunk.drained > 0) buffer_.drained.take_for_store();
  const Cycle slot = queue_slot();
  const Cycle ready = std::max(drained, slot);
  act(std::max(s_.next, ready), ready <= s_.next ? kRequest : drained >= slot ? kDrain : kWaitDram);
  const bool store = job.kind == JobKind::kStore;
  const Dram::Transfer moved =
      transfer(s_.next - 1, chunk.bursts, false, store ? store_read_cycles_ : 0, chunk.addresses);
  if (store) s_.store_words += moved.words;
  if (++s_.chunk < job.chunks.size()) return true;
  if (job.free_bytes > 0) buffer_.space_of(job.region).free(moved.end.ceil(), job.free_bytes);  // M5
  next_job();
  return true;
}

void Dma::parameters(const DmaJob& job) {
  const Cycle slot = queue_slot();
  act(std::max(s_.next, slot), slot > s_.next ? kWaitDram : kRequest);
  transfer(s_.next - 1, job.bursts, true, 0, job.addresses);
  next_job();
}

std::string Dma::state() const { return "DMA job " + std::to_string(s_.job) + " of " + std::to_string(jobs_.size()); }

void Dma::report(RunResult& result) const {
  result.counts[Action::kDmaReadBursts] += s_.read_bursts;
  result.counts[Action::kDmaWriteBursts] += s_.write_bursts;
  result.counts[Action::kGlobalBufferFillWords] += s_.fill_words;
  result.counts[Action::kGlobalBufferStoreWords] += s_.store_words;
  s_.stalls.report(result.stalls, "dma", {"claim", "request", "drain", "dram", "done"}, result.cycles);
}

}  // namespace lnsim::fast
