// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace lnsim::systemc {

/// Where a test can flip a bit of moving data, or break the machine's order.
enum class FaultSite : std::uint8_t {
  kNone,
  kGlobalBufferA,
  kGlobalBufferB,
  kGlobalBufferOut,
  kBufferA,
  kBufferB,
  kOperandRegisters,
  kRowRegister,
  kCollector,
  kDropGroup,  ///< the lanes skip the arithmetic of one K-group
  kSwapTiles,  ///< two neighbouring output tiles are exchanged in the collector
};

/// Injects one fault per run, at the n-th time that data passes its site: for tests that checks do fire. Never present
/// in an ordinary run.
class FaultInjector {
 public:
  FaultInjector(FaultSite site, std::uint64_t occasion, unsigned bit) : site_(site), left_(occasion), bit_(bit) {}

  /// Data of `bytes` bytes passes a site; flips one bit of it if its time has come.
  void touch(FaultSite site, std::byte* data, std::size_t bytes) {
    if (!due(site)) return;
    data[bit_ / 8 % bytes] ^= std::byte{1} << (bit_ % 8);
  }
  /// True once, at the chosen occasion of the site.
  bool due(FaultSite site) {
    if (site != site_ || fired_) return false;
    if (left_-- != 0) return false;
    fired_ = true;
    return true;
  }
  [[nodiscard]] bool fired() const { return fired_; }

 private:
  FaultSite site_;
  std::uint64_t left_;
  unsigned bit_;
  bool fired_ = false;
};

}  // namespace lnsim::systemc
