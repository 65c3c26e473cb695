// SPDX-License-Identifier: Apache-2.0
// Throughput of the floating-point dot-product units, one core: bench_float [seconds per row].
// Blocks are those of the default machine: 16 rows, 32 lanes, V = 32 elements.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <hwy/targets.h>

#include "sim/numerics/dot_unit.hpp"
#include "sim/numerics/float_format.hpp"
#include "sim/numerics/float_dot.hpp"

namespace {

using namespace lnsim::numerics;

constexpr unsigned kRows = 16;
constexpr unsigned kLanes = 32;
constexpr unsigned kElements = 32;

struct Row {
  const char* format_a;
  const char* format_b;
  const char* accumulator;  ///< fp32, fp16, fixed24
};

DotSpec make_spec(const Row& row) {
  DotSpec spec;
  spec.a = find_format(row.format_a);
  spec.b = find_format(row.format_b);
  spec.vector_size = kElements;
  const std::string accumulator = row.accumulator;
  if (accumulator == "fixed24") spec.accumulator.fixed = FixedAccumulator{24, std::nullopt, Rounding::kFloor};
  if (accumulator == "fp32") spec.accumulator.floating = FloatAccumulator{};
  if (accumulator == "fp16") spec.accumulator.floating = FloatAccumulator{5, 10, Rounding::kNearestEven, 7};
  return spec;
}

/// Codes of values of about unit size, from a fixed linear congruential generator.
std::vector<std::byte> make_codes(const Format& format, std::size_t n, std::uint64_t seed) {
  std::vector<double> x(n);
  for (double& value : x) {
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    value = static_cast<double>(static_cast<std::int64_t>(seed)) * 0x1p-63;
  }
  std::vector<std::byte> codes(n * format.container_bytes());
  format.quantize(x, format.usual_scale(1.0), codes.data());
  return codes;
}

template <typename Body>
double seconds_per_call(double budget, Body body) {
  using Clock = std::chrono::steady_clock;
  body();
  std::size_t calls = 0;
  const auto start = Clock::now();
  std::chrono::duration<double> elapsed{0};
  while (elapsed.count() < budget) {
    for (int i = 0; i < 16; ++i) body();
    calls += 16;
    elapsed = Clock::now() - start;
  }
  return elapsed.count() / static_cast<double>(calls);
}

double macs_per_second(const Row& row, double budget, bool reference) {
  const auto unit = make_float_dot_unit(make_spec(row));
  const auto a = make_codes(*unit->spec().a, kLanes * kElements, 1);
  const auto b = make_codes(*unit->spec().b, kRows * kElements, 2);
  const GroupBlock block{a.data(), b.data(), kElements, kElements, kLanes, kRows, kElements, false};
  std::vector<Psum> psums(kRows * kLanes);
  const double seconds = seconds_per_call(budget, [&] {
    if (reference) {
      unit->accumulate_reference(block, psums.data(), kLanes);
    } else {
      unit->accumulate(block, psums.data(), kLanes);
    }
  });
  return kRows * kLanes * kElements / seconds;
}

}  // namespace

int main(int argc, char** argv) {
  const double budget = argc > 1 ? std::atof(argv[1]) : 0.2;
  const Row rows[] = {
      {"fp8_e4m3", "fp8_e4m3", "fp32"}, {"fp8_e4m3", "fp8_e4m3", "fixed24"}, {"fp8_e4m3", "fp8_e4m3", "fp16"},
      {"fp8_e5m2", "fp8_e4m3", "fp32"}, {"fp8_e5m2", "fp8_e5m2", "fixed24"}, {"fp4_e2m1", "fp4_e2m1", "fp32"},
      {"fp16", "fp16", "fp32"},         {"fp16", "fp16", "fixed24"},         {"bf16", "bf16", "fp32"},
      {"bf16", "bf16", "fixed24"},      {"tf32", "tf32", "fp32"},            {"fp32", "fp32", "fp32"},
      {"fp32", "fp32", "fixed24"},
  };
  std::printf("%-10s %-10s %-8s %12s", "a", "b", "acc", "scalar");
  const auto targets = hwy::SupportedAndGeneratedTargets();
  for (const std::int64_t target : targets) std::printf(" %8s", hwy::TargetName(target));
  std::printf("   [G MAC/s]\n");
  for (const Row& row : rows) {
    std::printf("%-10s %-10s %-8s %12.3f", row.format_a, row.format_b, row.accumulator,
                macs_per_second(row, budget, true) * 1e-9);
    for (const std::int64_t target : targets) {
      hwy::SetSupportedTargetsForTest(target);
      hwy::GetChosenTarget().Update(hwy::SupportedTargets());
      std::printf(" %8.3f", macs_per_second(row, budget, false) * 1e-9);
    }
    hwy::SetSupportedTargetsForTest(0);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    std::printf("\n");
  }
  return 0;
}
