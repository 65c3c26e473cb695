// SPDX-License-Identifier: Apache-2.0
#include "sim/training/gemm_tiles.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "sim/data/output_elements.hpp"
#include "sim/data/reference.hpp"
#include "sim/numerics/block_dot.hpp"
#include "sim/training/bit_true.hpp"
#include "sim/workload/block_view.hpp"
#include "sim/workload/gemm_lowering.hpp"
#include "tests/unit/training/training_support.hpp"

using namespace lnsim;
using namespace lnsim::training;
using lnsim::training::test::normal_numbers;
using lnsim::training::test::shipped_scheme;

namespace {

CodeTensor codes_of(std::uint64_t elements, std::uint64_t seed, const numerics::FormatPtr& format) {
  return quantise(normal_numbers(elements, seed), format);
}

std::vector<LayerPass> passes() {
  Conv2d conv;
  conv.in_channels = 6;
  conv.out_channels = 40;
  conv.height = 9;
  conv.width = 7;
  conv.kernel = {3};
  conv.stride = {2};
  conv.padding = {1};
  Conv2d grouped = conv;
  grouped.groups = 2;
  Linear linear;
  linear.in_features = 300;
  linear.out_features = 70;
  linear.rows = 5;
  Matmul matmul;
  matmul.count = 3;
  matmul.m = 5;
  matmul.n = 9;
  matmul.k = 33;
  matmul.a_layout = MatmulLayout::kBatchInside;
  return {conv_forward(conv, 3),          conv_input_grad(conv, 3),     conv_weight_grad(conv, 3),
          conv_forward(grouped, 2),       conv_weight_grad(grouped, 2), linear_forward(linear, 11),
          linear_weight_grad(linear, 11), matmul_forward(matmul, 4),    matmul_input_grad_a(matmul, 4)};
}

/// Small; operands of both kinds: in the tensor's blocks (32 and 64 channels), and not.
std::vector<LayerPass> block_passes() {
  Conv2d conv;
  conv.in_channels = 32;
  conv.out_channels = 8;
  conv.height = 4;
  conv.width = 3;
  conv.kernel = {3};
  conv.padding = {1};
  Conv2d few = conv;
  few.in_channels = 3;
  Linear linear;
  linear.in_features = 96;
  linear.out_features = 64;
  Linear odd = linear;
  odd.in_features = 37;
  Matmul matmul;
  matmul.count = 2;
  matmul.m = 3;
  matmul.n = 4;
  matmul.k = 64;
  matmul.transpose_b = true;
  return {conv_forward(conv, 2),         conv_input_grad(conv, 2),  conv_weight_grad(conv, 2),
          conv_forward(few, 2),          linear_forward(linear, 5), linear_input_grad(linear, 5),
          linear_weight_grad(linear, 5), linear_forward(odd, 3),    matmul_forward(matmul, 2),
          matmul_input_grad_b(matmul, 2)};
}

Values block_values(std::uint64_t elements, std::uint64_t seed, const numerics::FormatPtr& format) {
  Values values;
  values.real = normal_numbers(elements, seed);
  // Neighbourhoods of different size, so that scales differ.
  for (std::size_t i = 0; i < values.real.size(); ++i) values.real[i] *= std::ldexp(1.0, -static_cast<int>(i / 50 % 7));
  values.codes = quantise_blocks(values.real, format, training_scale(*format, largest_magnitude(values.real)));
  for (std::size_t i = 0; i < values.real.size(); ++i) values.real[i] = values.codes.value(i);
  return values;
}

struct BlockRow {
  std::vector<numerics::Code> codes, scales;
};

/// A row along K by definition.
BlockRow block_row(const Gemm& gemm, bool is_a, std::uint64_t row, std::int64_t batch_offset, const Values& values) {
  const OperandView& view = is_a ? gemm.a : gemm.b;
  const numerics::BlockFormat& format = *values.codes.format->block();
  const bool reads = reads_blocks(gemm, is_a, format.block());
  BlockRow result;
  for (std::uint64_t first = 0; first < gemm.k; first += format.block()) {
    const std::uint64_t count = std::min<std::uint64_t>(format.block(), gemm.k - first);
    std::vector<double> real(count, 0.0);
    std::vector<numerics::Code> codes(count, 0);
    numerics::Code scale = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto element = view.element(row, first + i);
      if (!element) continue;
      const std::uint64_t at = *element + static_cast<std::uint64_t>(batch_offset);
      real[i] = values.real[at];
      codes[i] = values.codes.code(at);
      scale = static_cast<numerics::Code>(values.codes.block_scales[at / format.block()]);
    }
    if (!reads) (void)format.quantize(real, values.codes.scale, scale, codes);
    result.codes.insert(result.codes.end(), codes.begin(), codes.end());
    result.scales.push_back(scale);
  }
  return result;
}

}  // namespace

TEST_CASE("tiled GEMMs are those of the reference, bit by bit, for any number of threads", "[training]") {
  for (const char* name : {"lns8", "fp8", "int8"}) {
    const Scheme scheme = shipped_scheme(name);
    const auto unit = numerics::make_dot_unit(dot_spec(scheme.dot_product, scheme.weight, scheme.activation, 16));
    for (const LayerPass& pass : passes()) {
      INFO(name << " " << pass.type << " " << pass_name(pass.kind));
      const Gemm& first = pass.gemms.front();
      const CodeTensor a = codes_of(pass.tensors[first.a.tensor].elements, 1, scheme.weight);
      const CodeTensor b = codes_of(pass.tensors[first.b.tensor].elements, 2, scheme.activation);
      std::vector<double> expected(pass.tensors[first.out.tensor].elements, 0.0);
      std::uint64_t saturations = 0;
      for (const Gemm& gemm : pass.gemms) {
        for (std::uint64_t index = 0; index < gemm.count(); ++index) {
          const auto offset = static_cast<std::uint64_t>(batch_offsets(gemm, index).out);
          saturations += reference_panels(gemm, a, b, *unit, index, [&](const ReferencePanel& panel) {
            for (std::size_t n = 0; n < panel.n_count; ++n) {
              for (std::size_t m = 0; m < panel.m_count; ++m) {
                const std::uint64_t at = gemm.out.element(panel.m_begin + m, panel.n_begin + n) + offset;
                expected[at] = unit->value(panel.psums[n * panel.m_count + m], a.scale, b.scale);
              }
            }
          });
        }
      }
      for (const std::uint64_t threads : {1U, 2U, 5U}) {
        Workers workers(threads);
        std::vector<double> out(expected.size(), 0.0);
        CHECK(bit_true_gemms(pass, {{}, a}, {{}, b}, *unit, out, workers) == saturations);
        CHECK(out == expected);
      }
    }
  }
}

TEST_CASE("tiled GEMMs read block-scaled operands along K: the tensor's blocks, or its values quantised anew",
          "[training]") {
  unsigned first_copies = 0, second_copies = 0;
  for (const char* name : {"mxfp8", "mxfp6", "mxfp4", "mxint8", "nvfp4", "block_lns6"}) {
    const Scheme scheme = shipped_scheme(name);
    const numerics::BlockFormat& format = *scheme.weight->block();
    const numerics::DotSpec spec = dot_spec(scheme.dot_product, scheme.weight, scheme.activation, 16);
    const auto unit = numerics::make_dot_unit(spec);
    const auto definition = numerics::make_block_dot_unit(numerics::block_dot_spec(spec));
    for (const LayerPass& pass : block_passes()) {
      INFO(name << " " << pass.type << " " << pass_name(pass.kind));
      const Gemm& first = pass.gemms.front();
      const Values a = block_values(pass.tensors[first.a.tensor].elements, 5, scheme.weight);
      const Values b = block_values(pass.tensors[first.b.tensor].elements, 6, scheme.activation);
      std::vector<double> expected(pass.tensors[first.out.tensor].elements, 0.0);
      std::uint64_t saturations = 0;
      for (const Gemm& gemm : pass.gemms) {
        ++(reads_blocks(gemm, true, format.block()) ? first_copies : second_copies);
        ++(reads_blocks(gemm, false, format.block()) ? first_copies : second_copies);
        for (std::uint64_t index = 0; index < gemm.count(); ++index) {
          const BatchOffsets offsets = batch_offsets(gemm, index);
          for (std::uint64_t n = 0; n < gemm.n; ++n) {
            const BlockRow row = block_row(gemm, false, n, offsets.b, b);
            for (std::uint64_t m = 0; m < gemm.m; ++m) {
              const BlockRow lane = block_row(gemm, true, m, offsets.a, a);
              numerics::Psum psum;
              saturations += definition->dot({lane.codes, lane.scales}, {row.codes, row.scales}, psum);
              expected[gemm.out.element(m, n) + static_cast<std::uint64_t>(offsets.out)] =
                  definition->value(psum, a.codes.scale, b.codes.scale);
            }
          }
        }
      }
      for (const std::uint64_t threads : {1U, 3U}) {
        Workers workers(threads);
        std::vector<double> out(expected.size(), 0.0);
        CHECK(bit_true_gemms(pass, a, b, *unit, out, workers) == saturations);
        CHECK(out == expected);
      }
    }
  }
  CHECK(first_copies >= 24);
  CHECK(second_copies >= 24);
}

TEST_CASE("GEMMs in binary64 are close to those of an FP32 unit", "[training]") {
  const Scheme scheme = shipped_scheme("fp32");
  const auto unit = numerics::make_dot_unit(dot_spec(scheme.dot_product, scheme.weight, scheme.activation, 16));
  Workers workers(2);
  for (const LayerPass& pass : passes()) {
    INFO(pass.type << " " << pass_name(pass.kind));
    const Gemm& first = pass.gemms.front();
    const CodeTensor a = codes_of(pass.tensors[first.a.tensor].elements, 3, scheme.weight);
    const CodeTensor b = codes_of(pass.tensors[first.b.tensor].elements, 4, scheme.activation);
    std::vector<double> real_a, real_b;
    for (std::uint64_t i = 0; i < a.elements(); ++i) real_a.push_back(a.value(i));
    for (std::uint64_t i = 0; i < b.elements(); ++i) real_b.push_back(b.value(i));
    std::vector<double> units(pass.tensors[first.out.tensor].elements, 0.0);
    std::vector<double> exact(units.size(), 0.0);
    (void)bit_true_gemms(pass, {{}, a}, {{}, b}, *unit, units, workers);
    binary64_gemms(pass, real_a, real_b, exact, workers);
    for (std::size_t i = 0; i < exact.size(); ++i) CHECK(units[i] == Approx(exact[i]).margin(1e-4));
  }
}
