// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace lnsim {

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): a bijective mixer, used to make seeds.
class SplitMix64 {
 public:
  explicit SplitMix64(std::uint64_t state) : state_(state) {}
  std::uint64_t next();

 private:
  std::uint64_t state_;
};

/// xoshiro256** 1.0 (Blackman and Vigna, ACM TOMS 2021), its state filled by SplitMix64 from one seed.
class Xoshiro256 {
 public:
  explicit Xoshiro256(std::uint64_t seed);
  std::uint64_t next() {
    const std::uint64_t result = rotate(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17U;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = rotate(state_[3], 45);
    return result;
  }

 private:
  static std::uint64_t rotate(std::uint64_t x, unsigned by) { return (x << by) | (x >> (64 - by)); }
  std::array<std::uint64_t, 4> state_{};
};

/// The seed of one tensor's values: FNV-1a over the run's seed and both names, mixed by SplitMix64.
[[nodiscard]] std::uint64_t stream_seed(std::uint64_t seed, std::string_view layer, std::string_view tensor);

/// A number of mean 0 and standard deviation 1, nearly normal: the sum of twelve 16-bit uniform numbers (Irwin-Hall)
/// in units of 2^-16, centred. It lies within +-6, has kurtosis 2.9 instead of 3, and needs integers only, so it is the
/// same on every machine.
[[nodiscard]] inline double next_normal(Xoshiro256& random) {
  constexpr std::uint64_t kEven = 0x0000FFFF0000FFFFULL;
  // Sums of 16-bit fields in 32-bit halves: three words hold twelve fields, each half gathers six of them.
  std::uint64_t sums = 0;
  for (int word = 0; word < 3; ++word) {
    const std::uint64_t bits = random.next();
    sums += (bits & kEven) + (bits >> 16U & kEven);
  }
  const auto total = static_cast<std::int64_t>((sums & 0xFFFFFFFFU) + (sums >> 32U));
  constexpr std::int64_t kTwiceMean = 12 * 65535;
  return static_cast<double>(2 * total - kTwiceMean) * 0x1.0p-17;
}

/// e^x for |x| <= 700 by a polynomial, relative error below 1e-13: only additions, multiplications and an exact
/// scaling, so the result does not depend on the mathematical library.
[[nodiscard]] double portable_exp(double x);

}  // namespace lnsim
