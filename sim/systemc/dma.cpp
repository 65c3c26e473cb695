// SPDX-License-Identifier: Apache-2.0
#include "sim/systemc/dma.hpp"

namespace lnsim::systemc {

Dma::Dma(const sc_core::sc_module_name& name, Clock& clock, const PassConfig& config, const std::vector<DmaJob>& jobs,
         GlobalBufferState& buffer, Channel<DramRequest>& requests, Channel<FillWord>& responses, DataPlane* data)
    : Block(name, clock),
      jobs_(jobs),
      buffer_(buffer),
      requests_(requests),
      responses_(responses),
      data_(data),
      bursts_per_word_(static_cast<std::uint32_t>(config.accelerator.global_buffer.word_bytes /
                                                  config.accelerator.dram.burst_bytes)),
      start_cycles_(config.accelerator.controller.start_cycles),
      request_cycles_(config.accelerator.dma.request_cycles),
      store_read_cycles_(config.accelerator.global_buffer.read_cycles) {
  for (RegionSpace& space : buffer_.space) {
    space.claims.set_listener(this);
    space.freed.set_listener(this);
  }
  buffer_.drained.set_listener(this);
}

void Dma::tick() {
  const bool received = receive();
  const unsigned causes = issue();
  if (received || causes == 0) {
    stalls_.busy(now());
  } else {
    stalls_.blocked(now(), causes);
    if (words_in_flight_ == 0 && waits_for_news(causes)) sleep();
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

// One arriving word per cycle through the fill port (M4).
bool Dma::receive() {
  if (!responses_.valid(now())) return false;
  const FillWord word = responses_.front();
  responses_.pop(now());
  buffer_.filled[static_cast<std::size_t>(word.region)].add(now(), 1);
  read_bursts_ += word.bursts;
  ++fill_words_;
  --words_in_flight_;
  if (data_ != nullptr) data_->fill(word.bursts);
  return true;
}

unsigned Dma::issue() {
  if (now() < start_cycles_) return 1U << kRequest;
  while (job_ < jobs_.size() && jobs_[job_].kind != JobKind::kStore && claimed_ && jobs_[job_].bursts == 0) next_job();
  if (job_ == jobs_.size()) return 1U << kDram;
  const DmaJob& job = jobs_[job_];
  switch (job.kind) {
    case JobKind::kLoad: return issue_load(job);
    case JobKind::kStore: return issue_store(job);
    case JobKind::kZero: return issue_zero(job);
  }
  return 0;
}

// M1, M2. A tile that meets only padding is claimed and has no words.
unsigned Dma::issue_load(const DmaJob& job) {
  RegionSpace& space = buffer_.space[static_cast<std::size_t>(job.region)];
  if (!claimed_) {
    if (!space.can_claim(now(), job.claim_id, job.claim_bytes)) return 1U << kClaim;
    space.claim(now(), job.claim_bytes);
    claimed_ = true;
    request_from_ = now() + request_cycles_;
    return 1U << kRequest;
  }
  if (now() < request_from_) return 1U << kRequest;
  if (!requests_.ready(now())) return 1U << kDram;
  const auto bursts =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(bursts_per_word_, job.bursts - bursts_issued_));
  requests_.push(now(), {bursts, true, job.region});
  bursts_issued_ += bursts;
  ++words_in_flight_;
  ++requested_words_;
  if (bursts_issued_ == job.bursts) next_job();
  return 0;
}

// M3, M5.
unsigned Dma::issue_store(const DmaJob& job) {
  const StoreChunk& chunk = job.chunks[chunk_];
  unsigned causes = 0;
  if (buffer_.drained.seen(now()) < chunk.drained) causes |= 1U << kDrain;
  if (!requests_.ready(now())) causes |= 1U << kDram;
  if (causes != 0) return causes;
  const auto bursts =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(bursts_per_word_, chunk.bursts - bursts_issued_));
  requests_.push_later(now(), {bursts, false, job.region}, store_read_cycles_);
  bursts_issued_ += bursts;
  write_bursts_ += bursts;
  ++store_words_;
  ++requested_words_;
  if (bursts_issued_ < chunk.bursts) return 0;
  bursts_issued_ = 0;
  if (++chunk_ < job.chunks.size()) return 0;
  buffer_.space[static_cast<std::size_t>(job.region)].freed.add(now(), job.free_bytes);
  if (data_ != nullptr) data_->store(job);
  next_job();
  return 0;
}

// M6.
unsigned Dma::issue_zero(const DmaJob& job) {
  if (!requests_.ready(now())) return 1U << kDram;
  const auto bursts =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(bursts_per_word_, job.bursts - bursts_issued_));
  requests_.push(now(), {bursts, false, job.region});
  bursts_issued_ += bursts;
  write_bursts_ += bursts;
  ++requested_words_;
  if (bursts_issued_ == job.bursts) next_job();
  return 0;
}

std::string Dma::state() const {
  return "DMA job " + std::to_string(job_) + " of " + std::to_string(jobs_.size()) + ", " +
         std::to_string(bursts_issued_) + " bursts issued, " + std::to_string(words_in_flight_) + " words in flight, " +
         std::to_string(buffer_.drained.total()) + " tiles drained";
}

void Dma::next_job() {
  ++job_;
  claimed_ = false;
  chunk_ = 0;
  bursts_issued_ = 0;
}

void Dma::report(Counts& counts, std::map<std::string, std::map<std::string, std::uint64_t>>& stalls,
                 std::uint64_t cycles) {
  counts[Action::kDmaReadBursts] += read_bursts_;
  counts[Action::kDmaWriteBursts] += write_bursts_;
  counts[Action::kGlobalBufferFillWords] += fill_words_;
  counts[Action::kGlobalBufferStoreWords] += store_words_;
  stalls_.report(stalls["dma"], cycles, kDram);
}

}  // namespace lnsim::systemc
