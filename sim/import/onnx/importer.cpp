// SPDX-License-Identifier: Apache-2.0
#include "sim/import/onnx/importer.hpp"

#include <algorithm>
#include <utility>

#include "sim/support/error.hpp"
#include "sim/support/problems.hpp"
#include "sim/support/text.hpp"

namespace lnsim::onnx_import {
namespace {

constexpr std::size_t kLongestName = 200;

std::string without_end(const std::string& text, std::string_view end) {
  return text.size() > end.size() && text.ends_with(end) ? text.substr(0, text.size() - end.size()) : text;
}

/// The parts of a name such as "/layer1/layer1.0/conv1/Conv" that say something: "layer1.0.conv1".
std::string of_scopes(const std::string& name) {
  std::vector<std::string> scopes;
  std::string scope;
  for (const char c : name + "/") {
    if (c != '/') {
      scope += c;
    } else if (!scope.empty()) {
      scopes.push_back(std::exchange(scope, {}));
    }
  }
  if (scopes.empty()) return {};
  if (scopes.size() > 1) scopes.pop_back();  // the operator
  std::string joined;
  for (const std::string& part : scopes) {
    // A scope that repeats the one before it, and more, stands for both.
    const bool repeats = !joined.empty() && part.size() > joined.size() && part.starts_with(joined + ".");
    joined = repeats || joined.empty() ? part : joined + "." + part;
  }
  return joined;
}

}  // namespace

const OperatorTable& operators() {
  static const OperatorTable table = [] {
    OperatorTable all;
    add_convolutions(all);
    add_products(all);
    add_elementwise(all);
    add_rows(all);
    add_moves(all);
    return all;
  }();
  return table;
}

Importer::Importer(Model model, const std::string& file, const OnnxOptions& options)
    : model_(std::move(model)), file_(file), options_(options) {}

ImportResult Importer::run() {
  join_patterns(model_);
  for (const Node& node : model_.nodes) {
    for (const std::string& name : node.inputs) readers_[name].push_back(&node);
  }
  outputs_.insert(model_.outputs.begin(), model_.outputs.end());
  network_.file = file_;
  network_.name = options_.name;
  network_.source = "imported from an ONNX model" + (model_.producer.empty() ? "" : " of " + model_.producer) +
                    ", opset " + std::to_string(model_.opset);
  for (const auto& [name, constant] : model_.constants) {
    Value value;
    value.view = row_major(constant.dims);
    value.constant = constant;
    values_[name] = std::move(value);
  }
  bind_inputs();
  for (const Node& node : model_.nodes) convert(node);
  if (network_.entries.empty()) throw InputError(file_, "", "no layers", "a model that computes something");
  network_.batch = options_.batch.value_or(batch_);
  note_what_was_seen();
  // With the limits of workload files.
  result_.network = read_network({file_, write_network(network_)});
  return std::move(result_);
}

void Importer::bind_inputs() {
  Problems problems(file_);
  std::set<std::string> used;
  const auto bound = [&](const TensorInfo& input, std::size_t axis) -> std::optional<std::uint64_t> {
    const Dim& dim = input.dims[axis];
    const std::string place = input.name + ":" + std::to_string(axis);
    for (const std::string& key : {dim.symbol, place, std::string("*")}) {
      const auto found = options_.dims.find(key);
      if (key.empty() || found == options_.dims.end()) continue;
      // What stands for all other open sizes is neither a known one's nor the batch's.
      if (key == "*" && (dim.size > 0 || (axis == 0 && input.dims.size() > 1))) continue;
      used.insert(key);
      return found->second;
    }
    return std::nullopt;
  };
  bool first_real = true;
  for (const TensorInfo& input : model_.inputs) {
    if (!input.has_shape) {
      problems.add("\"" + input.name + "\"", "an input without a shape", "sizes, which may be symbols");
      continue;
    }
    Value value;
    Dims dims;
    for (std::size_t i = 0; i < input.dims.size(); ++i) {
      const Dim& dim = input.dims[i];
      const std::optional<std::uint64_t> size = bound(input, i);
      if (i == 0 && input.dims.size() > 1) {
        batch_ = std::max(batch_, size.value_or(std::max<std::uint64_t>(dim.size, 1)));
        fixed_batch_ = std::max(fixed_batch_, dim.size);
        dims.push_back(1);
      } else if (size || dim.size > 0) {
        dims.push_back(size.value_or(dim.size));
      } else {
        const std::string key = dim.symbol.empty() ? input.name + ":" + std::to_string(i) : dim.symbol;
        problems.add("\"" + input.name + "\"", "an open size \"" + key + "\"", "--dim " + key + "=N");
      }
    }
    value.integer = input.integer;
    value.tensor = !input.integer && std::exchange(first_real, false) ? "input" : "outside";
    if (dims.size() == input.dims.size()) {
      // Images come as our activations lie, unless the model transposes them itself.
      const Node* reader = only_reader(input.name);
      const bool own_order = reader != nullptr && reader->op == "Transpose";
      value.view = own_order || dims.size() < 4 ? row_major(dims) : channels_last(dims);
      value.size = value.view.elements();
    }
    values_[input.name] = std::move(value);
  }
  for (const auto& [name, size] : options_.dims) {
    if (used.count(name) == 0 && name != "*") problems.add("", "--dim " + name, "the name of an open size of an input");
  }
  problems.throw_if_any();
}

void Importer::convert(const Node& node) {
  bool constants = true;
  bool integers = true;
  for (const std::string& name : node.inputs) {
    if (name.empty()) continue;
    const auto found = values_.find(name);
    if (found == values_.end()) {
      if (options_.allow_unknown) return pass_over(node);
      refuse(node, "an input \"" + name + "\" that nothing before it computes", "a graph in order of execution");
    }
    const Value& value = found->second;
    constants &= value.constant.has_value();
    integers &= value.constant.has_value() || value.integer;
  }
  if (constants && !node.inputs.empty()) {
    if (std::optional<Value> value = fold(*this, node)) return set(node, *std::move(value));
    const Value& first = values_.at(node.inputs[0]);
    if (first.view.elements() == 0) refuse(node, "a constant without elements", "at least one");
  }
  const auto known = operators().find(node.op);
  if (known == operators().end()) {
    if (options_.allow_unknown) return pass_over(node);
    refuse(node, "an operator that lnsim does not know", "one that it does, or --allow-unknown to leave it out");
  }
  // Arithmetic on ids and masks gives ids and masks; a look-up of a table is work.
  if (integers && !constants && node.op != "Gather") note("arithmetic on integer inputs (ids, masks) is not counted");
  known->second(*this, node);
}

/// An operator that is not known: its outputs come from outside, as large as its first input.
void Importer::pass_over(const Node& node) {
  unknown_.insert(node.described());
  Value value;
  value.tensor = "outside";
  for (const std::string& name : node.inputs) {
    const auto found = values_.find(name);
    if (found == values_.end() || found->second.constant) continue;
    value.view = row_major(found->second.dims());
    break;
  }
  value.size = value.view.elements();
  for (std::size_t i = 0; i < node.outputs.size(); ++i) set(node, value, i);
}

void Importer::note_what_was_seen() {
  bool convolution = false, norm = false, product = false, trained = false;
  for (const Entry& entry : network_.entries) {
    const LayerOp& op = entry.layers.front().op;
    convolution |= std::holds_alternative<Conv2d>(op);
    norm |= std::holds_alternative<BatchNorm>(op);
    product |= std::holds_alternative<Matmul>(op);
    trained |= std::holds_alternative<Affine>(op);
  }
  network_.family = product ? "transformer" : "cnn";
  if (convolution && !norm) {
    note("no batch normalisation: an exporter may have folded it into the convolutions (export in training mode)");
  }
  if (trained) note("constants of more than one element that scale or shift a tensor are taken as trained");
  result_.repaired.assign(repairs_.begin(), repairs_.end());
  for (const std::string& node : unknown_) result_.approximated.push_back("left out, and not paid for: " + node);
  result_.approximated.insert(result_.approximated.end(), notes_.begin(), notes_.end());
}

void Importer::refuse(const Node& node, const std::string& found, const std::string& expected) const {
  throw InputError(file_, node.described(), found, expected);
}

bool Importer::has_input(const Node& node, std::size_t index) const {
  return index < node.inputs.size() && !node.inputs[index].empty();
}

const Value& Importer::input(const Node& node, std::size_t index) const {
  if (!has_input(node, index)) refuse(node, "no input " + std::to_string(index), "one");
  return values_.at(node.inputs[index]);
}

std::vector<std::int64_t> Importer::integers(const Node& node, std::size_t index) const {
  const Value& value = input(node, index);
  if (value.constant && value.constant->integers.size() == value.constant->elements()) return value.constant->integers;
  refuse(node, "sizes from \"" + node.inputs[index] + "\", which are known only when the model runs",
         "constants, or sizes of tensors");
}

std::optional<std::vector<std::int64_t>> Importer::listed(const Node& node, const std::string& attribute,
                                                          std::size_t index) const {
  if (const auto* given = node.integers(attribute)) return *given;
  if (!has_input(node, index)) return std::nullopt;
  return integers(node, index);
}

std::size_t Importer::axis(const Node& node, std::int64_t given, std::size_t rank) const {
  const std::int64_t from_front = given < 0 ? given + static_cast<std::int64_t>(rank) : given;
  if (from_front < 0 || from_front >= static_cast<std::int64_t>(rank)) {
    refuse(node, "axis " + std::to_string(given), "one of the " + std::to_string(rank) + " axes");
  }
  return static_cast<std::size_t>(from_front);
}

void Importer::set(const Node& node, Value value, std::size_t output) {
  if (output >= node.outputs.size() || node.outputs[output].empty()) return;
  if (!value.constant && value.view.elements() == 0) refuse(node, "an output without elements", "at least one");
  for (const std::string& name : node.inputs) {
    const auto source = values_.find(name);
    const bool same = source != values_.end() && !value.tensor.empty() && source->second.tensor == value.tensor;
    if (same && (readers(name) > 1 || node.outputs.size() > 1)) shared_.insert(value.tensor);
  }
  values_[node.outputs[output]] = std::move(value);
}

Value Importer::viewed(const Value& value, TensorView view) {
  Value result = value;
  result.view = std::move(view);
  return result;
}

Value Importer::whole(const Node& node, const Value& value) {
  if (value.constant || value.integer || value.is_whole()) return value;
  return laid_out(node, value, in_order_of(value.view, value.dims()));
}

Value Importer::laid_out(const Node& node, const Value& value, const TensorView& layout) {
  if (value.is_whole() && value.view.same_order(layout)) return value;
  if (value.integer || value.constant) return viewed(value, layout);
  Move move;
  move.from = {value.size};
  move.to = value.view.elements();
  Value source = value;
  source.view = row_major({value.size});  // what the move reads is its own affair
  return add(node, move, {source}, layout, ".move");
}

std::string Importer::name_of(const Node& node, const std::string& suffix) {
  std::string base;
  // Where an exporter has numbered its nodes, the weight still has the name of its layer.
  for (std::size_t i = 1; i < node.inputs.size() && base.empty(); ++i) {
    const auto found = model_.constants.find(node.inputs[i]);
    if (found != model_.constants.end() && node.inputs[i].ends_with(".weight")) {
      base = without_end(node.inputs[i], ".weight");
    }
  }
  if (base.empty()) base = of_scopes(node.name);
  if (base.empty() && !node.outputs.empty()) base = of_scopes(node.outputs[0]);
  if (base.empty()) base = node.op;
  base += suffix;
  if (base.size() > kLongestName) {
    std::size_t end = kLongestName;
    while (end > 0 && (static_cast<unsigned char>(base[end]) & 0xC0U) == 0x80U) --end;  // not inside a character
    base.resize(end);
  }
  if (base == "input" || base == "previous" || base == "outside") base += "_layer";
  std::string name = base;
  for (std::uint64_t i = 2; !names_.insert(name).second; ++i) name = base + "_" + std::to_string(i);
  return name;
}

Value Importer::add(const Node& node, LayerOp op, const std::vector<Value>& inputs, TensorView view,
                    const std::string& suffix) {
  Layer layer;
  layer.name = name_of(node, suffix);
  layer.op = std::move(op);
  const bool ids = std::holds_alternative<Embedding>(layer.op);
  const std::string previous = network_.entries.empty() ? "input" : network_.entries.back().name;
  if (!ids) layer.inputs.clear();
  for (const Value& value : inputs) {
    if (ids) break;
    const bool outside = value.constant || value.integer || value.tensor == "outside";
    layer.inputs.push_back(outside ? "outside" : (value.tensor == previous ? "previous" : value.tensor));
  }
  Value result;
  result.tensor = layer.name;
  result.size = view.elements();
  result.view = std::move(view);
  Entry entry;
  entry.name = layer.name;
  entry.layers.push_back(std::move(layer));
  network_.entries.push_back(std::move(entry));
  return result;
}

std::size_t Importer::readers(const std::string& value) const {
  const auto found = readers_.find(value);
  return (found == readers_.end() ? 0 : found->second.size()) + outputs_.count(value);
}

const Node* Importer::only_reader(const std::string& value) const {
  return readers(value) == 1 && outputs_.count(value) == 0 ? readers_.at(value).front() : nullptr;
}

LayerOp* Importer::own_layer(const Node& node, std::size_t index) {
  const Value& value = input(node, index);
  if (value.constant || value.integer || !value.is_whole() || only_reader(node.inputs[index]) != &node) return nullptr;
  Entry* last = network_.entries.empty() ? nullptr : &network_.entries.back();
  if (last == nullptr || last->name != value.tensor || shared_.count(value.tensor) > 0) return nullptr;
  return &last->layers.front().op;
}

}  // namespace lnsim::onnx_import

namespace lnsim {

ImportResult import_onnx(std::string_view bytes, const std::string& file, const OnnxOptions& options) {
  return onnx_import::Importer(onnx_import::read_model(bytes, file), file, options).run();
}

}  // namespace lnsim
