// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <map>
#include <tuple>
#include <variant>

#include "sim/import/scale_sim.hpp"
#include "sim/workload/lower.hpp"

namespace lnsim {
namespace {

/// Cells end at commas, and a name that holds "DP" means more than a name.
std::string plain_name(const std::string& name) {
  std::string plain;
  for (const char c : name) plain += c == ',' || c == '"' || c == '\n' || c == '\r' ? '_' : c;
  for (std::size_t at = plain.find("DP"); at != std::string::npos; at = plain.find("DP")) plain[at + 1] = 'p';
  if (!plain.empty() && std::string_view("=+-@").find(plain[0]) != std::string_view::npos) plain.insert(0, "_");
  return plain;
}

std::uint64_t along(const Sizes& sizes, std::size_t dimension) {
  return sizes.size() > 1 ? sizes[dimension] : sizes[0];
}

/// Of both sides together.
std::array<std::uint64_t, 2> padding_of(const Sizes& padding) {
  if (padding.size() == 4) return {padding[0] + padding[2], padding[1] + padding[3]};
  return {2 * along(padding, 0), 2 * along(padding, 1)};
}

class Export {
 public:
  explicit Export(const Network& network) {
    result_.text = "Layer name,IFMAP Height,IFMAP Width,Filter Height,Filter Width,Channels,Num Filter,Strides,\n";
    for (const Entry& entry : network.entries) {
      for (const Layer& layer : entry.layers) add(entry, layer);
    }
  }
  ExportResult take() { return std::move(result_); }

 private:
  void row(const std::string& name, const std::array<std::uint64_t, 7>& numbers) {
    result_.text += name + ",";
    for (const std::uint64_t number : numbers) result_.text += std::to_string(number) + ",";
    result_.text += "\n";
  }

  void add(const Entry& entry, const Layer& layer) {
    const std::string name = full_name(entry, layer);
    for (std::uint64_t i = 1; i <= entry.repeat; ++i) {
      const std::string row_name = plain_name(name) + (entry.repeat > 1 ? "_r" + std::to_string(i) : "");
      if (const auto* conv = std::get_if<Conv2d>(&layer.op)) {
        convolution(*conv, row_name);
      } else if (const auto* linear = std::get_if<Linear>(&layer.op)) {
        product(row_name, linear->rows, linear->out_features, linear->in_features);
      } else if (const auto* matmul = std::get_if<Matmul>(&layer.op)) {
        for (std::uint64_t c = 1; c <= matmul->count; ++c) {
          product(row_name + (matmul->count > 1 ? "_p" + std::to_string(c) : ""), matmul->m, matmul->n, matmul->k);
        }
      } else {
        result_.left_out.push_back(name);
        return;
      }
    }
  }

  void product(const std::string& name, std::uint64_t m, std::uint64_t n, std::uint64_t k) {
    row(name, {m, k, 1, k, 1, n, 1});
  }

  void convolution(const Conv2d& conv, const std::string& name) {
    const std::array<std::uint64_t, 2> padding = padding_of(conv.padding);
    const bool strides = along(conv.stride, 0) != along(conv.stride, 1);
    if (strides || along(conv.dilation, 0) != 1 || along(conv.dilation, 1) != 1) {
      result_.left_out.push_back(name + (strides ? " (two strides)" : " (dilation)"));
      return;
    }
    // SCALE-Sim rounds the number of outputs up: the IFMAP is what the windows cover.
    const auto covered = [&](std::uint64_t size, std::size_t dimension) {
      const std::uint64_t kernel = along(conv.kernel, dimension), stride = along(conv.stride, dimension);
      return (size + padding[dimension] - kernel) / stride * stride + kernel;
    };
    const std::uint64_t height = covered(conv.height, 0), width = covered(conv.width, 1);
    if (height != conv.height || width != conv.width) {
      result_.approximated.push_back(name + ": its IFMAP has the padding and what the windows cover, " +
                                     std::to_string(height) + "x" + std::to_string(width));
    }
    const std::array<std::uint64_t, 7> numbers{height,
                                               width,
                                               along(conv.kernel, 0),
                                               along(conv.kernel, 1),
                                               conv.in_channels / conv.groups,
                                               conv.out_channels / conv.groups,
                                               along(conv.stride, 0)};
    if (conv.groups > 1 && numbers[4] == 1 && numbers[5] == 1) {
      std::array<std::uint64_t, 7> depthwise = numbers;
      depthwise[5] = conv.groups;
      return row(name + "_DP", depthwise);
    }
    for (std::uint64_t group = 1; group <= conv.groups; ++group) {
      row(name + (conv.groups > 1 ? "_g" + std::to_string(group) : ""), numbers);
    }
  }

  ExportResult result_;
};

}  // namespace

ExportResult export_scale_sim(const Network& network) { return Export(network).take(); }

ExportResult export_scale_sim_gemms(const Network& network, std::uint64_t batch) {
  LowerOptions options;
  options.batch = batch;
  ExportResult result;
  result.text = "Layer,M,N,K,times,\n";
  for (const LayerPass& pass : lower(network, options)) {
    std::map<std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>, std::uint64_t> shapes;
    for (const Gemm& gemm : pass.gemms) shapes[{gemm.m, gemm.n, gemm.k}] += gemm.count();
    std::size_t number = 0;
    for (const auto& [shape, count] : shapes) {
      const auto& [m, n, k] = shape;
      result.text += plain_name(pass.layer) + "." + std::string(pass_name(pass.kind)) +
                     (shapes.size() > 1 ? "_" + std::to_string(++number) : "");
      for (const std::uint64_t value : {m, n, k, count * pass.repeat}) result.text += "," + std::to_string(value);
      result.text += ",\n";
    }
    if (pass.gemms.empty() && pass.kind == PassKind::kForward) result.left_out.push_back(pass.layer);
  }
  return result;
}

}  // namespace lnsim
