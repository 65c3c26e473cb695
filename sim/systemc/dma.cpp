// SPDX-License-Identifier: Apache-2.0
#include "sim/systemc/dma.hpp"

#include <algorithm>

namespace lnsim::systemc {

Dma::Dma(const sc_core::sc_module_name& name, Clock& clock, const PassConfig& config, const std::vector<DmaJob>& jobs,
         GlobalBufferState& buffer, Links links, DataPlane* data)
    : Block(name, clock),
      jobs_(jobs),
      buffer_(buffer),
      links_(links),
      data_(data),
      bursts_per_word_(config.accelerator.global_buffer.word_bytes / config.accelerator.dram.burst_bytes),
      start_cycles_(config.accelerator.controller.start_cycles),
      // A claim and its request are two cycles of the DMA.
      request_cycles_(std::max<std::uint64_t>(config.accelerator.dma.request_cycles, 1)),
      store_read_cycles_(config.accelerator.global_buffer.read_cycles) {
  for (RegionSpace& space : buffer_.space) {
    space.claims.set_listener(this);
    space.freed.set_listener(this);
  }
  buffer_.drained.set_listener(this);
}

void Dma::tick() {
  fill_buffer();
  free_space();
  const unsigned causes = issue();
  if (causes == 0) {
    stalls_.busy(now());
  } else {
    stalls_.blocked(now(), causes);
    if (words_in_flight_ == 0 && writes_in_flight_ == 0 && waits_for_news(causes)) sleep();
  }
}

// True if the DMA waits for space or for drained tiles and has seen all there is to see of them.
bool Dma::waits_for_news(unsigned causes) const {
  if (job_ == jobs_.size()) return true;
  if (causes == 1U << kDrain) return buffer_.drained.seen(now()) == buffer_.drained.total();
  if (causes != 1U << kClaim) return false;
  const RegionSpace& space = buffer_.space[static_cast<std::size_t>(jobs_[job_].region)];
  return space.claims.seen(now()) == space.claims.total() && space.freed.seen(now()) == space.freed.total();
}

// D2: an arriving word is written through the fill port.
void Dma::fill_buffer() {
  if (!links_.fills.valid(now())) return;
  const FillWord word = links_.fills.front();
  links_.fills.pop(now());
  buffer_.filled[static_cast<std::size_t>(word.region)].add(now(), 1);
  ++fill_words_;
  --words_in_flight_;
  if (data_ != nullptr) data_->fill(word.bursts);
}

// D3, M5.
void Dma::free_space() {
  while (links_.writes_done.valid(now())) {
    const WriteDone write = links_.writes_done.front();
    links_.writes_done.pop(now());
    if (write.free_bytes > 0) buffer_.space[static_cast<std::size_t>(write.region)].freed.add(now(), write.free_bytes);
    --writes_in_flight_;
  }
}

unsigned Dma::issue() {
  if (now() < start_cycles_) return 1U << kRequest;
  if (job_ == jobs_.size()) return 1U << kDone;
  const DmaJob& job = jobs_[job_];
  switch (job.kind) {
    case JobKind::kLoad: return issue_load(job);
    case JobKind::kParameters: return issue_parameters(job);
    case JobKind::kStore:
    case JobKind::kDirect: return issue_write(job);
  }
  return 0;
}

// M1, M2. A tile that meets only padding is claimed and has no transfer.
unsigned Dma::issue_load(const DmaJob& job) {
  RegionSpace& space = buffer_.space[static_cast<std::size_t>(job.region)];
  if (!claimed_) {
    if (!space.can_claim(now(), job.claim_id, job.claim_bytes)) return 1U << kClaim;
    space.claim(now(), job.claim_bytes);
    claimed_ = true;
    request_from_ = now() + request_cycles_;
    if (job.bursts == 0) next_job();
    return 0;
  }
  unsigned causes = 0;
  if (now() < request_from_) causes |= 1U << kRequest;
  if (!links_.requests.ready(now())) causes |= 1U << kDram;
  if (causes != 0) return causes;
  links_.requests.push(now(), {job.bursts, true, true, job.region, 0, &job.addresses});
  words_in_flight_ += words(job.bursts);
  read_bursts_ += job.bursts;
  next_job();
  return 0;
}

// M3: biases go past the global buffer.
unsigned Dma::issue_parameters(const DmaJob& job) {
  if (!links_.requests.ready(now())) return 1U << kDram;
  links_.requests.push(now(), {job.bursts, true, false, job.region, 0, &job.addresses});
  read_bursts_ += job.bursts;
  next_job();
  return 0;
}

// M3.
unsigned Dma::issue_write(const DmaJob& job) {
  const StoreChunk& chunk = job.chunks[chunk_];
  unsigned causes = 0;
  if (buffer_.drained.seen(now()) < chunk.drained) causes |= 1U << kDrain;
  if (!links_.requests.ready(now())) causes |= 1U << kDram;
  if (causes != 0) return causes;
  const bool last = chunk_ + 1 == job.chunks.size();
  const bool store = job.kind == JobKind::kStore;
  links_.requests.push_later(now(),
                             {chunk.bursts, false, false, job.region, last ? job.free_bytes : 0, &chunk.addresses},
                             store ? store_read_cycles_ : 0);
  ++writes_in_flight_;
  write_bursts_ += chunk.bursts;
  if (store) store_words_ += words(chunk.bursts);
  ++chunk_;
  if (!last) return 0;
  if (store && data_ != nullptr) data_->store(job);
  next_job();
  return 0;
}

std::uint64_t Dma::words(std::uint64_t bursts) const { return (bursts + bursts_per_word_ - 1) / bursts_per_word_; }

void Dma::next_job() {
  ++job_;
  claimed_ = false;
  chunk_ = 0;
}

std::string Dma::state() const {
  return "DMA job " + std::to_string(job_) + " of " + std::to_string(jobs_.size()) + ", chunk " +
         std::to_string(chunk_) + ", " + std::to_string(words_in_flight_) + " words and " +
         std::to_string(writes_in_flight_) + " writes in flight, " + std::to_string(buffer_.drained.total()) +
         " tiles drained";
}

void Dma::report(Counts& counts, StallTable& stalls, std::uint64_t cycles) {
  counts[Action::kDmaReadBursts] += read_bursts_;
  counts[Action::kDmaWriteBursts] += write_bursts_;
  counts[Action::kGlobalBufferFillWords] += fill_words_;
  counts[Action::kGlobalBufferStoreWords] += store_words_;
  stalls_.report(stalls["dma"], cycles, kDone);
}

}  // namespace lnsim::systemc
