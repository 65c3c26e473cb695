// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "sim/import/timeloop.hpp"
#include "sim/support/json.hpp"
#include "sim/support/text.hpp"

namespace lnsim {
namespace {

std::string quoted(const std::string& text) { return Json(text).dump(); }

/// A convolution per group, of `batch` samples. Padding is part of the input, which Timeloop takes as large as the
/// windows reach.
std::string conv_problem(const std::string& name, const Conv2d& conv, std::uint64_t batch) {
  const Window window = window_of(conv);
  // Depthwise: the group is a dimension of all three data spaces.
  const bool grouped = conv.groups > 1;
  return fmt::format(
      R"(problem:
  version: 0.4
  shape:
    name: {name}
    dimensions: [{g}C, M, R, S, N, P, Q]
    coefficients:
    - {{name: Hstride, default: 1}}
    - {{name: Wstride, default: 1}}
    - {{name: Hdilation, default: 1}}
    - {{name: Wdilation, default: 1}}
    data_spaces:
    - name: Weights
      projection: [{gr}[[C]], [[M]], [[R]], [[S]]]
    - name: Inputs
      projection: [[[N]], {gr}[[C]], [[R, Hdilation], [P, Hstride]], [[S, Wdilation], [Q, Wstride]]]
    - name: Outputs
      projection: [[[N]], {gr}[[M]], [[P]], [[Q]]]
      read_write: true
  instance: {{{gs}C: {c}, M: {m}, R: {r}, S: {s}, N: {n}, P: {p}, Q: {q}, Hstride: {hs}, Wstride: {ws}, Hdilation: {hd}, Wdilation: {wd}}}
)",
      fmt::arg("name", quoted(name)), fmt::arg("g", grouped ? "G, " : ""), fmt::arg("gr", grouped ? "[[G]], " : ""),
      fmt::arg("gs", grouped ? fmt::format("G: {}, ", conv.groups) : ""), fmt::arg("c", conv.in_channels / conv.groups),
      fmt::arg("m", conv.out_channels / conv.groups), fmt::arg("r", window.h.kernel), fmt::arg("s", window.w.kernel),
      fmt::arg("n", batch), fmt::arg("p", window.h.out()), fmt::arg("q", window.w.out()),
      fmt::arg("hs", window.h.stride), fmt::arg("ws", window.w.stride), fmt::arg("hd", window.h.dilation),
      fmt::arg("wd", window.w.dilation));
}

/// out[m][n] = sum over k of a[m][k] b[k][n], `count` times.
std::string gemm_problem(const std::string& name, bool weight, std::uint64_t count, std::uint64_t m, std::uint64_t n,
                         std::uint64_t k) {
  const bool several = count > 1;
  return fmt::format(
      R"(problem:
  version: 0.4
  shape:
    name: {name}
    dimensions: [{g}M, N, K]
    data_spaces:
    - name: {first}
      projection: [{gr}[[M]], [[K]]]
    - name: Inputs
      projection: [{gr}[[K]], [[N]]]
    - name: Outputs
      projection: [{gr}[[M]], [[N]]]
      read_write: true
  instance: {{{gs}M: {m}, N: {n}, K: {k}}}
)",
      fmt::arg("name", quoted(name)), fmt::arg("g", several ? "G, " : ""), fmt::arg("gr", several ? "[[G]], " : ""),
      fmt::arg("gs", several ? fmt::format("G: {}, ", count) : ""), fmt::arg("first", weight ? "Weights" : "Operand"),
      fmt::arg("m", m), fmt::arg("n", n), fmt::arg("k", k));
}

/// A name that every file system takes.
std::string file_name(std::size_t number, const std::string& layer) {
  std::string name = fmt::format("{:03}_", number);
  for (const char c : layer.substr(0, 100)) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    name += plain ? c : '_';
  }
  return name + ".yaml";
}

}  // namespace

TimeloopExport export_timeloop(const Network& network, std::uint64_t batch) {
  TimeloopExport result;
  bool padded = false;
  const auto give = [&](const std::string& name, std::string text) {
    result.files.push_back({file_name(result.files.size() + 1, name), std::move(text)});
  };
  for (const Entry& entry : network.entries) {
    for (const Layer& layer : entry.layers) {
      const std::string name = full_name(entry, layer);
      if (entry.repeat > 1) result.approximated.push_back(name + ": runs " + std::to_string(entry.repeat) + " times");
      if (const auto* conv = std::get_if<Conv2d>(&layer.op)) {
        padded |= conv->padding != Sizes{0};
        give(name, conv_problem(name, *conv, batch));
      } else if (const auto* linear = std::get_if<Linear>(&layer.op)) {
        give(name,
             gemm_problem(name, true, 1, linear->out_features, checked_mul(batch, linear->rows), linear->in_features));
      } else if (const auto* matmul = std::get_if<Matmul>(&layer.op)) {
        give(name, gemm_problem(name, false, checked_mul(batch, matmul->count), matmul->m, matmul->n, matmul->k));
      } else {
        result.left_out.push_back(name);
      }
    }
  }
  if (padded) result.approximated.push_back("padding is part of the inputs, which Timeloop has no word for");
  return result;
}

}  // namespace lnsim
