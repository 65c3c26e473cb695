// SPDX-License-Identifier: Apache-2.0
#include "sim/data/binary64_kernel.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sim/data/binary64_kernel.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "sim/numerics/simd_dispatch.hpp"

HWY_BEFORE_NAMESPACE();
namespace lnsim::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

void AddProducts(const double* a, const double* b, std::size_t count, double* sums) {
  const hn::CappedTag<double, kBinary64Tile / 4> d;
  const std::size_t lanes = hn::Lanes(d);
  // Four vectors at a time hide the latency of the additions and fit the registers of every target.
  for (std::size_t i = 0; i < kBinary64Tile; i += 4 * lanes) {
    auto sum0 = hn::LoadU(d, sums + i);
    auto sum1 = hn::LoadU(d, sums + i + lanes);
    auto sum2 = hn::LoadU(d, sums + i + 2 * lanes);
    auto sum3 = hn::LoadU(d, sums + i + 3 * lanes);
    const double* row = a + i;
    for (std::size_t k = 0; k < count; ++k, row += kBinary64Tile) {
      const auto factor = hn::Set(d, b[k]);
      sum0 = hn::Add(sum0, hn::Mul(hn::LoadU(d, row), factor));
      sum1 = hn::Add(sum1, hn::Mul(hn::LoadU(d, row + lanes), factor));
      sum2 = hn::Add(sum2, hn::Mul(hn::LoadU(d, row + 2 * lanes), factor));
      sum3 = hn::Add(sum3, hn::Mul(hn::LoadU(d, row + 3 * lanes), factor));
    }
    hn::StoreU(sum0, d, sums + i);
    hn::StoreU(sum1, d, sums + i + lanes);
    hn::StoreU(sum2, d, sums + i + 2 * lanes);
    hn::StoreU(sum3, d, sums + i + 3 * lanes);
  }
}

}  // namespace lnsim::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

LNSIM_KERNEL(lnsim, AddProducts)

#if HWY_ONCE
namespace lnsim {

void add_products(const double* a, const double* b, std::size_t count, double* sums) {
  LNSIM_KERNEL_CALL(AddProducts)(a, b, count, sums);
}

}  // namespace lnsim
#endif  // HWY_ONCE
