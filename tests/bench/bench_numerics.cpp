// SPDX-License-Identifier: Apache-2.0
// Speed of the dot-product units: the vector kernel and the scalar reference on the same blocks, in one run.
//   bench_numerics [seconds per measurement] [instruction set]
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "sim/numerics/dot_unit.hpp"
#include "sim/numerics/lns.hpp"
#include "sim/numerics/simd_targets.hpp"

namespace {

using namespace lnsim::numerics;

constexpr unsigned kRows = 16;
constexpr unsigned kLanes = 32;

struct Case {
  std::string name;
  DotSpec spec;
};

DotSpec lns_spec(FormatPtr a, FormatPtr b, LnsStructure structure, bool exact, unsigned bits = 24) {
  DotSpec spec;
  spec.a = std::move(a);
  spec.b = std::move(b);
  spec.conversion.structure = structure;
  spec.tree_exact = exact;
  spec.accumulator.fixed = FixedAccumulator{bits, 6, Rounding::kFloor};
  return spec;
}

DotSpec spec_of(const char* format, AccumulatorSpec accumulator) {
  DotSpec spec;
  spec.a = find_format(format);
  spec.b = spec.a;
  spec.accumulator = std::move(accumulator);
  return spec;
}

DotSpec mixed_spec(const char* a, const char* b, AccumulatorSpec accumulator) {
  DotSpec spec = spec_of(a, std::move(accumulator));
  spec.b = find_format(b);
  return spec;
}

DotSpec exact_tree(DotSpec spec) {
  spec.tree_exact = true;
  return spec;
}

std::vector<Case> cases() {
  const FormatPtr lns8 = make_lns(8, 8, ZeroMode::kZeroCode);
  const FormatPtr lns5 = make_lns(5, 1, ZeroMode::kZeroCode);
  const FormatPtr lns10 = make_lns(10, 32, ZeroMode::kZeroCode);
  AccumulatorSpec fixed;
  fixed.fixed = FixedAccumulator{};
  AccumulatorSpec fp32;
  fp32.floating = FloatAccumulator{};
  AccumulatorSpec wide;
  wide.fixed = FixedAccumulator{48, std::nullopt, Rounding::kFloor};
  AccumulatorSpec half;
  half.floating = FloatAccumulator{5, 10, Rounding::kNearestEven, -7};
  constexpr auto kElement = LnsStructure::kPerElement;
  constexpr auto kBins = LnsStructure::kBinTrees;
  std::vector<Case> list = {
      {"lns8 per_element F=0", lns_spec(lns8, lns8, kElement, false)},
      {"lns8 bin_trees F=0", lns_spec(lns8, lns8, kBins, false)},
      {"lns8 per_element A=40", lns_spec(lns8, lns8, kElement, false, 40)},
      {"lns8 per_element exact", lns_spec(lns8, lns8, kElement, true)},
      {"lns8 bin_trees exact", lns_spec(lns8, lns8, kBins, true)},
      {"lns8 x lns(5,1) F=0", lns_spec(lns8, lns5, kElement, false)},
      {"lns(10,32) F=0", lns_spec(lns10, lns10, kElement, false)},
      {"int8 fixed", spec_of("int8", fixed)},
      {"int4 fixed", spec_of("int4", fixed)},
      {"int16 fixed 48", spec_of("int16", wide)},
      {"int8 float 8,23", spec_of("int8", fp32)},
      {"fp8_e4m3 fixed", spec_of("fp8_e4m3", fixed)},
      {"fp8_e4m3 float 8,23", spec_of("fp8_e4m3", fp32)},
      {"fp8_e5m2 float 5,10", spec_of("fp8_e5m2", half)},
      {"fp8 e5m2 x e4m3 8,23", mixed_spec("fp8_e5m2", "fp8_e4m3", fp32)},
      {"fp8 e5m2 x e4m3 exact", exact_tree(mixed_spec("fp8_e5m2", "fp8_e4m3", fixed))},
      {"fp16 fixed", spec_of("fp16", fixed)},
      {"fp16 float 8,23", spec_of("fp16", fp32)},
      {"bf16 fixed", spec_of("bf16", fixed)},
      {"bf16 float 8,23", spec_of("bf16", fp32)},
      {"tf32 float 8,23", spec_of("tf32", fp32)},
      {"fp32 fixed", spec_of("fp32", fixed)},
      {"fp32 float 8,23", spec_of("fp32", fp32)},
  };
  return list;
}

/// Random valid codes.
std::vector<std::byte> random_codes(const Format& format, std::size_t count, std::uint64_t seed) {
  std::vector<std::byte> codes(count * format.container_bytes());
  std::uint64_t state = seed;
  for (std::size_t i = 0; i < count;) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    const auto code = static_cast<Code>(state >> 32) & static_cast<Code>((std::uint64_t{1} << format.bits()) - 1);
    if (format.valid(code)) store_code(codes.data(), i++, format.container_bytes(), code);
  }
  return codes;
}

/// Multiply-accumulates per second of processor time, in millions: the best of three, as other work disturbs.
template <class Step>
double measure(double seconds, double macs_per_step, const Step& step) {
  step();
  double best = 0.0;
  for (int repeat = 0; repeat < 3; ++repeat) {
    std::size_t steps = 0;
    const std::clock_t start = std::clock();
    double elapsed = 0.0;
    while (elapsed < seconds / 3) {
      for (int i = 0; i < 8; ++i) step();
      steps += 8;
      elapsed = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    }
    const double rate = static_cast<double>(steps) * macs_per_step / elapsed * 1e-6;
    best = rate > best ? rate : best;
  }
  return best;
}

void run(const Case& item, double seconds) {
  const auto unit = make_dot_unit(item.spec);
  const unsigned elements = item.spec.vector_size;
  const auto a = random_codes(*item.spec.a, std::size_t{kLanes} * elements, 1);
  const auto b = random_codes(*item.spec.b, std::size_t{kRows} * elements, 2);
  std::vector<Psum> psums(std::size_t{kRows} * kLanes);
  const GroupBlock block{a.data(), b.data(), elements, elements, kLanes, kRows, elements, false};
  const double macs = double{kRows} * kLanes * elements;
  const double kernel = measure(seconds, macs, [&] { unit->accumulate(block, psums.data(), kLanes); });
  const double scalar = measure(seconds, macs, [&] { unit->accumulate_reference(block, psums.data(), kLanes); });
  std::printf("%-24s %10.0f %10.0f %8.1f\n", item.name.c_str(), kernel, scalar, kernel / scalar);
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::strtod(argv[1], nullptr) : 0.3;
  if (argc > 2) force_simd_target(argv[2]);
  std::printf("rows %u, lanes %u, elements 32; instruction set %s\n", kRows, kLanes,
              argc > 2 ? argv[2] : supported_simd_targets().front().c_str());
  std::printf("%-24s %10s %10s %8s\n", "unit", "M MAC/s", "reference", "ratio");
  for (const Case& item : cases()) run(item, seconds);
  return 0;
}
