// SPDX-License-Identifier: Apache-2.0
#include "sim/import/timeloop.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <optional>
#include <set>

#include "sim/import/imported_name.hpp"
#include "sim/support/error.hpp"
#include "sim/support/json.hpp"
#include "sim/support/text.hpp"

namespace lnsim {
namespace {

constexpr std::size_t kMostBytes = 1U << 20U;
constexpr std::size_t kMostRanks = 64;

/// A rank of a data space: a sum of terms, each a dimension times coefficients.
struct SumTerm {
  std::string dimension;
  std::uint64_t factor = 1;
};
using Rank = std::vector<SumTerm>;

struct DataSpace {
  std::string name;
  bool written = false;
  std::vector<Rank> ranks;
};

std::string lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return text;
}

/// The shape that Timeloop has where a problem names none.
std::vector<DataSpace> cnn_shape(const std::string& filters, std::uint64_t stride_w, std::uint64_t stride_h,
                                 std::uint64_t dilation_w, std::uint64_t dilation_h) {
  const auto rank = [](const std::string& dimension) { return Rank{{dimension, 1}}; };
  return {{"Weights", false, {rank("C"), rank(filters), rank("R"), rank("S")}},
          {"Inputs",
           false,
           {rank("N"), rank("C"), {{"R", dilation_w}, {"P", stride_w}}, {{"S", dilation_h}, {"Q", stride_h}}}},
          {"Outputs", true, {rank("N"), rank(filters), rank("Q"), rank("P")}}};
}

class Problem {
 public:
  Problem(const NamedText& file, ImportResult& result) : file_(file.name), result_(result) {
    if (file.text.size() > kMostBytes) throw InputError(file_, "", "more than 1 MiB", "a Timeloop problem");
    try {
      read(YAML::Load(file.text));
    } catch (const YAML::Exception& error) {
      throw InputError(file_, place(error.mark), error.msg, "YAML");
    }
  }

  [[nodiscard]] LayerOp layer() {
    classify();
    return windows_.empty() ? product() : convolution();
  }
  [[nodiscard]] std::uint64_t batch() const { return batch_; }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  static std::string place(const YAML::Mark& mark) {
    if (mark.is_null()) return "";
    return "line " + std::to_string(mark.line + 1) + ", column " + std::to_string(mark.column + 1);
  }
  [[noreturn]] void refuse(const YAML::Node& node, const std::string& found, const std::string& expected) const {
    throw InputError(file_, node.IsDefined() ? place(node.Mark()) : "", found, expected);
  }

  /// A member under any of the spellings that versions have.
  static YAML::Node member(const YAML::Node& node, const std::string& key) {
    std::string other = key;
    std::replace(other.begin(), other.end(), '_', '-');
    if (node.IsMap()) {
      for (const std::string& spelling : {key, other}) {
        if (node[spelling].IsDefined()) return node[spelling];
      }
    }
    return YAML::Node(YAML::NodeType::Undefined);  // of which, unlike of a missing member, one may ask everything
  }

  [[nodiscard]] std::optional<std::uint64_t> number(const YAML::Node& node) const {
    if (!node.IsDefined() || !node.IsScalar()) return std::nullopt;
    const std::string& text = node.Scalar();
    std::uint64_t value = 0;
    const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || at != text.data() + text.size()) return std::nullopt;
    return value;
  }

  void read(const YAML::Node& root) {
    YAML::Node problem = root.IsMap() && root["problem"].IsDefined() ? root["problem"] : root;
    if (!problem.IsMap()) throw InputError(file_, "", "no problem", "a map with \"problem\"");
    name_ = text(member(problem, "name"));
    const YAML::Node shape = member(problem, "shape");
    const YAML::Node instance = member(problem, "instance").IsDefined() ? member(problem, "instance") : problem;
    if (!instance.IsMap()) refuse(instance, "no sizes", "a map of dimensions");
    for (const auto& size : instance) {
      if (!size.first.IsScalar()) continue;
      if (const auto value = number(size.second)) sizes_[size.first.Scalar()] = *value;
    }
    if (member(instance, "densities").IsDefined()) {
      result_.approximated.push_back(file_ + ": densities are not used: everything is computed");
    }
    if (shape.IsDefined() && shape.IsMap()) {
      if (name_.empty()) name_ = text(member(shape, "name"));
      read_shape(shape);
      return;
    }
    if (shape.IsDefined() && shape.IsScalar() && lower_case(shape.Scalar()).find("cnn") == std::string::npos) {
      refuse(shape, brief_json(Json(shape.Scalar())), "a shape with dimensions and data spaces, or cnn-layer");
    }
    const std::string filters = sizes_.count("K") > 0 ? "K" : "M";
    for (const char* key : {"R", "S", "P", "Q", "C", "N"}) sizes_.emplace(key, 1);
    if (sizes_.count(filters) == 0) refuse(instance, "neither K nor M", "the number of filters");
    dimensions_ = {"R", "S", "P", "Q", "C", "N", filters};
    spaces_ = cnn_shape(filters, coefficient("Wstride", 1), coefficient("Hstride", 1), coefficient("Wdilation", 1),
                        coefficient("Hdilation", 1));
  }

  static std::string text(const YAML::Node& node) {
    return node.IsDefined() && node.IsScalar() ? node.Scalar() : std::string();
  }

  [[nodiscard]] std::uint64_t coefficient(const std::string& name, std::uint64_t otherwise) const {
    const auto found = sizes_.find(name);
    return found == sizes_.end() ? otherwise : found->second;
  }

  void read_shape(const YAML::Node& shape) {
    const YAML::Node dimensions = member(shape, "dimensions");
    if (!dimensions.IsSequence()) refuse(shape, "no dimensions", "a list of names");
    for (const YAML::Node& dimension : dimensions) {
      const std::string& given = text(dimension);
      if (given.empty() || dimensions_.size() >= kMostRanks) refuse(dimension, "no name", "a name");
      dimensions_.insert(given);
      const auto size = sizes_.find(given);
      if (size == sizes_.end() || size->second == 0) {
        refuse(dimension, "no size of " + given, "one of at least 1 in the instance");
      }
    }
    if (const YAML::Node coefficients = member(shape, "coefficients"); coefficients.IsSequence()) {
      for (const YAML::Node& each : coefficients) {
        const auto value = number(member(each, "default"));
        sizes_.emplace(text(member(each, "name")), value.value_or(1));
      }
    }
    const YAML::Node spaces = member(shape, "data_spaces");
    if (!spaces.IsSequence() || spaces.size() != 3)
      refuse(spaces.IsDefined() ? spaces : shape, "not three data spaces", "two that are read and one that is written");
    for (const YAML::Node& space : spaces) spaces_.push_back(data_space(space));
  }

  [[nodiscard]] DataSpace data_space(const YAML::Node& node) const {
    DataSpace space;
    space.name = text(member(node, "name"));
    const std::string written = lower_case(text(member(node, "read_write")));
    space.written = written == "true" || written == "yes" || written == "1";
    const YAML::Node projection = member(node, "projection");
    if (!projection.IsSequence() || projection.size() > kMostRanks) refuse(node, "no projection", "a list of ranks");
    for (const YAML::Node& rank : projection) space.ranks.push_back(rank_of(rank));
    return space;
  }

  /// [[C]], [[R, Wdilation], [P, Wstride]], or with names alone for the terms.
  [[nodiscard]] Rank rank_of(const YAML::Node& node) const {
    Rank rank;
    if (node.IsScalar()) return {term_of(node)};
    if (!node.IsSequence() || node.size() == 0 || node.size() > 2) {
      refuse(node, "a rank of this form", "a sum of one or two products");
    }
    for (const YAML::Node& term : node) rank.push_back(term_of(term));
    return rank;
  }

  [[nodiscard]] SumTerm term_of(const YAML::Node& node) const {
    SumTerm term;
    const auto take = [&](const YAML::Node& factor) {
      const std::string given = text(factor);
      if (dimensions_.count(given) > 0 && term.dimension.empty()) {
        term.dimension = given;
        return;
      }
      const auto literal = number(factor);
      const auto found = sizes_.find(given);
      const bool known = found != sizes_.end() && dimensions_.count(given) == 0;
      if (!known && !literal) refuse(factor, brief_json(Json(given)), "a dimension, or a coefficient");
      term.factor = checked_mul(term.factor, known ? found->second : *literal);
    };
    if (node.IsScalar()) {
      take(node);
    } else if (node.IsSequence() && node.size() <= 4) {
      for (const YAML::Node& factor : node) take(factor);
    }
    if (term.dimension.empty() || term.factor == 0)
      refuse(node, "a term without a dimension", "[dimension, coefficients...]");
    return term;
  }

  [[nodiscard]] std::uint64_t size(const std::string& dimension) const { return sizes_.at(dimension); }

  /// Which of the three data spaces have a dimension, as bits: 1 weights (or the first operand), 2 inputs, 4 outputs.
  void classify() {
    std::vector<std::size_t> read;
    std::optional<std::size_t> written;
    for (std::size_t i = 0; i < spaces_.size(); ++i) {
      if (spaces_[i].written && !written) {
        written = i;
      } else {
        read.push_back(i);
      }
    }
    if (!written || read.size() != 2)
      throw InputError(file_, "", "not one data space that is written", "read-write: true at one of three");
    const auto has_window = [&](std::size_t i) {
      return std::any_of(spaces_[i].ranks.begin(), spaces_[i].ranks.end(),
                         [](const Rank& rank) { return rank.size() > 1; });
    };
    const auto is_weight = [&](std::size_t i) {
      return lower_case(spaces_[i].name).find("weight") != std::string::npos;
    };
    // The operand with windows, or that is not called a weight, is the input.
    const bool exchange = has_window(read[0]) || (is_weight(read[1]) && !has_window(read[1]));
    weight_ = exchange ? read[1] : read[0];
    input_ = exchange ? read[0] : read[1];
    output_ = *written;
    has_weight_ = is_weight(weight_) || has_window(input_);
    if (has_window(weight_) || has_window(output_)) not_known("sums in two data spaces");
    for (const std::size_t space : {weight_, input_, output_}) {
      const unsigned bit = space == weight_ ? 1 : (space == input_ ? 2 : 4);
      for (const Rank& rank : spaces_[space].ranks) {
        for (const SumTerm& term : rank) {
          if (rank.size() == 1 && term.factor != 1) not_known("a coefficient without a sum");
          if ((where_[term.dimension] & bit) != 0) not_known("a dimension twice in one data space");
          where_[term.dimension] |= bit;
        }
        if (rank.size() == 2) windows_.push_back(rank);
      }
    }
    for (const std::string& dimension : dimensions_) {
      if (where_[dimension] == 0 && size(dimension) != 1) not_known("a dimension that no data space has");
    }
  }
  [[noreturn]] void not_known(const std::string& what) const {
    throw InputError(file_, "", what, "a convolution or a GEMM");
  }

  /// Product of the sizes of dimensions that exactly these data spaces have.
  [[nodiscard]] std::uint64_t product_of(unsigned where, const std::set<std::string>& but = {}) const {
    std::uint64_t product = 1;
    for (const auto& [dimension, bits] : where_) {
      if (bits == where && but.count(dimension) == 0) product = checked_mul(product, size(dimension));
    }
    return product;
  }
  void check_alone(const std::set<std::string>& but) const {
    for (const unsigned alone : {1U, 2U, 4U}) {
      if (product_of(alone, but) != 1) not_known("a dimension of one data space alone");
    }
  }

  [[nodiscard]] LayerOp product() {
    check_alone({});
    const std::uint64_t m = product_of(1 | 4), n = product_of(2 | 4), k = product_of(1 | 2), count = product_of(7);
    if (has_weight_ && count == 1) {
      Linear linear;
      linear.in_features = k;
      linear.out_features = m;
      linear.rows = n;
      return linear;
    }
    Matmul matmul;
    matmul.count = count;
    matmul.m = m;
    matmul.n = n;
    matmul.k = k;
    if (has_weight_) result_.approximated.push_back(file_ + ": several matrices of weights are taken as activations");
    return matmul;
  }

  struct Axis {
    std::uint64_t outputs = 1, kernel = 1, stride = 1, dilation = 1;
    [[nodiscard]] std::uint64_t in() const {
      return checked_add(checked_add(checked_mul(outputs - 1, stride), checked_mul(kernel - 1, dilation)), 1);
    }
  };

  [[nodiscard]] LayerOp convolution() {
    if (windows_.size() > 2) not_known("windows along three axes");
    std::set<std::string> inside;
    std::vector<Axis> axes;
    for (const Rank& window : windows_) {
      const bool first_is_tap = where_.at(window[0].dimension) == 3U;
      const SumTerm& tap = window[first_is_tap ? 0 : 1];
      const SumTerm& position = window[first_is_tap ? 1 : 0];
      if (where_.at(tap.dimension) != 3U || where_.at(position.dimension) != 6U) {
        not_known("a sum that is not of an output position and a tap of the weights");
      }
      inside.insert({tap.dimension, position.dimension});
      axes.push_back({size(position.dimension), size(tap.dimension), position.factor, tap.factor});
    }
    if (axes.size() == 1) axes.insert(axes.begin(), Axis{});
    check_alone(inside);
    // Timeloop's files have P and R first and call them the width.
    Conv2d conv;
    conv.groups = product_of(7);
    conv.in_channels = checked_mul(conv.groups, product_of(1 | 2, inside));
    conv.out_channels = checked_mul(conv.groups, product_of(1 | 4, inside));
    conv.height = axes[0].in();
    conv.width = axes[1].in();
    conv.kernel = {axes[0].kernel, axes[1].kernel};
    conv.stride = {axes[0].stride, axes[1].stride};
    conv.dilation = {axes[0].dilation, axes[1].dilation};
    batch_ = product_of(2 | 4, inside);
    return conv;
  }

  const std::string& file_;
  ImportResult& result_;
  std::string name_;
  std::map<std::string, std::uint64_t> sizes_;  ///< of dimensions and coefficients
  std::set<std::string> dimensions_;
  std::vector<DataSpace> spaces_;
  std::size_t weight_ = 0, input_ = 0, output_ = 0;
  bool has_weight_ = false;
  std::map<std::string, unsigned> where_;
  std::vector<Rank> windows_;
  std::uint64_t batch_ = 1;
};

}  // namespace

ImportResult import_timeloop(const std::vector<NamedText>& files, const std::string& name) {
  ImportResult result;
  Network network;
  network.file = files.size() == 1 ? files.front().name : name;
  network.name = name;
  network.source = "imported from Timeloop problems";
  std::set<std::string> names;
  std::optional<std::uint64_t> batch;
  bool products = true;
  for (const NamedText& file : files) {
    try {
      Problem problem(file, result);
      Layer layer;
      layer.op = problem.layer();
      const bool convolution = std::holds_alternative<Conv2d>(layer.op);
      products &= !convolution;
      if (convolution) {
        if (batch && *batch != problem.batch()) {
          throw InputError(file.name, "", "a batch of " + std::to_string(problem.batch()),
                           std::to_string(*batch) + ", that of the files before");
        }
        batch = problem.batch();
      }
      const std::string stem = std::filesystem::path(file.name).stem().string();
      const std::string given = files.size() == 1 && !problem.name().empty() ? problem.name() : stem;
      constexpr std::size_t kLongestName = 200;
      const bool taken = given == "input" || given == "previous" || given == "outside";
      const bool usable = !given.empty() && given.size() <= kLongestName && !taken;
      const std::string base = usable ? imported_name(given) : "layer";
      layer.name = base;
      for (std::uint64_t i = 2; !names.insert(layer.name).second; ++i) layer.name = base + "_" + std::to_string(i);
      layer.inputs.clear();
      layer.input_gradient = !network.entries.empty();
      Entry entry;
      entry.name = layer.name;
      entry.layers.push_back(std::move(layer));
      network.entries.push_back(std::move(entry));
    } catch (const OverflowError&) {
      throw InputError(file.name, "", "sizes beyond 64 bits", "smaller ones");
    }
  }
  network.batch = batch.value_or(1);
  network.family = products ? "transformer" : "cnn";
  result.approximated.push_back(
      "how layers connect is not in the files: each reads tensors from outside; inputs are as large as their windows "
      "reach, padding included; norms, activations, pooling and biases are missing");
  // With the limits of workload files.
  result.network = read_network({network.file, write_network(network)});
  return result;
}

}  // namespace lnsim
