// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/arch/element_size.hpp"
#include "sim/mapping/footprint.hpp"

namespace lnsim {

/// The DRAM bursts that elements of a tensor touch, each once, in address order. Evenly spaced runs are counted in
/// closed form, so that a tile costs as much as it has irregular lines.
class BurstPattern {
 public:
  BurstPattern(const StridedRuns& runs, ElementSize element, std::uint64_t burst_bytes);

  /// Number of bursts.
  [[nodiscard]] std::uint64_t total() const { return total_; }
  /// How many of them lie at or before the burst that holds this element, which must be one of those that touch.
  [[nodiscard]] std::uint64_t up_to(std::uint64_t element) const;
  /// visit(first, last) for disjoint ascending ranges of bursts that together are all of them.
  template <class Visit>
  void for_each_range(const Visit& visit) const {
    for (const Part& part : parts_) {
      for (std::uint64_t run = 0; run < part.runs; ++run) {
        const std::uint64_t first = first_of(part, run) + (run == 0 ? part.shared : 0);
        const std::uint64_t last = last_of(part, run);
        if (first <= last) visit(first, last);
      }
    }
  }

 private:
  /// Evenly spaced runs that share no burst with each other; without a stride, any solid stretch of bursts.
  struct Part {
    std::uint64_t first_unit = 0, units = 0, stride_units = 0, runs = 1;
    std::uint64_t first_burst = 0;
    std::uint64_t shared = 0;  ///< 1 if the part before has its first burst too
    std::uint64_t before = 0;  ///< bursts of the parts before
  };
  [[nodiscard]] std::uint64_t first_of(const Part& part, std::uint64_t run) const {
    return (part.first_unit + run * part.stride_units) / burst_units_;
  }
  [[nodiscard]] std::uint64_t last_of(const Part& part, std::uint64_t run) const {
    return (part.first_unit + run * part.stride_units + part.units - 1) / burst_units_;
  }
  [[nodiscard]] std::uint64_t count(const Part& part, std::uint64_t runs) const;

  std::uint64_t element_units_, burst_units_;
  boost::container::small_vector<Part, 4> parts_;
  std::uint64_t total_ = 0;
};

}  // namespace lnsim
