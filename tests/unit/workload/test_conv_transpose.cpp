// SPDX-License-Identifier: Apache-2.0
// Transposed convolutions lowered to GEMM views against loops that scatter each input pixel.
#include <catch2/catch.hpp>

#include "sim/workload/gemm_lowering.hpp"
#include "sim/workload/layer_sizes.hpp"
#include "tests/unit/workload/conv_cases.hpp"
#include "tests/unit/workload/evaluate.hpp"

namespace lnsim {
namespace {

using test::Values;

struct Sizes4 {
  std::uint64_t height, width;  ///< of the output
};

std::uint64_t out_size(std::uint64_t in, std::uint64_t kernel, std::uint64_t stride, std::uint64_t pad,
                       std::uint64_t more) {
  return (in - 1) * stride + kernel + more - 2 * pad;
}

Sizes4 output_of(const ConvTranspose2d& conv) {
  return {out_size(conv.height, conv.kernel[0], conv.stride[0], conv.padding[0], conv.output_padding[0]),
          out_size(conv.width, conv.kernel[1], conv.stride[1], conv.padding[1], conv.output_padding[1])};
}

/// Calls visit(x element, weight element, y element): filters are C_in R S C_out / groups, as those of the convolution
/// that is transposed.
template <class Visit>
void each_product(const ConvTranspose2d& conv, std::uint64_t batch, Visit visit) {
  const auto [height, width] = output_of(conv);
  const std::uint64_t group_in = conv.in_channels / conv.groups;
  const std::uint64_t group_out = conv.out_channels / conv.groups;
  for (std::uint64_t b = 0; b < batch; ++b)
    for (std::uint64_t h = 0; h < conv.height; ++h)
      for (std::uint64_t w = 0; w < conv.width; ++w)
        for (std::uint64_t c = 0; c < conv.in_channels; ++c)
          for (std::uint64_t r = 0; r < conv.kernel[0]; ++r)
            for (std::uint64_t s = 0; s < conv.kernel[1]; ++s)
              for (std::uint64_t k = 0; k < group_out; ++k) {
                const std::uint64_t p = h * conv.stride[0] + r;  // in the output before it is cut
                const std::uint64_t q = w * conv.stride[1] + s;
                if (p < conv.padding[0] || p - conv.padding[0] >= height) continue;
                if (q < conv.padding[1] || q - conv.padding[1] >= width) continue;
                const std::uint64_t pixel = (b * height + p - conv.padding[0]) * width + q - conv.padding[1];
                visit(((b * conv.height + h) * conv.width + w) * conv.in_channels + c,
                      ((c * conv.kernel[0] + r) * conv.kernel[1] + s) * group_out + k,
                      pixel * conv.out_channels + c / group_in * group_out + k);
              }
}

ConvTranspose2d random_case(test::Random& random) {
  ConvTranspose2d conv;
  conv.groups = random.between(1, 2);
  conv.in_channels = conv.groups * random.between(1, 4);
  conv.out_channels = conv.groups * random.between(1, 4);
  conv.height = random.between(1, 5);
  conv.width = random.between(1, 5);
  conv.kernel = {random.between(1, 4), random.between(1, 4)};
  conv.stride = {random.between(1, 3), random.between(1, 3)};
  conv.padding = {random.between(0, (conv.kernel[0] - 1) / 2), random.between(0, (conv.kernel[1] - 1) / 2)};
  conv.output_padding = {random.between(0, conv.stride[0] - 1), random.between(0, conv.stride[1] - 1)};
  return conv;
}

}  // namespace

TEST_CASE("a transposed convolution's views scatter every input pixel, and its gradients are those of the scatter") {
  test::Random random(5);
  for (int i = 0; i < 200; ++i) {
    const ConvTranspose2d conv = random_case(random);
    const std::uint64_t batch = random.between(1, 2);
    INFO("case " << i);
    const LayerPass forward = conv_transpose_forward(conv, batch);
    const Values weight = test::ramp(forward.tensors[0].elements, 1);
    const Values x = test::ramp(forward.tensors[1].elements, 2);
    const Values dy = test::ramp(forward.tensors[2].elements, 3);
    Values y(dy.size()), dx(x.size()), dw(weight.size());
    each_product(conv, batch, [&](std::uint64_t at_x, std::uint64_t at_w, std::uint64_t at_y) {
      y.at(at_y) += x.at(at_x) * weight.at(at_w);
      dx[at_x] += dy[at_y] * weight[at_w];
      dw[at_w] += dy[at_y] * x[at_x];
    });
    const LayerSizes sizes = sizes_of(conv);
    REQUIRE(sizes.output * batch == y.size());
    REQUIRE(sizes.inputs == std::vector<std::uint64_t>{x.size() / batch});
    REQUIRE(sizes.weights == weight.size());
    REQUIRE(forward.macs() == sizes.macs * batch);
    REQUIRE(test::evaluate(forward, weight, x) == y);
    REQUIRE(test::evaluate(conv_transpose_input_grad(conv, batch), weight, dy) == dx);
    REQUIRE(test::evaluate(conv_transpose_weight_grad(conv, batch), x, dy) == dw);
  }
}

TEST_CASE("a transposed convolution's passes carry its own names and roles") {
  ConvTranspose2d conv;
  conv.in_channels = 3;
  conv.out_channels = 2;
  conv.height = conv.width = 4;
  conv.kernel = {2};
  conv.stride = {2};
  conv.bias = true;
  const LayerPass forward = conv_transpose_forward(conv, 1);
  CHECK(forward.type == "conv_transpose2d");
  CHECK(forward.kind == PassKind::kForward);
  CHECK(forward.tensors[1] == Tensor{"x", Role::kActivation, 48, 0});
  CHECK(forward.tensors[2] == Tensor{"y", Role::kActivation, 128, 0});
  CHECK(forward.bias_channels == 2);
  const LayerPass gradient = conv_transpose_weight_grad(conv, 1);
  CHECK(gradient.tensors[0] == Tensor{"x", Role::kActivation, 48, 0});
  CHECK(gradient.tensors[1] == Tensor{"dy", Role::kGradient, 128, 0});
  CHECK(gradient.tensors[2].role == Role::kWeightGradient);
}

}  // namespace lnsim
