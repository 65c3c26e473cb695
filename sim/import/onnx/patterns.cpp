// SPDX-License-Identifier: Apache-2.0
// Operators that exporters of older opsets write as several nodes.
#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "sim/import/onnx/importer.hpp"

namespace lnsim::onnx_import {
namespace {

class Joiner {
 public:
  explicit Joiner(Model& model) : model_(model) {
    for (std::size_t i = 0; i < model.nodes.size(); ++i) {
      for (const std::string& name : model.nodes[i].inputs) readers_[name].push_back(i);
      for (const std::string& name : model.nodes[i].outputs) makers_[name] = i;
    }
    outputs_.insert(model.outputs.begin(), model.outputs.end());
  }

  void run() {
    for (std::size_t i = 0; i < model_.nodes.size(); ++i) {
      if (gone_.count(i) > 0) continue;
      const std::string& op = model_.nodes[i].op;
      if (op == "ReduceMean") join_layer_norm(i);
      if (op == "Clip") join_hard_swish(i);
      if (op == "Sigmoid") join_product(i, "lnsim.Silu");
      if (op == "HardSigmoid" && is_hard_swish(model_.nodes[i])) join_product(i, "lnsim.HardSwish");
      if (op == "Erf" || op == "Tanh") join_gelu(i);
      if (op == "Conv") join_padding(i);
    }
    std::vector<Node> kept;
    for (std::size_t i = 0; i < model_.nodes.size(); ++i) {
      if (gone_.count(i) == 0) kept.push_back(std::move(model_.nodes[i]));
    }
    model_.nodes = std::move(kept);
  }

 private:
  using Index = std::optional<std::size_t>;

  [[nodiscard]] const Node& node(std::size_t index) const { return model_.nodes[index]; }

  /// The node of this operator that alone reads a value.
  [[nodiscard]] Index only_reader(const std::string& value) const {
    const auto found = readers_.find(value);
    if (found == readers_.end() || outputs_.count(value) > 0) return std::nullopt;
    const std::set<std::size_t> different(found->second.begin(), found->second.end());
    return different.size() == 1 && gone_.count(*different.begin()) == 0 ? Index(*different.begin()) : std::nullopt;
  }
  [[nodiscard]] Index only_reader(const std::string& value, std::string_view op) const {
    const Index reader = only_reader(value);
    return reader && node(*reader).op == op ? reader : std::nullopt;
  }
  [[nodiscard]] Index maker(const std::string& value) const {
    const auto found = makers_.find(value);
    return found == makers_.end() || gone_.count(found->second) > 0 ? std::nullopt : Index(found->second);
  }
  [[nodiscard]] std::optional<double> scalar(const std::string& value) const {
    const auto found = model_.constants.find(value);
    return found == model_.constants.end() ? std::nullopt : found->second.scalar();
  }
  static bool near(std::optional<double> value, double wanted) {
    return value && std::abs(*value - wanted) <= 1e-3 * std::abs(wanted);
  }
  /// The other input of a node with two.
  [[nodiscard]] std::string other(std::size_t index, const std::string& value) const {
    const Node& of = node(index);
    if (of.inputs.size() != 2) return {};
    return of.inputs[0] == value ? of.inputs[1] : of.inputs[0];
  }
  /// The output, unless the node has none or several.
  [[nodiscard]] std::string output(std::size_t index) const {
    return node(index).outputs.size() == 1 ? node(index).outputs[0] : std::string();
  }

  /// Puts one node in the place of the last of these.
  void replace(const std::vector<std::size_t>& nodes, const char* op, const std::string& input) {
    const std::size_t last = *std::max_element(nodes.begin(), nodes.end());
    Node joined;
    joined.name = node(last).name;
    joined.op = op;
    joined.inputs = {input};
    joined.outputs = node(last).outputs;
    for (const std::size_t index : nodes) {
      if (index != last) gone_.insert(index);
    }
    model_.nodes[last] = std::move(joined);
    std::vector<std::size_t>& readers = readers_[input];
    readers.erase(
        std::remove_if(readers.begin(), readers.end(), [&](std::size_t reader) { return gone_.count(reader) > 0; }),
        readers.end());
    if (std::find(readers.begin(), readers.end(), last) == readers.end()) readers.push_back(last);
  }

  [[nodiscard]] bool along_last_axis(std::size_t index) const {
    const Node& of = node(index);
    const auto* axes = of.integers("axes");
    if (axes == nullptr && of.inputs.size() == 2) {
      const auto found = model_.constants.find(of.inputs[1]);
      if (found != model_.constants.end()) axes = &found->second.integers;
    }
    // Images have four axes, of which the last alone is never normalised.
    return axes != nullptr && axes->size() == 1 && ((*axes)[0] == -1 || (*axes)[0] == 2);
  }

  /// mean; d = x - mean; variance = mean(d^2); d / sqrt(variance + epsilon); then perhaps a scale and a shift.
  void join_layer_norm(std::size_t mean) {
    const std::string x = node(mean).inputs[0];
    const Index difference = only_reader(output(mean), "Sub");
    if (!along_last_axis(mean) || !difference || node(*difference).inputs[0] != x) return;
    const std::string d = output(*difference);
    Index square, quotient;
    for (const std::size_t reader : readers_[d]) {
      const Node& of = node(reader);
      if (of.op == "Div" && of.inputs[0] == d) quotient = reader;
      if (of.op == "Pow" && near(scalar(of.inputs.at(1)), 2)) square = reader;
      if (of.op == "Mul" && of.inputs.size() == 2 && of.inputs[0] == d && of.inputs[1] == d) square = reader;
    }
    if (!square || !quotient || outputs_.count(d) > 0) return;
    const Index variance = only_reader(output(*square), "ReduceMean");
    const Index sum = variance ? only_reader(output(*variance), "Add") : std::nullopt;
    const Index root = sum ? only_reader(output(*sum), "Sqrt") : std::nullopt;
    if (!root || !scalar(other(*sum, output(*variance))) || only_reader(output(*root)) != quotient) return;
    std::vector<std::size_t> nodes = {mean, *difference, *square, *variance, *sum, *root, *quotient};
    const Index scale = only_reader(output(*quotient), "Mul");
    if (scale && is_row(other(*scale, output(*quotient)))) {
      nodes.push_back(*scale);
      const Index shift = only_reader(output(*scale), "Add");
      if (shift && is_row(other(*shift, output(*scale)))) nodes.push_back(*shift);
    }
    replace(nodes, "lnsim.LayerNorm", x);
  }
  [[nodiscard]] bool is_row(const std::string& value) const {
    const auto found = model_.constants.find(value);
    return found != model_.constants.end() && found->second.dims.size() == 1;
  }

  static bool is_hard_swish(const Node& hard) {
    return near(hard.real("alpha", 0.2), 1.0 / 6) && near(hard.real("beta", 0.5), 0.5);
  }

  /// x clip(x + 3, 0, 6) / 6.
  void join_hard_swish(std::size_t clip) {
    const Node& of = node(clip);
    const auto bound = [&](const char* key, std::size_t at) {
      const auto given = of.attributes.find(key);
      if (given != of.attributes.end()) return std::optional(given->second.real);
      return at < of.inputs.size() ? scalar(of.inputs[at]) : std::nullopt;
    };
    if (bound("min", 1) != 0.0 || bound("max", 2) != 6.0) return;
    const Index shift = maker(of.inputs[0]);
    if (!shift || node(*shift).op != "Add" || node(*shift).inputs.size() != 2) return;
    const std::size_t constant = near(scalar(node(*shift).inputs[1]), 3) ? 1 : 0;
    const std::string x = node(*shift).inputs[1 - constant];
    if (!near(scalar(node(*shift).inputs[constant]), 3) || only_reader(output(*shift)) != Index(clip)) return;
    const Index product = only_reader(output(clip), "Mul");
    if (!product || other(*product, output(clip)) != x) return;
    const Index sixth = only_reader(output(*product));
    if (!sixth) return;
    const std::optional<double> by = scalar(other(*sixth, output(*product)));
    const bool divides = node(*sixth).op == "Div" && near(by, 6) && node(*sixth).inputs[0] == output(*product);
    if (!divides && !(node(*sixth).op == "Mul" && near(by, 1.0 / 6))) return;
    replace({*shift, clip, *product, *sixth}, "lnsim.HardSwish", x);
  }

  /// x f(x), where f may read x times 1.
  void join_product(std::size_t function, const char* op) {
    const Index product = only_reader(output(function), "Mul");
    if (!product) return;
    const std::string x = other(*product, output(function));
    const std::string& read = node(function).inputs[0];
    std::vector<std::size_t> nodes = {function, *product};
    if (read != x) {
      const Index neutral = maker(read);
      const bool same = neutral && node(*neutral).op == "Mul" && node(*neutral).inputs.size() == 2 &&
                        ((node(*neutral).inputs[0] == x && scalar(node(*neutral).inputs[1]) == 1.0) ||
                         (node(*neutral).inputs[1] == x && scalar(node(*neutral).inputs[0]) == 1.0));
      if (!same || only_reader(read) != Index(function)) return;
      nodes.push_back(*neutral);
    }
    replace(nodes, op, x);
  }

  /// x / 2 (1 + erf(x / sqrt 2)), or with tanh of a cubic polynomial, in whatever order the factors stand.
  void join_gelu(std::size_t function) {
    std::set<std::size_t> nodes = {function};
    std::set<std::string> sources;
    collect(node(function).inputs[0], nodes, sources);
    if (sources.size() != 1 || nodes.size() > 10) return;
    const std::string x = *sources.begin();
    const Index one = only_reader(output(function), "Add");
    if (!one || !near(scalar(other(*one, output(function))), 1)) return;
    nodes.insert(*one);
    std::string at = output(*one);
    bool half = false, factor = false;
    while (!half || !factor) {
      const Index product = only_reader(at, "Mul");
      if (!product) return;
      const std::string by = other(*product, at);
      if (!factor && by == x) {
        factor = true;
      } else if (!half && near(scalar(by), 0.5)) {
        half = true;
      } else {
        const Index halved = maker(by);
        if (half || factor || !halved || node(*halved).op != "Mul" || only_reader(by) != product) return;
        const auto& in = node(*halved).inputs;
        if (in.size() != 2 || !((in[0] == x && near(scalar(in[1]), 0.5)) || (in[1] == x && near(scalar(in[0]), 0.5))))
          return;
        nodes.insert(*halved);
        half = factor = true;
      }
      nodes.insert(*product);
      at = output(*product);
    }
    // Nothing outside may read what is inside.
    for (const std::size_t index : nodes) {
      if (output(index) == at) continue;
      for (const std::size_t reader : readers_[output(index)]) {
        if (nodes.count(reader) == 0) return;
      }
      if (outputs_.count(output(index)) > 0) return;
    }
    replace({nodes.begin(), nodes.end()}, "lnsim.Gelu", x);
  }

  /// Products, sums and powers with constants that lead to `value`, and what they start from.
  void collect(const std::string& value, std::set<std::size_t>& nodes, std::set<std::string>& sources) const {
    const Index index = maker(value);
    static const std::set<std::string_view> arithmetic = {"Mul", "Div", "Add", "Pow"};
    bool inside =
        index && arithmetic.count(node(*index).op) > 0 && node(*index).inputs.size() == 2 && nodes.size() <= 10;
    if (inside) {
      // A sum or a product that has no constant, and does not read x itself further up, belongs to what comes before.
      bool constant = false;
      for (const std::string& name : node(*index).inputs) constant |= scalar(name).has_value();
      const auto found = readers_.find(value);
      const bool own =
          found != readers_.end() && std::all_of(found->second.begin(), found->second.end(),
                                                 [&](std::size_t reader) { return nodes.count(reader) > 0; });
      inside = own && (constant || sources_close(*index));
    }
    if (!inside) {
      sources.insert(value);
      return;
    }
    nodes.insert(*index);
    for (const std::string& name : node(*index).inputs) {
      if (!scalar(name)) collect(name, nodes, sources);
    }
  }
  /// Whether one input of a node is computed from the other by arithmetic with constants.
  [[nodiscard]] bool sources_close(std::size_t index) const {
    const auto& in = node(index).inputs;
    for (const std::size_t at : {std::size_t{0}, std::size_t{1}}) {
      std::string value = in[at];
      for (int step = 0; step < 4; ++step) {
        if (value == in[1 - at]) return true;
        const Index made = maker(value);
        if (!made || node(*made).inputs.empty()) break;
        const auto& from = node(*made).inputs;
        value = scalar(from[0]) && from.size() > 1 ? from[1] : from[0];
      }
      if (value == in[1 - at]) return true;
    }
    return false;
  }

  /// Zeros around an image that a convolution reads are its own padding.
  void join_padding(std::size_t conv) {
    const Index pad = node(conv).inputs.empty() ? std::nullopt : maker(node(conv).inputs[0]);
    if (!pad || node(*pad).op != "Pad" || only_reader(output(*pad)) != Index(conv)) return;
    if (node(*pad).text("mode", "constant") != "constant" || node(conv).text("auto_pad", "NOTSET") != "NOTSET") return;
    const auto* pads = node(*pad).integers("pads");
    if (pads == nullptr && node(*pad).inputs.size() > 1) {
      const auto found = model_.constants.find(node(*pad).inputs[1]);
      if (found != model_.constants.end()) pads = &found->second.integers;
    }
    if (pads == nullptr || pads->size() != 8) return;
    for (const std::size_t at : {0U, 1U, 4U, 5U}) {
      if ((*pads)[at] != 0) return;
    }
    constexpr std::int64_t kMost = 65536;
    std::vector<std::int64_t> sum = {(*pads)[2], (*pads)[3], (*pads)[6], (*pads)[7]};
    const auto* own = node(conv).integers("pads");
    if (own != nullptr && own->size() != 4) return;
    for (std::size_t i = 0; i < 4; ++i) {
      if (sum[i] < 0 || sum[i] > kMost || (own != nullptr && ((*own)[i] < 0 || (*own)[i] > kMost))) return;
      sum[i] += own == nullptr ? 0 : (*own)[i];
    }
    Node& target = model_.nodes[conv];
    target.attributes["pads"].integers = sum;
    target.inputs[0] = node(*pad).inputs[0];
    readers_[target.inputs[0]].push_back(conv);
    gone_.insert(*pad);
  }

  Model& model_;
  std::map<std::string, std::vector<std::size_t>> readers_;
  std::map<std::string, std::size_t> makers_;
  std::set<std::string> outputs_;
  std::set<std::size_t> gone_;
};

}  // namespace

void join_patterns(Model& model) { Joiner(model).run(); }

}  // namespace lnsim::onnx_import
