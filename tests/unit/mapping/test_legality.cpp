// SPDX-License-Identifier: Apache-2.0
// Every rule of a mapping's legality, broken alone: the message names level, tensor and bytes.
#include <catch2/catch.hpp>

#include "sim/support/error.hpp"
#include "tests/support/plans.hpp"

namespace lnsim {
namespace {

using Catch::Contains;

/// A GEMM of 64 x 48 x 96 elements of 8 bits on a machine of 8 lanes, V = 16, T = 4 with buffers of 512 and 128 bytes
/// (32 and 8 vectors) and 8 banks of 1 KiB, under a mapping that fits.
struct Example {
  LayerPass pass = test::gemm_pass(64, 48, 96);
  PassConfig config;
  GemmMapping mapping;

  Example() {
    Accelerator& machine = config.accelerator;
    machine = test::default_machine();
    machine.pe.lanes = 8;
    machine.pe.vector_size = 16;
    machine.pe.hold_rows = 4;
    machine.pe.buffer_a_bytes = 512;
    machine.pe.buffer_b_bytes = 128;
    machine.global_buffer.bytes = 8192;
    machine.dram.burst_bytes = 32;
    config.a_bits = config.b_bits = config.out_bits = 8;
    config.psum_bits = 24;
    mapping.tile = {16, 16, 32};
    mapping.banks = {1, 1, 1};
    mapping.block = 16;
  }
  [[nodiscard]] std::string error() const {
    try {
      check_mapping(pass.gemms[0], mapping, config, "fc forward");
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  }
};

}  // namespace

TEST_CASE("the example mapping is legal") { CHECK(Example().error().empty()); }

TEST_CASE("a tile size of 0 or beyond the GEMM is refused") {
  for (const std::uint64_t size : {0U, 1000U}) {
    Example example;
    example.mapping.tile.m = size;
    CHECK(example.error() ==
          "mapping of fc forward: /global_buffer/tile/m: " + std::to_string(size) + ", expected 1..64");
    example = {};
    example.mapping.tile.n = size;
    CHECK_THAT(example.error(), Contains("/global_buffer/tile/n: " + std::to_string(size) + ", expected 1..48"));
    example = {};
    example.mapping.tile.k = size;
    CHECK_THAT(example.error(), Contains("/global_buffer/tile/k: " + std::to_string(size) + ", expected 1..96"));
  }
}

TEST_CASE("a k tile is a multiple of the vector size, or all of K") {
  Example example;
  example.mapping.tile.k = 24;
  CHECK_THAT(example.error(),
             Contains("/global_buffer/tile/k: 24, expected a multiple of 16 (vector_size), or all of K"));
  example.pass = test::gemm_pass(64, 48, 24);
  CHECK(example.error().empty());
}

TEST_CASE("a k tile is a multiple of the accumulation chunk where sums are chunked") {
  Example example;
  example.config.chunk = 64;
  CHECK_THAT(example.error(), Contains("/global_buffer/tile/k: 32, expected a multiple of 64 (chunk)"));
}

TEST_CASE("a block is whole lane groups, or all rows of the tile") {
  Example example;
  example.mapping.block = 0;
  CHECK_THAT(example.error(), Contains("/pe/block: 0"));
  example.mapping.block = 12;
  CHECK_THAT(example.error(), Contains("/pe/block: 12, expected a multiple of lanes (8)"));
  example.mapping.block = 17;
  CHECK(example.error().empty());
}

TEST_CASE("a block that several row chunks use must fit buffer A whole") {
  Example example;
  example.config.accelerator.pe.buffer_a_bytes = 511;  // 31 vectors; 16 rows x 2 K-groups are 32
  CHECK(example.error() ==
        "mapping of fc forward: /pe/block: 16, expected PE buffer A holds 511 bytes; operand A needs 512");
  example.mapping.tile.n = 4;  // one chunk: vectors stream through
  CHECK(example.error().empty());
  example.config.accelerator.pe.buffer_a_bytes = 8 * 16 - 1;  // but one lane group must fit
  CHECK_THAT(example.error(), Contains("PE buffer A holds 127 bytes; operand A needs 128"));
}

TEST_CASE("a row chunk that several lane groups use must fit buffer B whole") {
  Example example;
  example.config.accelerator.pe.buffer_b_bytes = 127;  // 7 vectors; 4 rows x 2 K-groups are 8
  CHECK(example.error() ==
        "mapping of fc forward: /pe/block: 16, expected PE buffer B holds 127 bytes; operand B needs 128");
  example.mapping.block = 8;  // one lane group per block
  CHECK(example.error().empty());
  example.config.accelerator.pe.buffer_b_bytes = 4 * 16 - 1;
  CHECK_THAT(example.error(), Contains("PE buffer B holds 63 bytes; operand B needs 64"));
}

TEST_CASE("the PE array's split makes slices smaller") {
  Example example;
  example.config.accelerator.pe.buffer_a_bytes = 256;  // 16 vectors: one lane group of 2 K-groups
  CHECK_FALSE(example.error().empty());
  example.config.accelerator.pe_array.rows = 2;  // 8 of the 16 rows for each
  CHECK(example.error().empty());
}

TEST_CASE("each tile fits its banks of the global buffer") {
  Example example;
  example.mapping.tile = {64, 16, 96};  // A: 64 x 96 = 6144 bytes
  example.mapping.banks.a = 5;
  example.config.accelerator.pe.buffer_a_bytes = example.config.accelerator.pe.buffer_b_bytes = 1U << 20U;
  CHECK_THAT(example.error(), Contains("/global_buffer/banks/a: 5 banks, expected global buffer: a tile of operand A "
                                       "needs 6144 bytes, the banks hold 5120"));
  example = {};
  example.config.accelerator.pe.buffer_a_bytes = example.config.accelerator.pe.buffer_b_bytes = 1U << 20U;
  example.mapping.tile = {16, 48, 96};  // B: 48 x 96 = 4608 bytes
  example.mapping.banks = {2, 4, 2};
  CHECK_THAT(example.error(), Contains("a tile of operand B needs 4608 bytes, the banks hold 4096"));
  example.mapping.tile = {64, 48, 32};  // sums of 24 bits: 64 x 48 x 3 = 9216 bytes
  example.mapping.banks = {2, 2, 4};
  CHECK_THAT(example.error(), Contains("a tile of outputs needs 9216 bytes, the banks hold 4096"));
}

TEST_CASE("sums that leave between steps need room for a neighbour, resident ones do not") {
  Example example;
  example.mapping.tile = {16, 16, 32};  // 768 bytes of sums
  example.mapping.order = {Dim::kK, Dim::kM, Dim::kN};
  CHECK_THAT(example.error(), Contains("a tile of outputs needs 1536 bytes, the banks hold 1024"));
  example.mapping.order = {Dim::kM, Dim::kN, Dim::kK};
  CHECK(example.error().empty());
}

TEST_CASE("all streams together have no more banks than there are") {
  Example example;
  example.mapping.banks = {3, 3, 3};
  CHECK_THAT(example.error(), Contains("/global_buffer/banks: 9, expected at most 8 banks in all"));
}

TEST_CASE("with operand A on the n side the buffers hold the other operands") {
  Example example;
  example.config.a_bits = 32;  // of the m side
  CHECK_THAT(example.error(), Contains("operand A needs 2048"));
  example.mapping.operand_a = Side::kN;
  CHECK_THAT(example.error(), Contains("operand B needs 512"));
}

}  // namespace lnsim
