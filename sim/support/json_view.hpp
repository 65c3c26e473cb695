// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <simdjson.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "sim/support/json.hpp"

namespace lnsim {

/// Text that simdjson lets pass and read_json_file() does not: a duplicate key, nesting beyond kMaxJsonDepth. It
/// carries no message: the strict parser has the word.
class UnsoundJson : public std::exception {
 public:
  [[nodiscard]] const char* what() const noexcept override { return "unsound JSON"; }
};

/// A value of parsed text, read where the parser left it: for large files, of which no Json is built. Objects and
/// arrays check what they are asked for, and throw UnsoundJson. Valid as long as its SoundJson.
class JsonView {
 public:
  /// `depth`: objects and arrays around it.
  JsonView(simdjson::dom::element value, std::size_t depth) : value_(value), depth_(depth) {}

  [[nodiscard]] bool is_object() const { return value_.is_object(); }
  [[nodiscard]] bool is_array() const { return value_.is_array(); }

  /// The value, if it is a whole number of 0 to 2^64-1.
  [[nodiscard]] std::optional<std::uint64_t> count() const {
    std::uint64_t number = 0;
    return value_.get(number) == simdjson::SUCCESS ? std::optional(number) : std::nullopt;
  }

  /// Calls member(std::string_view key, JsonView) for each member of the object, in order.
  template <class F>
  void members(F&& member) const {
    check_depth();
    Keys keys;
    for (const auto [key, part] : simdjson::dom::object(value_)) {
      keys.add(key);
      member(key, JsonView(part, depth_ + 1));
    }
  }

  /// Elements of the array.
  [[nodiscard]] std::size_t size() const { return simdjson::dom::array(value_).size(); }

  /// Calls item(JsonView) for each element of the array, in order.
  template <class F>
  void items(F&& item) const {
    check_depth();
    for (const simdjson::dom::element part : simdjson::dom::array(value_)) item(JsonView(part, depth_ + 1));
  }

  /// The value as the strict parser builds it.
  [[nodiscard]] Json json() const;

 private:
  /// The keys of an object so far, each once. Most objects are small: comparing beats a set then.
  class Keys {
   public:
    void add(std::string_view key) {
      for (std::size_t i = 0; i < few_; ++i) {
        if (same(keys_[i], key)) throw UnsoundJson{};
      }
      if (few_ < keys_.size()) {
        keys_[few_++] = key;
      } else if (!more_.insert(key).second) {
        throw UnsoundJson{};
      }
    }

   private:
    /// Few keys are of one length, fewer of one ending: most are told apart without a call.
    static bool same(std::string_view one, std::string_view other) {
      return one.size() == other.size() && (one.empty() || (one.back() == other.back() && one == other));
    }

    std::array<std::string_view, 24> keys_;
    std::size_t few_ = 0;
    std::unordered_set<std::string_view> more_;
  };

  void check_depth() const {
    if (depth_ >= kMaxJsonDepth) throw UnsoundJson{};
  }

  simdjson::dom::element value_;
  std::size_t depth_;
};

/// Text that was parsed as JSON.
class SoundJson {
 public:
  /// Nothing where the text is not JSON, and where only the strict parser can tell. `padded`: kPadding more bytes
  /// behind the text may be read.
  [[nodiscard]] static std::optional<SoundJson> parse(std::string_view text, bool padded);
  static constexpr std::size_t kPadding = simdjson::SIMDJSON_PADDING;

  [[nodiscard]] JsonView root() const { return {root_, 0}; }

 private:
  SoundJson() = default;
  // Owns what the views point into: it must not move.
  std::unique_ptr<simdjson::dom::parser> parser_ = std::make_unique<simdjson::dom::parser>();
  simdjson::dom::element root_;
};

/// The file's text, parsed; nothing where SoundJson::parse() gives nothing. Throws InputError as read_json_file() does
/// where the file cannot be read.
[[nodiscard]] std::optional<SoundJson> read_sound_json(const std::filesystem::path& path);

}  // namespace lnsim
