// SPDX-License-Identifier: Apache-2.0
// Time of one answer about a sum of 10^8 products. Fails (exit 1) above the bound that the library promises.
#include <chrono>
#include <cstdio>

#include "sim/numerics/vrr.hpp"

namespace {

constexpr double kBoundMs = 50.0;

template <class Work>
bool report(const char* what, Work work) {
  const auto begin = std::chrono::steady_clock::now();
  const double result = work();
  const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - begin;
  std::printf("%-28s %8.3f ms (bound %.0f ms), result %.10g\n", what, spent.count(), kBoundMs, result);
  return spent.count() < kBoundMs;
}

}  // namespace

int main() {
  using namespace lnsim::numerics;
  Accumulation sum;
  sum.length = 100'000'000;
  bool fast = report("vrr, n = 1e8, m_acc = 1", [&] { return retention(sum, 1).vrr; });
  fast = report("vrr, n = 1e8, m_acc = 12", [&] { return retention(sum, 12).vrr; }) && fast;
  fast = report("least mantissa, n = 1e8", [&] { return static_cast<double>(least_mantissa(sum)); }) && fast;
  return fast ? 0 : 1;
}
