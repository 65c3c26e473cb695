// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <vector>

#include "sim/data/binary64.hpp"
#include "sim/data/output_elements.hpp"
#include "sim/data/reference.hpp"
#include "sim/numerics/requantizer.hpp"
#include "tests/unit/data/data_support.hpp"

using namespace lnsim;
using lnsim::test::lns8;
using lnsim::test::Random;
using lnsim::test::random_pass;
using lnsim::test::spec_of;
using lnsim::test::tensors_of;

namespace {

std::vector<numerics::FormatPtr> reference_formats() {
  return {lns8(), numerics::find_format("int8"), numerics::find_format("fp8_e4m3"), numerics::find_format("bf16"),
          numerics::find_format("fp32")};
}

/// One output by OperandView::element() and the unit's scalar code, group by group.
numerics::Psum plain_output(const Gemm& gemm, const CodeTensor& a, const CodeTensor& b, const numerics::DotUnit& unit,
                            const BatchOffsets& offsets, std::uint64_t m, std::uint64_t n) {
  const auto code = [](const OperandView& view, const CodeTensor& tensor, std::int64_t offset, std::uint64_t row,
                       std::uint64_t k) {
    const auto element = view.element(row, k);
    return element ? tensor.code(*element + static_cast<std::uint64_t>(offset)) : 0;
  };
  const unsigned size = unit.spec().vector_size;
  const std::uint64_t chunk = unit.spec().accumulator.chunk.value_or(0);
  const unsigned bytes = a.format->container_bytes();
  std::vector<std::byte> group_a(size * bytes);
  std::vector<std::byte> group_b(size * bytes);
  numerics::Psum psum;
  for (std::uint64_t k = 0; k < gemm.k; k += size) {
    numerics::GroupBlock block{group_a.data(), group_b.data(), size, size, 1, 1, 0, false};
    for (; block.elements < size && k + block.elements < gemm.k; ++block.elements) {
      const std::uint64_t at = k + block.elements;
      numerics::store_code(group_a.data(), block.elements, bytes, code(gemm.a, a, offsets.a, m, at));
      numerics::store_code(group_b.data(), block.elements, bytes, code(gemm.b, b, offsets.b, n, at));
    }
    const std::uint64_t end = k + block.elements;
    block.chunk_end = end == gemm.k || (chunk > 0 && end % chunk == 0);
    unit.accumulate_reference(block, &psum, 1);
  }
  return psum;
}

}  // namespace

TEST_CASE("reference outputs are the sums of the definitions, chunked or not", "[data]") {
  Random random(5);
  for (int round = 0; round < 120; ++round) {
    const LayerPass pass = random_pass(random);
    const auto all = reference_formats();
    const auto format = all[random.between(0, all.size() - 1)];
    const unsigned vector_size = 1U << random.between(0, 4);
    const bool chunked = random.flip() && format->kind() != numerics::FormatKind::kLns;  // LNS units have no chunks
    const auto unit = numerics::make_dot_unit(spec_of(format, vector_size, chunked ? 2 * vector_size : 0));
    const auto tensors = tensors_of(pass, format, 77);
    for (const Gemm& gemm : pass.gemms) {
      const CodeTensor& a = tensors[gemm.a.tensor];
      const CodeTensor& b = tensors[gemm.b.tensor];
      const std::uint64_t index = random.between(0, gemm.count() - 1);
      const auto outputs = reference_outputs(gemm, a, b, *unit, index);
      for (int i = 0; i < 20; ++i) {
        const std::uint64_t m = random.between(0, gemm.m - 1);
        const std::uint64_t n = random.between(0, gemm.n - 1);
        INFO("round " << round << " " << format->name() << " m " << m << " n " << n);
        REQUIRE((outputs[n * gemm.m + m] == plain_output(gemm, a, b, *unit, batch_offsets(gemm, index), m, n)));
      }
    }
  }
}

TEST_CASE("outputs and saturations depend neither on the panels nor on the kernel", "[data]") {
  Random random(6);
  for (int round = 0; round < 60; ++round) {
    const LayerPass pass = random_pass(random);
    const auto format = reference_formats()[random.between(0, 2)];
    numerics::DotSpec spec = spec_of(format, 8);
    if (spec.accumulator.fixed) spec.accumulator.fixed->bits = 12;  // saturates
    if (format->kind() == numerics::FormatKind::kLns) spec.accumulator.fixed->guard = 0;
    const auto unit = numerics::make_dot_unit(spec);
    const auto tensors = tensors_of(pass, format, 78);
    for (const Gemm& gemm : pass.gemms) {
      const CodeTensor& a = tensors[gemm.a.tensor];
      const CodeTensor& b = tensors[gemm.b.tensor];
      const auto whole = reference_outputs(gemm, a, b, *unit, 0);
      CHECK((reference_outputs(gemm, a, b, *unit, 0, {.scalar = true}) == whole));
      CHECK((reference_outputs(gemm, a, b, *unit, 0, {.panel_bytes = 1}) == whole));
      CHECK((reference_outputs(gemm, a, b, *unit, 0, {.panel_bytes = 100}) == whole));
      const auto nothing = [](const ReferencePanel&) {};
      CHECK(reference_panels(gemm, a, b, *unit, 0, nothing, {.panel_bytes = 100}) ==
            reference_panels(gemm, a, b, *unit, 0, nothing, {.scalar = true}));
    }
  }
}

TEST_CASE("output codes are the requantised sums in their places, zero elsewhere", "[data]") {
  Random random(8);
  for (int round = 0; round < 60; ++round) {
    const LayerPass pass = random_pass(random);
    const auto format = reference_formats()[random.between(0, 4)];
    const auto unit = numerics::make_dot_unit(spec_of(format, 8));
    auto tensors = tensors_of(pass, format, 79);
    const double scale = output_scale(*format, binary64_max(pass, tensors));
    CodeTensor& out = tensors[2] = zeros(pass.tensors[2].elements, format, scale);
    reference_codes(pass, tensors, *unit, {.panel_bytes = random.between(1, 300)});
    CodeTensor expected = zeros(out.elements(), format, scale);
    for (const Gemm& gemm : pass.gemms) {
      const CodeTensor& a = tensors[gemm.a.tensor];
      const CodeTensor& b = tensors[gemm.b.tensor];
      const auto requantizer = numerics::make_requantizer(*unit, format, a.scale, b.scale, scale);
      for (std::uint64_t index = 0; index < gemm.count(); ++index) {
        const BatchOffsets offsets = batch_offsets(gemm, index);
        const auto psums = reference_outputs(gemm, a, b, *unit, index);
        for (std::uint64_t i = 0; i < psums.size(); ++i) {
          const std::uint64_t element =
              gemm.out.element(i % gemm.m, i / gemm.m) + static_cast<std::uint64_t>(offsets.out);
          numerics::store_code(expected.codes.data(), element, format->container_bytes(),
                               requantizer->requantize(psums[i]).code);
        }
      }
    }
    REQUIRE((out.codes == expected.codes));
  }
}

TEST_CASE("a tight output scale clips, a usual one hardly", "[data]") {
  Conv2d conv;
  conv.in_channels = 16;
  conv.out_channels = 16;
  conv.height = 12;
  conv.width = 12;
  conv.kernel = {3, 3};
  conv.padding = {1};
  const LayerPass pass = conv_forward(conv, 2);
  for (const auto& format : {lns8(), numerics::find_format("int8"), numerics::find_format("fp8_e4m3")}) {
    INFO(format->name());
    const auto unit = numerics::make_dot_unit(spec_of(format, 16));
    auto tensors = tensors_of(pass, format, 80);
    const double largest = binary64_max(pass, tensors);
    tensors[2] = zeros(pass.tensors[2].elements, format, output_scale(*format, largest));
    CHECK(reference_codes(pass, tensors, *unit).clipped <= 2);  // rounding of the largest
    tensors[2].scale = output_scale(*format, largest, 0.25);
    CHECK(reference_codes(pass, tensors, *unit).clipped * 100 >= tensors[2].elements());
    tensors[2].scale = output_scale(*format, largest, 2.0);
    CHECK(reference_codes(pass, tensors, *unit).clipped == 0);
  }
}
