// SPDX-License-Identifier: Apache-2.0
#include "sim/data/random.hpp"

#include <array>
#include <bit>

namespace lnsim {
namespace {

constexpr std::uint64_t kFnvOffset = 0xCBF29CE484222325ULL;
constexpr std::uint64_t kFnvPrime = 0x100000001B3ULL;

std::uint64_t hash_byte(std::uint64_t hash, std::uint64_t byte) { return (hash ^ byte) * kFnvPrime; }

std::uint64_t hash_number(std::uint64_t hash, std::uint64_t number) {
  for (unsigned shift = 0; shift < 64; shift += 8) hash = hash_byte(hash, number >> shift & 0xFF);
  return hash;
}

/// The length goes in too, so that ("ab", "c") and ("a", "bc") differ.
std::uint64_t hash_text(std::uint64_t hash, std::string_view text) {
  hash = hash_number(hash, text.size());
  for (const char letter : text) hash = hash_byte(hash, static_cast<unsigned char>(letter));
  return hash;
}

}  // namespace

std::uint64_t SplitMix64::next() {
  state_ += 0x9E3779B97F4A7C15ULL;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31U);
}

Xoshiro256::Xoshiro256(std::uint64_t seed) {
  SplitMix64 mixer(seed);
  for (std::uint64_t& word : state_) word = mixer.next();
}

std::uint64_t stream_seed(std::uint64_t seed, std::string_view layer, std::string_view tensor) {
  const std::uint64_t hash = hash_text(hash_text(hash_number(kFnvOffset, seed), layer), tensor);
  return SplitMix64(hash).next();
}

double portable_exp(double x) {
  constexpr double kLog2E = 0x1.71547652b82fep+0;
  constexpr double kLn2High = 0x1.62e42fefa38p-1;  // ln 2 in 42 bits, so that octaves * kLn2High is exact
  constexpr double kLn2Low = 0x1.ef35793c7673p-45;
  // Taylor's series; the first term left out is 0.35^14 / 14! < 5e-18.
  constexpr std::array<double, 13> kInverse = {1.0 / 13, 1.0 / 12, 1.0 / 11, 1.0 / 10, 1.0 / 9, 1.0 / 8, 1.0 / 7,
                                               1.0 / 6,  1.0 / 5,  1.0 / 4,  1.0 / 3,  1.0 / 2, 1.0};
  const int octaves = static_cast<int>(x * kLog2E + (x < 0.0 ? -0.5 : 0.5));
  const double rest = (x - octaves * kLn2High) - octaves * kLn2Low;  // |rest| <= ln(2) / 2
  double sum = 1.0;
  for (const double inverse : kInverse) sum = 1.0 + sum * (rest * inverse);
  return sum * std::bit_cast<double>(static_cast<std::uint64_t>(octaves + 1023) << 52U);
}

}  // namespace lnsim
