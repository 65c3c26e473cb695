// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/import/onnx.hpp"
#include "sim/import/onnx/model.hpp"
#include "sim/import/onnx/tensor_view.hpp"

namespace lnsim::onnx_import {

/// What an ONNX value is to the network: a constant, or a view of the output of a layer, of the network's input, or of
/// a tensor from outside. The batch is 1 while a model is read.
struct Value {
  std::optional<Constant> constant;
  std::string tensor;      ///< layer, "input" or "outside"
  std::uint64_t size = 0;  ///< elements of the tensor
  bool integer = false;    ///< ids, masks and what is computed of them
  TensorView view;         ///< dims also of a constant

  [[nodiscard]] const Dims& dims() const { return view.dims; }
  /// Whether the view covers its tensor, each element once.
  [[nodiscard]] bool is_whole() const { return view.is_dense() && view.elements() == size; }
};

/// A network under construction and the values that its model has computed so far.
class Importer {
 public:
  Importer(Model model, const std::string& file, const OnnxOptions& options);

  [[nodiscard]] ImportResult run();

  // For the files of operators.

  /// Throws InputError for a node.
  [[noreturn]] void refuse(const Node& node, const std::string& found, const std::string& expected) const;
  void note(const std::string& text) { notes_.insert(text); }
  void repair(const std::string& text) { repairs_.insert(text); }
  [[nodiscard]] std::int64_t opset() const { return model_.opset; }
  /// The batch, where the model has it as a number; else 1.
  [[nodiscard]] std::uint64_t fixed_batch() const { return fixed_batch_; }

  [[nodiscard]] bool has_input(const Node& node, std::size_t index) const;
  [[nodiscard]] const Value& input(const Node& node, std::size_t index) const;
  /// The input's elements as integers; refuses one that is not a known constant.
  [[nodiscard]] std::vector<std::int64_t> integers(const Node& node, std::size_t index) const;
  /// Integers from an attribute, or from input `index` in later opsets; nullopt where neither is there.
  [[nodiscard]] std::optional<std::vector<std::int64_t>> listed(const Node& node, const std::string& attribute,
                                                                std::size_t index) const;
  /// An axis counted from the front.
  [[nodiscard]] std::size_t axis(const Node& node, std::int64_t given, std::size_t rank) const;
  void set(const Node& node, Value value, std::size_t output = 0);

  /// The same tensor under another view.
  [[nodiscard]] static Value viewed(const Value& value, TensorView view);
  /// The value, or a copy of it by a move layer where it is not a whole tensor.
  [[nodiscard]] Value whole(const Node& node, const Value& value);
  /// The value, or a copy of it, in exactly this layout.
  [[nodiscard]] Value laid_out(const Node& node, const Value& value, const TensorView& layout);
  /// Adds a layer; its output has this view.
  Value add(const Node& node, LayerOp op, const std::vector<Value>& inputs, TensorView view,
            const std::string& suffix = "");

  /// Readers of a value in the model, its outputs included.
  [[nodiscard]] std::size_t readers(const std::string& value) const;
  /// The node that alone reads a value; null: none, several, or an output of the model.
  [[nodiscard]] const Node* only_reader(const std::string& value) const;
  /// The last layer, if it computes a whole value that nobody but `node` reads, so that it may be changed; or null.
  [[nodiscard]] LayerOp* own_layer(const Node& node, std::size_t index);

 private:
  void bind_inputs();
  void note_what_was_seen();
  void convert(const Node& node);
  void pass_over(const Node& node);
  [[nodiscard]] std::string name_of(const Node& node, const std::string& suffix);

  Model model_;
  const std::string& file_;
  const OnnxOptions& options_;
  Network network_;
  ImportResult result_;
  std::map<std::string, Value> values_;
  std::map<std::string, std::vector<const Node*>> readers_;
  std::set<std::string> outputs_;
  std::set<std::string> names_;
  std::set<std::string> shared_;  ///< tensors with several readers, perhaps by several views
  std::set<std::string> notes_, repairs_, unknown_;
  std::uint64_t batch_ = 1;
  std::uint64_t fixed_batch_ = 1;
};

/// Converts a node whose inputs are known.
using Operator = void (*)(Importer&, const Node&);

/// The operators by name; each file of operators adds its own.
using OperatorTable = std::map<std::string_view, Operator>;
[[nodiscard]] const OperatorTable& operators();
void add_convolutions(OperatorTable& table);
void add_products(OperatorTable& table);
void add_elementwise(OperatorTable& table);
void add_rows(OperatorTable& table);
void add_moves(OperatorTable& table);

/// The value of a node all of whose inputs are constants: computed where it is small and integer, else its size alone;
/// nullopt for an operator that is not known here.
[[nodiscard]] std::optional<Value> fold(const Importer& importer, const Node& node);

/// Elements of an axis of `size` that a slice takes; nullopt for a step of 0.
[[nodiscard]] std::optional<std::uint64_t> slice_size(std::uint64_t size, std::int64_t start, std::int64_t end,
                                                      std::int64_t step);

/// Operators that exporters write as several nodes (layer_norm, gelu, silu, hard_swish, a padding before a convolution)
/// as one node each, named "lnsim.LayerNorm" and so on.
void join_patterns(Model& model);

}  // namespace lnsim::onnx_import
