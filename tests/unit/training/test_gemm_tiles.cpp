// SPDX-License-Identifier: Apache-2.0
#include "sim/training/gemm_tiles.hpp"

#include <catch2/catch.hpp>

#include "sim/data/reference.hpp"
#include "sim/numerics/format.hpp"
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
        CHECK(bit_true_gemms(pass, a, b, *unit, out, workers) == saturations);
        CHECK(out == expected);
      }
    }
  }
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
    (void)bit_true_gemms(pass, a, b, *unit, units, workers);
    binary64_gemms(pass, real_a, real_b, exact, workers);
    for (std::size_t i = 0; i < exact.size(); ++i) CHECK(units[i] == Approx(exact[i]).margin(1e-4));
  }
}
