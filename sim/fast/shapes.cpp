// SPDX-License-Identifier: Apache-2.0
#include "sim/fast/shapes.hpp"

#include <algorithm>

namespace lnsim::fast {

FeedTable::FeedTable(std::uint64_t most_vectors, std::uint64_t port, std::uint64_t vector_bytes,
                     std::uint64_t link_bytes, Cycle transposed_rate)
    : port_(port),
      vectors_per_word_(link_bytes / vector_bytes),
      words_per_vector_(ceil_div(vector_bytes, link_bytes)),
      transposed_rate_(transposed_rate),
      entries_(2 * (most_vectors + 1)) {}

void FeedTable::fill(FeedTimes& entry, std::uint64_t vectors, Cycle rate) const {
  // The word that brings the last vector of a read.
  const auto there = [&](std::uint64_t read) {
    const std::uint64_t vector = std::min((read + 1) * port_, vectors) - 1;
    return rate * (vectors_per_word_ != 0 ? vector / vectors_per_word_ : (vector + 1) * words_per_vector_ - 1);
  };
  const std::uint64_t all = reads(vectors);
  entry.first = there(0);
  entry.last = 0;
  for (std::uint64_t read = 0; read < all; ++read) entry.last = std::max(entry.last, there(read) + all - 1 - read);
}

Shapes::Shapes(const GemmSchedule& from)
    : schedule(from),
      transposed_rate(ceil_div(from.link_bytes(), from.config().accelerator.transposer.bytes_per_cycle)),
      feed_a(from.config().accelerator.pe.lanes, from.config().accelerator.pe.a_port_vectors,
             from.config().vector_bytes(from.config().a_bits), from.link_bytes(), transposed_rate),
      feed_b(from.config().accelerator.pe.hold_rows, 1, from.config().vector_bytes(from.config().b_bits),
             from.link_bytes(), transposed_rate),
      transposed_(2 * from.pass().gemms.size()) {
  const Step* before = nullptr;
  for (const Step& step : from.steps()) {
    if (before != nullptr && before->gemm == step.gemm) continue;
    before = &step;
    transposed_[2 * step.gemm] = from.transpose_a(step) ? 1 : 0;
    transposed_[2 * step.gemm + 1] = from.transpose_b(step) ? 1 : 0;
  }
}

}  // namespace lnsim::fast
