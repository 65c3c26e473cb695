// SPDX-License-Identifier: Apache-2.0
#include "sim/import/onnx/model.hpp"

#include <onnx/onnx_pb.h>

#include <bit>
#include <cstring>
#include <limits>
#include <set>

#include "sim/import/imported_name.hpp"
#include "sim/support/error.hpp"
#include "sim/support/text.hpp"

namespace lnsim::onnx_import {
namespace {

constexpr int kMostNodes = 200000;
constexpr int kMostDims = 16;

std::string in_quotes(const std::string& text) { return "\"" + text + "\""; }

/// The elements of raw data, little-endian, as the type they have.
template <class Element>
std::vector<Element> raw_elements(const std::string& raw, std::uint64_t count) {
  static_assert(std::endian::native == std::endian::little, "ONNX's raw data is little-endian");
  std::vector<Element> elements;
  if (raw.size() / sizeof(Element) != count || raw.size() % sizeof(Element) != 0) return elements;
  elements.resize(count);
  if (count > 0) std::memcpy(elements.data(), raw.data(), raw.size());
  return elements;
}

template <class Element, class Target, class Field>
void keep(std::vector<Target>& target, const onnx::TensorProto& tensor, const Field& field, std::uint64_t count) {
  if (tensor.has_raw_data()) {
    for (const Element element : raw_elements<Element>(tensor.raw_data(), count)) {
      target.push_back(static_cast<Target>(element));
    }
  } else if (static_cast<std::uint64_t>(field.size()) == count) {
    for (const auto element : field) target.push_back(static_cast<Target>(element));
  }
}

class Reader {
 public:
  explicit Reader(const std::string& file) : file_(file) {}

  Model read(std::string_view bytes) {
    onnx::ModelProto proto;
    constexpr auto kMost = static_cast<std::size_t>(std::numeric_limits<int>::max());
    const bool parsed = bytes.size() <= kMost && proto.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    if (!parsed || !proto.has_graph()) throw InputError(file_, "", "no ONNX model", "a model as onnx.save writes it");
    const onnx::GraphProto& graph = proto.graph();
    if (graph.node_size() > kMostNodes) {
      throw InputError(file_, "/graph/node", std::to_string(graph.node_size()) + " nodes",
                       "at most " + std::to_string(kMostNodes));
    }
    Model model;
    model.producer = imported_name(proto.producer_name());
    for (const onnx::OperatorSetIdProto& set : proto.opset_import()) {
      if (set.domain().empty() || set.domain() == "ai.onnx") model.opset = set.version();
    }
    for (const onnx::TensorProto& tensor : graph.initializer())
      model.constants[imported_name(tensor.name())] = constant(tensor);
    for (const onnx::SparseTensorProto& sparse : graph.sparse_initializer()) {
      Constant dense;
      dense.dims = dims_of(sparse.dims(), sparse.values().name());
      model.constants[imported_name(sparse.values().name())] = dense;
    }
    for (const onnx::NodeProto& node : graph.node()) add(node, model);
    for (const onnx::ValueInfoProto& input : graph.input()) {
      if (model.constants.count(imported_name(input.name())) == 0) model.inputs.push_back(info(input));
    }
    for (const onnx::ValueInfoProto& output : graph.output()) model.outputs.push_back(imported_name(output.name()));
    return model;
  }

 private:
  template <class Sizes>
  [[nodiscard]] std::vector<std::uint64_t> dims_of(const Sizes& sizes, const std::string& name) const {
    if (sizes.size() > kMostDims) {
      throw InputError(file_, in_quotes(name), std::to_string(sizes.size()) + " dimensions",
                       "at most " + std::to_string(kMostDims));
    }
    std::vector<std::uint64_t> dims;
    std::uint64_t elements = 1;
    for (const std::int64_t size : sizes) {
      if (size < 0) throw InputError(file_, in_quotes(name), "a size of " + std::to_string(size), "at least 0");
      dims.push_back(static_cast<std::uint64_t>(size));
      try {
        elements = checked_mul(elements, dims.back());
      } catch (const OverflowError&) {
        throw InputError(file_, in_quotes(name), "more than 2^64 elements", "a tensor that fits a machine");
      }
    }
    return dims;
  }

  [[nodiscard]] Constant constant(const onnx::TensorProto& tensor) const {
    using Type = onnx::TensorProto;
    Constant made;
    made.dims = dims_of(tensor.dims(), tensor.name());
    const auto type = tensor.data_type();
    made.integer = type == Type::INT64 || type == Type::INT32 || type == Type::BOOL || type == Type::INT8 ||
                   type == Type::UINT8 || type == Type::INT16 || type == Type::UINT16 || type == Type::UINT32 ||
                   type == Type::UINT64;
    made.external = tensor.data_location() == Type::EXTERNAL;
    const std::uint64_t count = made.elements();
    if (made.external || count > kMostKeptElements) return made;
    if (type == Type::INT64) keep<std::int64_t>(made.integers, tensor, tensor.int64_data(), count);
    if (type == Type::INT32) keep<std::int32_t>(made.integers, tensor, tensor.int32_data(), count);
    if (type == Type::BOOL) keep<std::uint8_t>(made.integers, tensor, tensor.int32_data(), count);
    if (type == Type::FLOAT) keep<float>(made.reals, tensor, tensor.float_data(), count);
    if (type == Type::DOUBLE) keep<double>(made.reals, tensor, tensor.double_data(), count);
    return made;
  }

  [[nodiscard]] Attribute attribute(const onnx::AttributeProto& proto) const {
    Attribute made;
    made.integer = proto.i();
    made.real = static_cast<double>(proto.f());
    made.text = proto.s();
    made.integers.assign(proto.ints().begin(), proto.ints().end());
    made.reals.assign(proto.floats().begin(), proto.floats().end());
    if (proto.has_t()) made.tensor = constant(proto.t());
    return made;
  }

  void add(const onnx::NodeProto& proto, Model& model) const {
    Node node;
    node.name = imported_name(proto.name());
    const bool own = proto.domain().empty() || proto.domain() == "ai.onnx";
    node.op = imported_name(own ? proto.op_type() : proto.domain() + "." + proto.op_type());
    for (const std::string& name : proto.input()) node.inputs.push_back(imported_name(name));
    for (const std::string& name : proto.output()) node.outputs.push_back(imported_name(name));
    for (const onnx::AttributeProto& given : proto.attribute()) node.attributes[given.name()] = attribute(given);
    if (node.op == "Constant" && node.outputs.size() == 1) {
      if (const auto value = constant_of(node)) {
        model.constants[node.outputs[0]] = *value;
        return;
      }
    }
    model.nodes.push_back(std::move(node));
  }

  /// The value of a Constant node.
  static std::optional<Constant> constant_of(const Node& node) {
    const auto given = [&](const char* key) {
      const auto found = node.attributes.find(key);
      return found == node.attributes.end() ? nullptr : &found->second;
    };
    Constant made;
    if (const Attribute* value = given("value")) return value->tensor;
    if (const Attribute* value = given("value_float")) {
      made.reals = {value->real};
    } else if (const Attribute* integer = given("value_int")) {
      made.integer = true;
      made.integers = {integer->integer};
    } else if (const Attribute* integers = given("value_ints")) {
      made.integer = true;
      made.dims = {integers->integers.size()};
      made.integers = integers->integers;
    } else if (const Attribute* reals = given("value_floats")) {
      made.dims = {reals->reals.size()};
      made.reals = reals->reals;
    } else {
      return std::nullopt;
    }
    return made;
  }

  static TensorInfo info(const onnx::ValueInfoProto& proto) {
    TensorInfo made;
    made.name = imported_name(proto.name());
    const onnx::TypeProto_Tensor& tensor = proto.type().tensor_type();
    const auto type = tensor.elem_type();
    made.integer = type == onnx::TensorProto::INT64 || type == onnx::TensorProto::INT32 ||
                   type == onnx::TensorProto::BOOL || type == onnx::TensorProto::INT8;
    made.has_shape = proto.type().has_tensor_type() && tensor.has_shape();
    for (const onnx::TensorShapeProto_Dimension& dim : tensor.shape().dim()) {
      const bool known = dim.has_dim_value() && dim.dim_value() > 0;
      made.dims.push_back({known ? static_cast<std::uint64_t>(dim.dim_value()) : 0, imported_name(dim.dim_param())});
    }
    return made;
  }

  const std::string& file_;
};

}  // namespace

std::uint64_t Constant::elements() const {
  std::uint64_t count = 1;
  for (const std::uint64_t dim : dims) count *= dim;  // read_model has refused products beyond 64 bits
  return count;
}

std::optional<double> Constant::scalar() const {
  if (elements() != 1) return std::nullopt;
  if (!reals.empty()) return reals[0];
  if (!integers.empty()) return static_cast<double>(integers[0]);
  return std::nullopt;
}

std::string Node::described() const {
  const std::string called = !name.empty() ? name : (outputs.empty() ? std::string() : outputs[0]);
  return op + " node " + in_quotes(called);
}

std::int64_t Node::integer(const std::string& key, std::int64_t otherwise) const {
  const auto found = attributes.find(key);
  return found == attributes.end() ? otherwise : found->second.integer;
}

double Node::real(const std::string& key, double otherwise) const {
  const auto found = attributes.find(key);
  return found == attributes.end() ? otherwise : found->second.real;
}

std::string Node::text(const std::string& key, const std::string& otherwise) const {
  const auto found = attributes.find(key);
  return found == attributes.end() ? otherwise : found->second.text;
}

const std::vector<std::int64_t>* Node::integers(const std::string& key) const {
  const auto found = attributes.find(key);
  return found == attributes.end() ? nullptr : &found->second.integers;
}

Model read_model(std::string_view bytes, const std::string& file) { return Reader(file).read(bytes); }

}  // namespace lnsim::onnx_import
