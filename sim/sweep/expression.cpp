// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/expression.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

namespace lnsim {

struct Expression::Node {
  enum class Kind { kNumber, kName, kNot, kNegate, kBinary } kind = Kind::kNumber;
  double number = 0.0;
  std::string name;
  std::string_view op{};  // of kBinary: a literal of kLevels
  std::unique_ptr<const Node> left, right;
};

namespace {

using Node = Expression::Node;
using NodePtr = std::unique_ptr<const Node>;

/// Operators of two sides, loosest level first. Longer ones come before those that begin them.
const std::array<std::vector<std::string_view>, 6> kLevels{
    {{"||"}, {"&&"}, {"==", "!="}, {"<=", ">=", "<", ">"}, {"+", "-"}, {"*", "/"}}};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Parser {
 public:
  Parser(std::string_view text, std::vector<std::string>& names) : text_(text), names_(names) {}

  NodePtr parse() {
    NodePtr root = binary(0);
    skip_spaces();
    if (at_ != text_.size()) fail("an operator");
    return root;
  }

 private:
  [[noreturn]] void fail(const std::string& expected) const {
    const std::string found = at_ < text_.size() ? "\"" + std::string(text_.substr(at_, 1)) + "\"" : "the end";
    throw std::invalid_argument("column " + std::to_string(at_ + 1) + ": " + found + ", expected " + expected);
  }

  void skip_spaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }

  bool take(std::string_view token) {
    skip_spaces();
    if (text_.substr(at_, token.size()) != token) return false;
    at_ += token.size();
    return true;
  }

  NodePtr binary(std::size_t level) {
    if (level == kLevels.size()) return unary();
    NodePtr left = binary(level + 1);
    for (;;) {
      const auto& ops = kLevels[level];
      const auto op = std::find_if(ops.begin(), ops.end(), [&](std::string_view token) { return take(token); });
      if (op == ops.end()) return left;
      auto node = std::make_unique<Node>();
      node->kind = Node::Kind::kBinary;
      node->op = *op;
      node->left = std::move(left);
      node->right = binary(level + 1);
      left = std::move(node);
    }
  }

  NodePtr unary() {
    constexpr std::size_t kMostDepth = 100;
    if (++depth_ > kMostDepth) fail("fewer parentheses");
    NodePtr node = operand();
    --depth_;
    return node;
  }

  NodePtr operand() {
    skip_spaces();
    for (const auto& [token, kind] : {std::pair{'!', Node::Kind::kNot}, std::pair{'-', Node::Kind::kNegate}}) {
      if (at_ < text_.size() && text_[at_] == token) {
        ++at_;
        auto node = std::make_unique<Node>();
        node->kind = kind;
        node->left = unary();
        return node;
      }
    }
    if (take("(")) {
      NodePtr node = binary(0);
      if (!take(")")) fail("\")\"");
      return node;
    }
    auto node = std::make_unique<Node>();
    if (at_ < text_.size() && is_letter(text_[at_])) {
      const std::size_t begin = at_;
      while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) ++at_;
      node->kind = Node::Kind::kName;
      node->name = text_.substr(begin, at_ - begin);
      if (std::find(names_.begin(), names_.end(), node->name) == names_.end()) names_.push_back(node->name);
      return node;
    }
    const char* const begin = text_.data() + at_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), node->number);
    if (at_ == text_.size() || error != std::errc()) fail("a number, a name or \"(\"");
    at_ += static_cast<std::size_t>(end - begin);
    return node;
  }

  std::string_view text_;
  std::vector<std::string>& names_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
};

double apply(std::string_view op, double a, double b) {
  if (op == "||") return a != 0.0 || b != 0.0 ? 1.0 : 0.0;
  if (op == "&&") return a != 0.0 && b != 0.0 ? 1.0 : 0.0;
  if (op == "==") return a == b ? 1.0 : 0.0;
  if (op == "!=") return a != b ? 1.0 : 0.0;
  if (op == "<=") return a <= b ? 1.0 : 0.0;
  if (op == ">=") return a >= b ? 1.0 : 0.0;
  if (op == "<") return a < b ? 1.0 : 0.0;
  if (op == ">") return a > b ? 1.0 : 0.0;
  if (op == "+") return a + b;
  if (op == "-") return a - b;
  return op == "*" ? a * b : a / b;
}

double evaluate(const Node& node, const std::function<double(const std::string&)>& value_of) {
  switch (node.kind) {
    case Node::Kind::kNumber: return node.number;
    case Node::Kind::kName: return value_of(node.name);
    case Node::Kind::kNot: return evaluate(*node.left, value_of) == 0.0 ? 1.0 : 0.0;
    case Node::Kind::kNegate: return -evaluate(*node.left, value_of);
    case Node::Kind::kBinary: break;
  }
  const double left = evaluate(*node.left, value_of);
  return apply(node.op, left, evaluate(*node.right, value_of));
}

}  // namespace

Expression::Expression(std::string text) : text_(std::move(text)) { root_ = Parser(text_, names_).parse(); }
Expression::~Expression() = default;
Expression::Expression(Expression&&) noexcept = default;
Expression& Expression::operator=(Expression&&) noexcept = default;

double Expression::value(const std::function<double(const std::string&)>& value_of) const {
  return evaluate(*root_, value_of);
}

}  // namespace lnsim
