// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <hwy/highway.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

// Calls a kernel as compiled for the best instruction set of this machine. What HWY_EXPORT and HWY_DYNAMIC_DISPATCH do
// without Highway's shared library: loading it costs more than most of lnsim's commands (libhwy 1.0.3 measures the
// timer of the machine first, 4 ms), and most commands run no kernel.
//
// At the end of a file that foreach_target.h includes:   LNSIM_KERNEL(lnsim::numerics, LnsAccumulate)
// in its HWY_ONCE part:                                  LNSIM_KERNEL_CALL(LnsAccumulate)(arguments...)

namespace lnsim::simd {

/// Position of the chosen instruction set in Highway's masks of targets; see simd_targets.hpp.
[[nodiscard]] std::size_t chosen_target_index();

/// Kernel, compiled for Highway's target: `run` points to the function. Not defined where it was not compiled.
template <class Kernel, std::int64_t Target>
struct Compiled;

template <class Kernel>
class Dispatch {
 public:
  using Function = std::remove_cv_t<decltype(Compiled<Kernel, HWY_STATIC_TARGET>::run)>;
  [[nodiscard]] static Function chosen() {
    static_assert(complete(), "the kernel is missing for a target");
    return kTable[chosen_target_index()];
  }

 private:
  static constexpr std::size_t kTargets = 63;  // bits of a mask, without the sign

  template <std::int64_t Target>
  static constexpr Function of() {
    if constexpr (requires { Compiled<Kernel, Target>::run; }) {
      return Compiled<Kernel, Target>::run;
    } else {
      return nullptr;
    }
  }
  template <std::size_t... i>
  static constexpr std::array<Function, kTargets> table(std::index_sequence<i...> /*bits*/) {
    return {of<std::int64_t{1} << i>()...};
  }
  static constexpr std::array<Function, kTargets> kTable = table(std::make_index_sequence<kTargets>());

  static constexpr bool complete() {
    for (std::size_t i = 0; i < kTargets; ++i) {
      if (((HWY_TARGETS >> i) & 1) != 0 && kTable[i] == nullptr) return false;
    }
    return true;
  }
};

}  // namespace lnsim::simd

/// At global scope, once per target: `function` of the target's namespace in `space` is a kernel.
#define LNSIM_KERNEL(space, function)                            \
  namespace lnsim::simd {                                        \
  struct function##Kernel;                                       \
  template <>                                                    \
  struct Compiled<function##Kernel, HWY_TARGET> {                \
    static constexpr auto run = &space::HWY_NAMESPACE::function; \
  };                                                             \
  }

/// The kernel's function for this machine.
#define LNSIM_KERNEL_CALL(function) (*::lnsim::simd::Dispatch<::lnsim::simd::function##Kernel>::chosen())
