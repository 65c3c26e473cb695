// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cmath>

#include "sim/numerics/format.hpp"
#include "sim/numerics/vrr.hpp"
#include "tests/unit/numerics/golden_csv.hpp"

using namespace lnsim::numerics;

namespace {

Accumulation sum_of(std::uint64_t n, std::optional<std::uint64_t> chunk = {}, unsigned m_p = 5) {
  Accumulation sum;
  sum.product_mantissa = m_p;
  sum.length = n;
  sum.chunk = chunk;
  return sum;
}

}  // namespace

TEST_CASE("VRR, ln v and least mantissa equal direct summation") {
  constexpr double kTolerance = 1e-9;  // absolute; of ln_v per element of the sum
  unsigned least_compared = 0;
  for (auto& row : test::golden_rows("vrr.csv")) {
    const unsigned m_acc = row.natural();
    Accumulation sum;
    sum.product_mantissa = row.natural();
    sum.length = static_cast<std::uint64_t>(row.integer());
    if (const auto chunk = static_cast<std::uint64_t>(row.integer()); chunk != 0) sum.chunk = chunk;
    sum.non_zero_ratio = row.number();
    INFO("m_acc " << m_acc << " m_p " << sum.product_mantissa << " n " << sum.length << " chunk "
                  << sum.chunk.value_or(0) << " nzr " << sum.non_zero_ratio);
    const Retention kept = retention(sum, m_acc);
    CHECK(std::abs(kept.vrr - row.number()) < kTolerance);
    CHECK(std::abs(kept.ln_v - row.number()) < kTolerance * static_cast<double>(sum.length));
    const unsigned least = row.natural();
    if (least == 0) continue;
    CHECK(least_mantissa(sum) == least);
    ++least_compared;
  }
  CHECK(least_compared > 100);
}

TEST_CASE("Products of FP8 operands need the mantissas that the criterion gives") {
  const unsigned plain[] = {4, 6, 7, 9, 10, 12};
  const unsigned chunked[] = {4, 4, 4, 5, 6, 7};
  for (unsigned i = 0; i < 6; ++i) {
    const std::uint64_t n = std::uint64_t{1} << (6 + 2 * i);
    INFO(n);
    CHECK(least_mantissa(sum_of(n)) == plain[i]);
    CHECK(least_mantissa(sum_of(n, 64)) == chunked[i]);
  }
}

TEST_CASE("A hopeless accumulator keeps a third of the variance, a wide one all of it") {
  CHECK(std::abs(retention(sum_of(100'000'000), 1).vrr - 1.0 / 3.0) < 1e-3);
  CHECK(retention(sum_of(100'000'000), 40).vrr == 1.0);
  CHECK(retention(sum_of(100'000'000), 40).ln_v == 0.0);
}

TEST_CASE("A chunk as long as the sum is no chunk") {
  CHECK(retention(sum_of(4096, 4096), 8).vrr == retention(sum_of(4096), 8).vrr);
  CHECK(retention(sum_of(4096, 5000), 8).ln_v == retention(sum_of(4096), 8).ln_v);
}

TEST_CASE("The knee is the last length that meets the criterion") {
  const double criterion = std::log(kMaxVarianceLost);
  for (const unsigned m_acc : {4U, 7U, 12U}) {
    for (const std::optional<std::uint64_t> chunk :
         {std::optional<std::uint64_t>{}, std::optional<std::uint64_t>{64}}) {
      INFO(m_acc << " " << chunk.value_or(0));
      const std::uint64_t knee = knee_length(sum_of(1, chunk), m_acc);
      CHECK(retention(sum_of(knee, chunk), m_acc).ln_v < criterion);
      CHECK(retention(sum_of(knee + 1, chunk), m_acc).ln_v >= criterion);
    }
  }
  CHECK(knee_length(sum_of(1), 64) == Accumulation::kMaxLength);
}

TEST_CASE("Fields of an accumulation out of range are errors") {
  CHECK_THROWS_AS(retention(sum_of(0), 8), SpecError);
  CHECK_THROWS_AS(retention(sum_of(Accumulation::kMaxLength + 1), 8), SpecError);
  CHECK_THROWS_AS(retention(sum_of(8, 0), 8), SpecError);
  CHECK_THROWS_AS(retention(sum_of(8, {}, 0), 8), SpecError);
  CHECK_THROWS_AS(retention(sum_of(8), 0), SpecError);
  CHECK_THROWS_AS(retention(sum_of(8), 65), SpecError);
  Accumulation sum = sum_of(8);
  for (const double ratio : {-0.1, 1.1, std::nan("")}) {
    sum.non_zero_ratio = ratio;
    CHECK_THROWS_AS(retention(sum, 8), SpecError);
  }
}
