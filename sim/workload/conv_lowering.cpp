// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>

#include "sim/workload/gemm_lowering.hpp"

namespace lnsim {
namespace {

/// The sizes of a convolution as signed numbers, as strides need them: activations are NHWC, weights K R S C.
struct ConvSizes {
  std::int64_t batch, c, k, groups, group_c, group_k, h, w, r, s, p, q;
  Window window;

  ConvSizes(const Conv2d& conv, std::uint64_t batch_size) : window(window_of(conv)) {
    const auto number = [](std::uint64_t value) { return static_cast<std::int64_t>(value); };
    batch = number(batch_size);
    c = number(conv.in_channels);
    k = number(conv.out_channels);
    groups = number(conv.groups);
    group_c = c / groups;
    group_k = k / groups;
    h = number(window.h.in);
    w = number(window.w.in);
    r = number(window.h.kernel);
    s = number(window.w.kernel);
    p = number(window.h.out());
    q = number(window.w.out());
  }
  [[nodiscard]] std::int64_t filter() const { return r * s * group_c; }  ///< weights of one output channel
};

std::uint64_t size(std::int64_t value) { return static_cast<std::uint64_t>(value); }

Tensor weight_tensor(const ConvSizes& sizes) { return {"weight", Role::kWeight, size(sizes.k * sizes.filter())}; }

/// The input pixels that the windows of a convolution meet: output pixels (batch, p, q) against taps (r, s, c).
OperandView window_view(const ConvSizes& sizes, std::size_t tensor, bool taps_are_rows) {
  const auto step = [](std::uint64_t value) { return static_cast<std::int64_t>(value); };
  const std::vector<Digit> pixels = {{size(sizes.batch), sizes.h * sizes.w * sizes.c, 0, 0},
                                     {size(sizes.p), 0, step(sizes.window.h.stride), 0},
                                     {size(sizes.q), 0, 0, step(sizes.window.w.stride)}};
  const std::vector<Digit> taps = {{size(sizes.r), 0, step(sizes.window.h.dilation), 0},
                                   {size(sizes.s), 0, 0, step(sizes.window.w.dilation)},
                                   {size(sizes.group_c), 1, 0, 0}};
  OperandView view;
  view.tensor = tensor;
  view.rows = taps_are_rows ? taps : pixels;
  view.ks = taps_are_rows ? pixels : taps;
  view.spatial = true;
  view.h0 = -step(sizes.window.h.pad_before);
  view.w0 = -step(sizes.window.w.pad_before);
  view.height = sizes.h;
  view.width = sizes.w;
  view.h_stride = sizes.w * sizes.c;
  view.w_stride = sizes.c;
  return view;
}

std::vector<BatchDigit> group_digits(const ConvSizes& sizes, std::int64_t a, std::int64_t b, std::int64_t out) {
  if (sizes.groups == 1) return {};
  return {{size(sizes.groups), a, b, out}};
}

/// One axis of an input_grad phase: the input positions i * stride + offset, i < positions, and the taps
/// first_tap + j * tap_step, j < taps, that meet them. Output position = shift + i - j * out_step.
struct PhaseAxis {
  std::int64_t offset, positions, first_tap, taps, tap_step, shift, out_step;
};

PhaseAxis phase_axis(const WindowAxis& axis, std::int64_t offset) {
  const auto stride = static_cast<std::int64_t>(axis.stride);
  const auto dilation = static_cast<std::int64_t>(axis.dilation);
  const auto kernel = static_cast<std::int64_t>(axis.kernel);
  const std::int64_t padded = offset + static_cast<std::int64_t>(axis.pad_before);
  const std::int64_t common = std::gcd(stride, dilation);
  PhaseAxis phase{};
  phase.offset = offset;
  phase.positions = (static_cast<std::int64_t>(axis.in) - offset + stride - 1) / stride;
  phase.tap_step = stride / common;
  phase.out_step = dilation / common;
  // A tap meets the phase if padded - tap * dilation is a multiple of the stride; such taps are tap_step apart.
  for (std::int64_t tap = 0; tap < std::min(kernel, phase.tap_step); ++tap) {
    if ((padded - tap * dilation) % stride != 0) continue;
    phase.first_tap = tap;
    phase.taps = (kernel - tap + phase.tap_step - 1) / phase.tap_step;
    phase.shift = (padded - tap * dilation) / stride;
    break;
  }
  return phase;
}

OperandView phase_weights(const ConvSizes& sizes, const PhaseAxis& ph, const PhaseAxis& pw) {
  OperandView view;
  view.tensor = 0;
  view.base = (ph.first_tap * sizes.s + pw.first_tap) * sizes.group_c;
  view.rows = {{size(sizes.group_c), 1, 0, 0}};
  view.ks = {{size(ph.taps), ph.tap_step * sizes.s * sizes.group_c, 0, 0},
             {size(pw.taps), pw.tap_step * sizes.group_c, 0, 0},
             {size(sizes.group_k), sizes.filter(), 0, 0}};
  return view;
}

OperandView phase_gradients(const ConvSizes& sizes, const PhaseAxis& ph, const PhaseAxis& pw) {
  OperandView view;
  view.tensor = 1;
  view.rows = {{size(sizes.batch), sizes.p * sizes.q * sizes.k, 0, 0},
               {size(ph.positions), 0, 1, 0},
               {size(pw.positions), 0, 0, 1}};
  view.ks = {{size(ph.taps), 0, -ph.out_step, 0}, {size(pw.taps), 0, 0, -pw.out_step}, {size(sizes.group_k), 1, 0, 0}};
  view.spatial = true;
  view.h0 = ph.shift;
  view.w0 = pw.shift;
  view.height = sizes.p;
  view.width = sizes.q;
  view.h_stride = sizes.q * sizes.k;
  view.w_stride = sizes.k;
  return view;
}

Gemm phase_gemm(const ConvSizes& sizes, const PhaseAxis& ph, const PhaseAxis& pw) {
  Gemm gemm;
  gemm.m = size(sizes.group_c);
  gemm.n = size(sizes.batch * ph.positions * pw.positions);
  gemm.k = size(ph.taps * pw.taps * sizes.group_k);
  gemm.a = phase_weights(sizes, ph, pw);
  gemm.b = phase_gradients(sizes, ph, pw);
  gemm.out.tensor = 2;
  gemm.out.ms = {{size(sizes.group_c), 1, 0, 0}};
  gemm.out.ns = {{size(sizes.batch), sizes.h * sizes.w * sizes.c, 0, 0},
                 {size(ph.positions), static_cast<std::int64_t>(sizes.window.h.stride) * sizes.w * sizes.c, 0, 0},
                 {size(pw.positions), static_cast<std::int64_t>(sizes.window.w.stride) * sizes.c, 0, 0}};
  gemm.out.base = (ph.offset * sizes.w + pw.offset) * sizes.c;
  gemm.batch = group_digits(sizes, sizes.group_k * sizes.filter(), sizes.group_k, sizes.group_c);
  return gemm;
}

}  // namespace

LayerPass conv_forward(const Conv2d& conv, std::uint64_t batch) {
  const ConvSizes sizes(conv, batch);
  LayerPass pass;
  pass.type = "conv2d";
  pass.kind = PassKind::kForward;
  pass.tensors = {weight_tensor(sizes),
                  {"x", Role::kActivation, size(sizes.batch * sizes.h * sizes.w * sizes.c)},
                  {"y", Role::kActivation, size(sizes.batch * sizes.p * sizes.q * sizes.k)}};
  if (conv.bias) {
    pass.tensors.push_back({"bias", Role::kParameter, conv.out_channels});
    pass.bias_channels = conv.out_channels;
  }
  Gemm gemm;
  gemm.m = size(sizes.group_k);
  gemm.n = size(sizes.batch * sizes.p * sizes.q);
  gemm.k = size(sizes.filter());
  gemm.a.rows = {{gemm.m, sizes.filter(), 0, 0}};
  gemm.a.ks = {{gemm.k, 1, 0, 0}};
  gemm.b = window_view(sizes, 1, false);
  gemm.out.tensor = 2;
  gemm.out.ms = {{gemm.m, 1, 0, 0}};
  gemm.out.ns = {{gemm.n, sizes.k, 0, 0}};
  gemm.batch = group_digits(sizes, sizes.group_k * sizes.filter(), sizes.group_c, sizes.group_k);
  pass.gemms.push_back(std::move(gemm));
  return pass;
}

LayerPass conv_input_grad(const Conv2d& conv, std::uint64_t batch) {
  const ConvSizes sizes(conv, batch);
  LayerPass pass;
  pass.type = "conv2d";
  pass.kind = PassKind::kInputGrad;
  pass.tensors = {weight_tensor(sizes),
                  {"dy", Role::kGradient, size(sizes.batch * sizes.p * sizes.q * sizes.k)},
                  {"dx", Role::kGradient, size(sizes.batch * sizes.h * sizes.w * sizes.c)}};
  std::uint64_t zeros = 0;
  // Phases start inside the input: a stride beyond it has no further positions.
  const auto phases_h = static_cast<std::int64_t>(std::min(sizes.window.h.stride, sizes.window.h.in));
  const auto phases_w = static_cast<std::int64_t>(std::min(sizes.window.w.stride, sizes.window.w.in));
  for (std::int64_t offset_h = 0; offset_h < phases_h; ++offset_h) {
    const PhaseAxis ph = phase_axis(sizes.window.h, offset_h);
    for (std::int64_t offset_w = 0; offset_w < phases_w; ++offset_w) {
      const PhaseAxis pw = phase_axis(sizes.window.w, offset_w);
      if (ph.taps == 0 || pw.taps == 0) {
        zeros += size(sizes.batch * ph.positions * pw.positions * sizes.c);
      } else {
        pass.gemms.push_back(phase_gemm(sizes, ph, pw));
      }
    }
  }
  if (zeros > 0) pass.zero_fills.push_back({2, zeros});
  return pass;
}

LayerPass conv_weight_grad(const Conv2d& conv, std::uint64_t batch) {
  const ConvSizes sizes(conv, batch);
  LayerPass pass;
  pass.type = "conv2d";
  pass.kind = PassKind::kWeightGrad;
  pass.tensors = {{"dy", Role::kGradient, size(sizes.batch * sizes.p * sizes.q * sizes.k)},
                  {"x", Role::kActivation, size(sizes.batch * sizes.h * sizes.w * sizes.c)},
                  {"weight_gradient", Role::kWeightGradient, weight_tensor(sizes).elements}};
  Gemm gemm;
  gemm.m = size(sizes.group_k);
  gemm.n = size(sizes.filter());
  gemm.k = size(sizes.batch * sizes.p * sizes.q);
  gemm.a.rows = {{gemm.m, 1, 0, 0}};
  gemm.a.ks = {{gemm.k, sizes.k, 0, 0}};
  gemm.b = window_view(sizes, 1, true);
  gemm.out.tensor = 2;
  gemm.out.ms = {{gemm.m, sizes.filter(), 0, 0}};
  gemm.out.ns = {{gemm.n, 1, 0, 0}};
  gemm.batch = group_digits(sizes, sizes.group_k, sizes.group_c, sizes.group_k * sizes.filter());
  pass.gemms.push_back(std::move(gemm));
  return pass;
}

}  // namespace lnsim
