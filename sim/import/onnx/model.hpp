// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// An ONNX model as plain values: what an import needs of it, without the Protobuf classes.
namespace lnsim::onnx_import {

/// Elements of constants are kept up to this number; larger ones are weights, of which only the sizes matter.
inline constexpr std::uint64_t kMostKeptElements = 4096;

/// A constant: of integers (and booleans), of reals, or with a size alone.
struct Constant {
  std::vector<std::uint64_t> dims;
  bool integer = false;
  bool external = false;               ///< its elements lie in another file, which is never opened
  std::vector<std::int64_t> integers;  ///< empty: unknown
  std::vector<double> reals;           ///< empty: unknown

  [[nodiscard]] std::uint64_t elements() const;
  /// The only element, where it is known.
  [[nodiscard]] std::optional<double> scalar() const;
};

struct Attribute {
  std::int64_t integer = 0;
  double real = 0;
  std::string text;
  std::vector<std::int64_t> integers;
  std::vector<double> reals;
  std::optional<Constant> tensor;
};

struct Node {
  std::string name;  ///< may be empty
  std::string op;    ///< "Conv"; of a domain other than ONNX's own "domain.Op"
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::map<std::string, Attribute> attributes;

  [[nodiscard]] std::string described() const;  ///< for messages: Conv node "conv1"
  [[nodiscard]] std::int64_t integer(const std::string& key, std::int64_t otherwise) const;
  [[nodiscard]] double real(const std::string& key, double otherwise) const;
  [[nodiscard]] std::string text(const std::string& key, const std::string& otherwise) const;
  [[nodiscard]] const std::vector<std::int64_t>* integers(const std::string& key) const;
};

/// A size that is known, or a name for one that is not.
struct Dim {
  std::uint64_t size = 0;  ///< 0: unknown
  std::string symbol;      ///< empty where the file gives none
};

struct TensorInfo {
  std::string name;
  bool integer = false;
  bool has_shape = false;
  std::vector<Dim> dims;
};

struct Model {
  std::string producer;
  std::int64_t opset = 0;
  std::vector<Node> nodes;  ///< in the file's order, in which every value is computed before it is read
  std::map<std::string, Constant> constants;  ///< initializers and Constant nodes
  std::vector<TensorInfo> inputs;             ///< that are not initializers
  std::vector<std::string> outputs;
};

/// Parses an ONNX file. Throws InputError for what is not one, is truncated, has more than 200,000 nodes, or a constant
/// whose sizes are negative or beyond 64 bits.
[[nodiscard]] Model read_model(std::string_view bytes, const std::string& file);

}  // namespace lnsim::onnx_import
