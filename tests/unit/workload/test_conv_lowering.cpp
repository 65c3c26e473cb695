// SPDX-License-Identifier: Apache-2.0
// Convolutions lowered to GEMM views against direct loops over NHWC activations and K R S C weights.
#include <catch2/catch.hpp>

#include "sim/workload/gemm_lowering.hpp"
#include "tests/unit/workload/conv_cases.hpp"
#include "tests/unit/workload/evaluate.hpp"

namespace lnsim {
namespace {

using test::Values;

/// Calls visit(x element, weight element, y element) for every multiplication of a convolution.
template <class Visit>
void each_product(const Conv2d& conv, std::uint64_t batch, Visit visit) {
  const Window window = window_of(conv);
  const std::uint64_t p_count = window.h.out();
  const std::uint64_t q_count = window.w.out();
  const std::uint64_t group_c = conv.in_channels / conv.groups;
  const std::uint64_t group_k = conv.out_channels / conv.groups;
  for (std::uint64_t b = 0; b < batch; ++b)
    for (std::uint64_t p = 0; p < p_count; ++p)
      for (std::uint64_t q = 0; q < q_count; ++q)
        for (std::uint64_t k = 0; k < conv.out_channels; ++k)
          for (std::uint64_t r = 0; r < window.h.kernel; ++r)
            for (std::uint64_t s = 0; s < window.w.kernel; ++s)
              for (std::uint64_t c = 0; c < group_c; ++c) {
                const std::uint64_t h = p * window.h.stride + r * window.h.dilation;  // in the padded input
                const std::uint64_t w = q * window.w.stride + s * window.w.dilation;
                if (h < window.h.pad_before || h >= window.h.pad_before + conv.height) continue;
                if (w < window.w.pad_before || w >= window.w.pad_before + conv.width) continue;
                const std::uint64_t pixel =
                    (b * conv.height + h - window.h.pad_before) * conv.width + w - window.w.pad_before;
                visit(pixel * conv.in_channels + k / group_k * group_c + c,
                      ((k * window.h.kernel + r) * window.w.kernel + s) * group_c + c,
                      ((b * p_count + p) * q_count + q) * conv.out_channels + k);
              }
}

struct Reference {
  Values x, weight, dy, y, dx, dw;
};

Reference reference(const Conv2d& conv, std::uint64_t batch) {
  const LayerPass forward = conv_forward(conv, batch);
  Reference ref;
  ref.weight = test::ramp(forward.tensors[0].elements, 1);
  ref.x = test::ramp(forward.tensors[1].elements, 2);
  ref.dy = test::ramp(forward.tensors[2].elements, 3);
  ref.y.resize(ref.dy.size());
  ref.dx.resize(ref.x.size());
  ref.dw.resize(ref.weight.size());
  each_product(conv, batch, [&](std::uint64_t x, std::uint64_t w, std::uint64_t y) {
    ref.y[y] += ref.x[x] * ref.weight[w];
    ref.dx[x] += ref.dy[y] * ref.weight[w];
    ref.dw[w] += ref.dy[y] * ref.x[x];
  });
  return ref;
}

template <class Check>
void for_random_convs(std::uint64_t seed, int cases, Check check) {
  test::Random random(seed);
  for (int i = 0; i < cases; ++i) {
    const Conv2d conv = test::random_conv(random);
    const std::uint64_t batch = random.between(1, 2);
    INFO("seed " << seed << " case " << i << ": " << test::describe_case(conv, batch));
    check(conv, batch);
  }
}

Conv2d resnet_conv(std::uint64_t size, std::uint64_t kernel, std::uint64_t stride) {
  Conv2d conv;
  conv.in_channels = 8;
  conv.out_channels = 16;
  conv.height = conv.width = size;
  conv.kernel = {kernel};
  conv.stride = {stride};
  conv.padding = {kernel / 2};
  return conv;
}

}  // namespace

TEST_CASE("forward views compute the convolution") {
  for_random_convs(11, 300, [](const Conv2d& conv, std::uint64_t batch) {
    const Reference ref = reference(conv, batch);
    REQUIRE(test::evaluate(conv_forward(conv, batch), ref.weight, ref.x) == ref.y);
  });
}

TEST_CASE("input gradient phases compute the adjoint in the input and fill the rest with zeros") {
  for_random_convs(12, 300, [](const Conv2d& conv, std::uint64_t batch) {
    const Reference ref = reference(conv, batch);
    REQUIRE(test::evaluate(conv_input_grad(conv, batch), ref.weight, ref.dy) == ref.dx);
  });
}

TEST_CASE("weight gradient views compute the adjoint in the weights") {
  for_random_convs(13, 300, [](const Conv2d& conv, std::uint64_t batch) {
    const Reference ref = reference(conv, batch);
    REQUIRE(test::evaluate(conv_weight_grad(conv, batch), ref.dy, ref.x) == ref.dw);
  });
}

TEST_CASE("the weight gradient has as many MACs as the forward pass") {
  for_random_convs(14, 300, [](const Conv2d& conv, std::uint64_t batch) {
    REQUIRE(conv_weight_grad(conv, batch).macs() == conv_forward(conv, batch).macs());
  });
}

TEST_CASE("the input gradient has as many MACs as the forward pass where stride times output is input") {
  int met = 0;
  for_random_convs(15, 3000, [&](const Conv2d& conv, std::uint64_t batch) {
    const Window window = window_of(conv);
    if (window.h.out() * window.h.stride != conv.height || window.w.out() * window.w.stride != conv.width) return;
    ++met;
    REQUIRE(conv_input_grad(conv, batch).macs() == conv_forward(conv, batch).macs());
  });
  REQUIRE(met > 30);
}

TEST_CASE("a 3x3 convolution of stride 2 has four phases of 1, 2, 2 and 4 taps") {
  const LayerPass pass = conv_input_grad(resnet_conv(14, 3, 2), 2);
  REQUIRE(pass.gemms.size() == 4);
  REQUIRE(pass.zero_fills.empty());
  std::vector<std::uint64_t> taps;
  for (const Gemm& gemm : pass.gemms) {
    CHECK(gemm.m == 8);
    CHECK(gemm.n == 2 * 7 * 7);
    taps.push_back(gemm.k / 16);
  }
  CHECK(taps == std::vector<std::uint64_t>{1, 2, 2, 4});
}

TEST_CASE("a 1x1 convolution of stride 2 writes zeros for three quarters of its input gradient") {
  const LayerPass pass = conv_input_grad(resnet_conv(14, 1, 2), 2);
  REQUIRE(pass.gemms.size() == 1);
  REQUIRE(pass.zero_fills == std::vector<StreamUse>{{2, 3 * 2 * 7 * 7 * 8}});
}

TEST_CASE("groups are a batch of GEMMs, depthwise convolutions included") {
  Conv2d conv = resnet_conv(7, 3, 1);
  conv.groups = 8;
  const Gemm gemm = conv_forward(conv, 1).gemms.at(0);
  CHECK(gemm.m == 2);
  CHECK(gemm.k == 9);
  CHECK(gemm.count() == 8);
}

TEST_CASE("k is contiguous in the forward operands and in phase gradients, not in weights of the input gradient") {
  const Conv2d conv = resnet_conv(8, 3, 2);
  CHECK(conv_forward(conv, 2).gemms[0].a.k_contiguous());
  CHECK(conv_forward(conv, 2).gemms[0].b.k_contiguous());
  CHECK_FALSE(conv_input_grad(conv, 2).gemms[0].a.k_contiguous());
  CHECK(conv_input_grad(conv, 2).gemms[0].b.k_contiguous());
  CHECK_FALSE(conv_weight_grad(conv, 2).gemms[0].a.k_contiguous());
  CHECK_FALSE(conv_weight_grad(conv, 2).gemms[0].b.k_contiguous());
}

TEST_CASE("the forward order of k is rows, columns, channels, and of n is batch, rows, columns") {
  const Conv2d conv = resnet_conv(8, 3, 1);
  const OperandView view = conv_forward(conv, 2).gemms[0].b;
  const std::uint64_t centre = (1 * 3 + 1) * 8;  // tap (1, 1): the pixel itself
  CHECK(view.element(0, centre) == 0U);
  CHECK(view.element(0, centre + 1) == 1U);
  CHECK(view.element(0, centre + 8) == 8U);
  CHECK(view.element(1, centre) == 8U);
  CHECK(view.element(8, centre) == 64U);
  CHECK(view.element(64, centre) == 512U);
  CHECK_FALSE(view.element(0, 0).has_value());
}

}  // namespace lnsim
