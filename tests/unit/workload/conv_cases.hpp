// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "sim/workload/layer.hpp"

namespace lnsim::test {

/// Seeded integers; the engine's output is fixed by the C++ standard, its distributions are not and are not used.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  /// Uniform enough for tests: low <= result <= high.
  std::uint64_t between(std::uint64_t low, std::uint64_t high) { return low + engine_() % (high - low + 1); }
  bool flip() { return (engine_() & 1U) != 0; }

 private:
  std::mt19937_64 engine_;
};

/// A small convolution with at least one output pixel: odd shapes, strides beyond the kernel, dilation, groups,
/// padding on four sides.
inline Conv2d random_conv(Random& random) {
  for (;;) {
    Conv2d conv;
    conv.groups = random.flip() ? 1 : random.between(2, 3);
    conv.in_channels = conv.groups * random.between(1, 3);
    conv.out_channels = conv.groups * random.between(1, 3);
    conv.height = random.between(1, 9);
    conv.width = random.between(1, 9);
    conv.kernel = {random.between(1, 4), random.between(1, 4)};
    conv.stride = {random.between(1, 4), random.between(1, 4)};
    conv.dilation = {random.between(1, 3), random.between(1, 3)};
    conv.padding = {random.between(0, 3), random.between(0, 3), random.between(0, 3), random.between(0, 3)};
    const Window window = window_of(conv);
    if (window.h.out() > 0 && window.w.out() > 0) return conv;
  }
}

inline std::string describe_case(const Conv2d& conv, std::uint64_t batch) {
  const auto list = [](const Sizes& sizes) {
    std::string text;
    for (const std::uint64_t size : sizes) text += " " + std::to_string(size);
    return text;
  };
  return "batch " + std::to_string(batch) + " channels " + std::to_string(conv.in_channels) + " -> " +
         std::to_string(conv.out_channels) + " groups " + std::to_string(conv.groups) + " input " +
         std::to_string(conv.height) + " x " + std::to_string(conv.width) + " kernel" + list(conv.kernel) + " stride" +
         list(conv.stride) + " padding" + list(conv.padding) + " dilation" + list(conv.dilation);
}

}  // namespace lnsim::test
