// SPDX-License-Identifier: Apache-2.0
#include "sim/support/json_fast.hpp"

#include <simdjson.h>

#include <algorithm>
#include <unordered_set>

namespace lnsim::detail {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

/// Thrown, and caught in parse_fast, for what simdjson lets pass and the strict parser does not.
struct NotSound {};

class Builder {
 public:
  Builder(const std::string& array, const std::function<void(Json&&)>& each) : array_(array), each_(each) {}

  Json build(const element& value, std::size_t depth) {
    switch (value.type()) {
      case element_type::OBJECT: return object(value, depth + 1);
      case element_type::ARRAY: return list(value, depth + 1);
      case element_type::STRING: return Json(std::string(std::string_view(value)));
      case element_type::BOOL: return Json(bool(value));
      case element_type::DOUBLE: return Json(double(value));
      case element_type::UINT64: return Json(std::uint64_t(value));
      case element_type::INT64: {
        const std::int64_t number = value;
        return number < 0 ? Json(number) : Json(static_cast<std::uint64_t>(number));
      }
      case element_type::NULL_VALUE: break;
    }
    return nullptr;
  }

  [[nodiscard]] bool handed_over() const { return handed_over_; }

 private:
  Json object(const simdjson::dom::object& value, std::size_t depth) {
    check_depth(depth);
    Json result = Json::object();
    auto& members = result.get_ref<Json::object_t&>();
    members.reserve(value.size());
    for (const auto [key, part] : value) {
      const bool handed = depth == 1 && each_ && key == array_ && part.is_array();
      members.emplace_back(std::string(key), handed ? hand_over(part, depth + 1) : build(part, depth));
    }
    check_keys(members);
    return result;
  }

  Json list(const simdjson::dom::array& value, std::size_t depth) {
    check_depth(depth);
    Json result = Json::array();
    auto& items = result.get_ref<Json::array_t&>();
    items.reserve(value.size());
    for (const element part : value) items.push_back(build(part, depth));
    return result;
  }

  Json hand_over(const simdjson::dom::array& value, std::size_t depth) {
    check_depth(depth);
    for (const element part : value) {
      Json item = build(part, depth);
      handed_over_ = true;
      each_(std::move(item));
    }
    return Json::array();
  }

  static void check_depth(std::size_t depth) {
    if (depth > kMaxJsonDepth) throw NotSound{};
  }

  /// Each key once. Most objects are small: comparing beats a set then.
  static void check_keys(const Json::object_t& members) {
    constexpr std::size_t kFew = 24;
    if (members.size() <= kFew) {
      for (auto one = members.begin(); one != members.end(); ++one) {
        const auto same = [&](const auto& other) { return other.first == one->first; };
        if (std::any_of(members.begin(), one, same)) throw NotSound{};
      }
      return;
    }
    std::unordered_set<std::string_view> keys;
    for (const auto& member : members) {
      if (!keys.insert(member.first).second) throw NotSound{};
    }
  }

  const std::string& array_;
  const std::function<void(Json&&)>& each_;
  bool handed_over_ = false;
};

}  // namespace

FastParse parse_fast(std::string_view text, bool padded, const std::string& array,
                     const std::function<void(Json&&)>& each) {
  static_assert(kPadding >= simdjson::SIMDJSON_PADDING);
  simdjson::dom::parser parser;
  element root;
  if (parser.parse(text.data(), text.size(), !padded).get(root) != simdjson::SUCCESS) return {};
  Builder builder(array, each);
  try {
    Json value = builder.build(root, 0);
    return {std::move(value), builder.handed_over()};
  } catch (const NotSound&) {
    return {std::nullopt, builder.handed_over()};
  }
}

}  // namespace lnsim::detail
