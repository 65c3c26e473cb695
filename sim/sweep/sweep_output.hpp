// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/sweep/stored_design.hpp"

namespace lnsim {

/// Where one process puts the rows of the designs that it evaluates. What was put is there after a kill.
class DesignSink {
 public:
  virtual ~DesignSink() = default;
  /// Whether the figures of that key are there already, so that a row can do without.
  [[nodiscard]] virtual bool has(const std::string& key) const = 0;
  /// `key`: of the design's figures; "" where it has none. Throws std::system_error where nothing can be written.
  virtual void put(const StoredDesign& design, const std::string& key) = 0;
};

/// What the processes of a sweep write to.
class SweepOutput {
 public:
  virtual ~SweepOutput() = default;
  /// Readies it for rows, before any process opens it. Per design of the sweep: it has a row; `again`: failed ones do
  /// not count.
  [[nodiscard]] virtual std::vector<bool> begin(bool again) = 0;
  /// For the calling process alone: none may be kept across a fork().
  [[nodiscard]] virtual std::unique_ptr<DesignSink> open() const = 0;
};

/// A share of a sweep's designs: those of numbers first(size) to end(size) - 1 of `size` designs. Neighbours have most
/// in common. Shares differ by one design at most.
struct SweepShard {
  std::uint64_t index = 1;  ///< 1 to `of`
  std::uint64_t of = 1;     ///< 1 to 2^32, for products that fit
  [[nodiscard]] std::uint64_t first(std::uint64_t size) const { return share(size, index - 1); }
  [[nodiscard]] std::uint64_t end(std::uint64_t size) const { return share(size, index); }

 private:
  [[nodiscard]] std::uint64_t share(std::uint64_t size, std::uint64_t shares) const {
    return size / of * shares + size % of * shares / of;
  }
};

}  // namespace lnsim
