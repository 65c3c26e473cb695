// SPDX-License-Identifier: Apache-2.0
// Vector kernels of LNS and INT units against their scalar references, on every instruction set of the machine.
#include <hwy/highway.h>

#include <catch2/catch.hpp>

#include "tests/unit/numerics/random_dots.hpp"

using namespace lnsim::numerics;
using namespace lnsim::numerics::test;

namespace {

/// A block with strides, offsets and psums of random size, and what lies around the psums.
struct RandomBlock {
  RandomBlock(Random& random, const DotUnit& unit) {
    const DotSpec& spec = unit.spec();
    block.lanes = static_cast<unsigned>(random.chance(50) ? 32 : random.between(1, 70));
    block.rows = static_cast<unsigned>(random.between(1, random.chance(20) ? 70 : 8));
    block.elements = random.chance(60) ? spec.vector_size : static_cast<unsigned>(random.between(1, spec.vector_size));
    block.chunk_end = random.chance(40);
    block.a_stride = block.elements + static_cast<std::size_t>(random.between(0, 5));
    block.b_stride = block.elements + static_cast<std::size_t>(random.between(0, 5));
    stride = block.lanes + static_cast<std::size_t>(random.between(0, 3));
    const auto large = static_cast<unsigned>(random.chance(50) ? 0 : random.between(0, 100));
    // Exactly the codes of the block: a read beyond them is one beyond the allocation.
    a = random_codes(random, *spec.a, (block.lanes - 1) * block.a_stride + block.elements, large);
    b = random_codes(random, *spec.b, (block.rows - 1) * block.b_stride + block.elements, large);
    block.a = a.data();
    block.b = b.data();
    start.resize(block.rows * stride, Psum{7, 9});
    for (unsigned row = 0; row < block.rows; ++row) {
      for (unsigned lane = 0; lane < block.lanes; ++lane) start[row * stride + lane] = random_start(random, spec);
    }
  }

  /// The sign, because other bits need not give a valid code.
  void flip_sign_of_a(Random& random, const Format& format) {
    const auto lane = static_cast<std::size_t>(random.between(0, block.lanes - 1));
    const std::size_t i = lane * block.a_stride + static_cast<std::size_t>(random.between(0, block.elements - 1));
    const unsigned bytes = format.container_bytes();
    Code code = load_code(a.data(), i, bytes) ^ (Code{1} << (format.bits() - 1));
    if (!format.valid(code)) code = 1;
    store_code(a.data(), i, bytes, code);
  }

  static Psum random_start(Random& random, const DotSpec& spec) {
    if (!spec.accumulator.fixed || (spec.accumulator.chunk && random.chance(50))) return {};
    const unsigned bits = spec.accumulator.fixed->bits;
    const std::int64_t highest = (std::int64_t{1} << (bits - 1)) - 1;
    return {random.chance(20) ? highest - random.between(0, 2) : random.between(-highest - 1, highest), 0};
  }

  GroupBlock block;
  std::size_t stride = 0;
  std::vector<std::byte> a;
  std::vector<std::byte> b;
  std::vector<Psum> start;
};

void check_kernels(std::uint64_t seed, int count, DotSpec (*draw)(Random&)) {
  const TargetGuard guard;
  const std::vector<std::string> targets = supported_simd_targets();
  Random random(seed);
  for (int i = 0; i < count; ++i) {
    const auto unit = make_dot_unit(draw(random));
    const RandomBlock random_block(random, *unit);
    const GroupBlock& block = random_block.block;
    std::vector<Psum> expected = random_block.start;
    const std::uint64_t saturations = unit->accumulate_reference(block, expected.data(), random_block.stride);
    for (const std::string& target : targets) {
      force_simd_target(target);
      std::vector<Psum> actual = random_block.start;
      const std::uint64_t counted = unit->accumulate(block, actual.data(), random_block.stride);
      INFO(target << ", draw " << i << ": " << describe(unit->spec()) << ", lanes " << block.lanes << ", rows "
                  << block.rows << ", elements " << block.elements);
      REQUIRE(counted == saturations);
      REQUIRE(actual == expected);
    }
  }
}

}  // namespace

TEST_CASE("LNS kernels equal the scalar reference on every instruction set", "[kernel]") {
  check_kernels(20220711, 700, random_lns_spec);
}

TEST_CASE("INT kernels equal the scalar reference on every instruction set", "[kernel]") {
  check_kernels(5, 400, random_int_spec);
}

TEST_CASE("A prepared operand A never changes a result, whatever it was made from", "[kernel]") {
  const TargetGuard guard;
  const std::vector<std::string> targets = supported_simd_targets();
  Random random(20260);
  for (int i = 0; i < 150; ++i) {
    const auto unit = make_dot_unit(random.chance(70) ? random_lns_spec(random) : random_int_spec(random));
    for (const std::string& target : targets) {
      force_simd_target(target);
      PreparedA prepared;
      for (int j = 0; j < 3; ++j) {  // other shapes and codes in the same place
        RandomBlock random_block(random, *unit);
        GroupBlock& block = random_block.block;
        block.prepared_a = &prepared;
        for (int k = 0; k < 3; ++k) {  // made, used again, used with one bit of A flipped
          std::vector<Psum> expected = random_block.start;
          std::vector<Psum> actual = random_block.start;
          const std::uint64_t saturations = unit->accumulate_reference(block, expected.data(), random_block.stride);
          INFO(target << ", draw " << i << ": " << describe(unit->spec()) << ", lanes " << block.lanes << ", rows "
                      << block.rows << ", elements " << block.elements << ", use " << k);
          REQUIRE(unit->accumulate(block, actual.data(), random_block.stride) == saturations);
          REQUIRE(actual == expected);
          if (k == 1) random_block.flip_sign_of_a(random, *unit->spec().a);
        }
      }
    }
  }
}

TEST_CASE("A blocked GEMM equals the reference for ragged shapes", "[kernel]") {
  Random random(99);
  for (int i = 0; i < 40; ++i) {
    const auto unit = make_dot_unit(random.chance(60) ? random_lns_spec(random) : random_int_spec(random));
    const auto m = static_cast<std::size_t>(random.between(1, 70));
    const auto n = static_cast<std::size_t>(random.between(1, 70));
    const auto k = static_cast<std::size_t>(random.between(0, 200));
    const auto a = random_codes(random, *unit->spec().a, m * k, 20);
    const auto b = random_codes(random, *unit->spec().b, n * k, 20);
    std::vector<Psum> fast(m * n, Psum{1, 1});
    std::vector<Psum> reference(m * n);
    INFO(describe(unit->spec()) << ", m " << m << ", n " << n << ", k " << k);
    REQUIRE(gemm(*unit, a.data(), b.data(), m, n, k, fast.data()) ==
            gemm(*unit, a.data(), b.data(), m, n, k, reference.data(), true));
    REQUIRE(fast == reference);
  }
}

TEST_CASE("The kernels are compiled for more than one instruction set and can be forced", "[kernel]") {
  const TargetGuard guard;
  const auto targets = supported_simd_targets();
  REQUIRE(!targets.empty());
  for (const std::string& target : targets) {
    force_simd_target(target);
    CHECK(supported_simd_targets() == std::vector<std::string>{target});
    force_simd_target("");
  }
  CHECK_THROWS_AS(force_simd_target("ABACUS"), std::invalid_argument);
}

TEST_CASE("The instruction sets found are those that Highway finds", "[kernel]") {
  std::vector<std::string> names;
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) names.emplace_back(hwy::TargetName(target));
  CHECK(supported_simd_targets() == names);
}
