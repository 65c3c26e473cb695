// SPDX-License-Identifier: Apache-2.0
#include "sim/numerics/simd_targets.hpp"

#include <hwy/highway.h>

#include <atomic>
#include <bit>
#include <cstdint>
#include <initializer_list>
#include <stdexcept>

#include "sim/numerics/simd_dispatch.hpp"

#if HWY_ARCH_X86
#include <cpuid.h>
#endif

namespace lnsim::simd {
namespace {

#if HWY_ARCH_X86

/// A register that the processor's CPUID instruction fills.
struct CpuidRegister {
  unsigned leaf;
  unsigned index;  ///< of eax, ebx, ecx, edx
};
constexpr CpuidRegister kBasic{1, 2};
constexpr CpuidRegister kExtended{7, 2};
constexpr CpuidRegister kAmd{0x80000001, 2};

/// Features that older compilers' __builtin_cpu_supports does not know (Intel SDM vol. 2A, CPUID).
bool has(CpuidRegister where, unsigned bit) {
  unsigned registers[4] = {};
  if (__get_cpuid_count(where.leaf, 0, &registers[0], &registers[1], &registers[2], &registers[3]) == 0) return false;
  return ((registers[where.index] >> bit) & 1U) != 0;
}

/// The instruction sets of Highway's targets (hwy/detect_targets.h, and what set_macros-inl.h has the compiler use)
/// that processor and operating system support; the built-in asks for both.
std::int64_t detect() {
  std::int64_t targets = 0;
  if (!__builtin_cpu_supports("ssse3")) return targets;
  targets |= HWY_SSSE3;
  if (!__builtin_cpu_supports("sse4.1") || !__builtin_cpu_supports("sse4.2") || !__builtin_cpu_supports("pclmul") ||
      !__builtin_cpu_supports("aes")) {
    return targets;
  }
  targets |= HWY_SSE4;
  const bool fused = __builtin_cpu_supports("fma") && has(kBasic, 29);                                // F16C
  const bool bits = __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") && has(kAmd, 5);  // LZCNT
  if (!__builtin_cpu_supports("avx2") || !fused || !bits) return targets;
  targets |= HWY_AVX2;
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512vl") ||
      !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512bw") ||
      !__builtin_cpu_supports("avx512cd")) {
    return targets;
  }
  targets |= HWY_AVX3;
  const bool crypto = __builtin_cpu_supports("vpclmulqdq") && has(kExtended, 9) && __builtin_cpu_supports("gfni");
  if (!__builtin_cpu_supports("avx512vnni") || !__builtin_cpu_supports("avx512vbmi") ||
      !__builtin_cpu_supports("avx512vbmi2") || !__builtin_cpu_supports("avx512vpopcntdq") ||
      !__builtin_cpu_supports("avx512bitalg") || !crypto) {
    return targets;
  }
  return targets | HWY_AVX3_DL;
}

#else

// Elsewhere the kernels use what the compiler was told to use (aarch64: NEON).
std::int64_t detect() { return 0; }

#endif

/// Compiled for and supported here. The target of the whole program always is.
std::int64_t usable() {
  static const std::int64_t targets = (detect() | HWY_STATIC_TARGET) & HWY_TARGETS;
  return targets;
}

std::atomic<std::int64_t> forced{0};

/// The best targets have the lowest bits.
std::int64_t allowed() {
  const std::int64_t only = forced.load(std::memory_order_relaxed);
  return only != 0 ? only : usable();
}

}  // namespace

std::size_t chosen_target_index() {
  return static_cast<std::size_t>(std::countr_zero(static_cast<std::uint64_t>(allowed())));
}

}  // namespace lnsim::simd

namespace lnsim::numerics {

std::vector<std::string> supported_simd_targets() {
  std::vector<std::string> names;
  for (std::int64_t rest = simd::allowed(); rest != 0; rest &= rest - 1)
    names.emplace_back(hwy::TargetName(rest & -rest));
  return names;
}

void force_simd_target(std::string_view name) {
  simd::forced = 0;
  if (name.empty()) return;
  for (std::int64_t rest = simd::usable(); rest != 0; rest &= rest - 1) {
    if (name == hwy::TargetName(rest & -rest)) {
      simd::forced = rest & -rest;
      return;
    }
  }
  throw std::invalid_argument("instruction set " + std::string(name) + " is not supported here");
}

}  // namespace lnsim::numerics
