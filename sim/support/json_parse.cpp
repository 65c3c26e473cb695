// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <iterator>
#include <memory>
#include <optional>
#include <system_error>
#include <unordered_set>
#include <utility>
#include <vector>

#include "sim/support/error.hpp"
#include "sim/support/json.hpp"
#include "sim/support/json_view.hpp"
#include "sim/support/text.hpp"

namespace lnsim {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{1} << 30;

/// "line 3, column 5" of the character that contains byte `offset`; columns count characters.
std::string place(std::string_view text, std::size_t offset) {
  std::size_t line = 1;
  std::size_t column = 1;
  for (const char c : text.substr(0, std::min(offset, text.size()))) {
    if (c == '\n') {
      ++line;
      column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
      ++column;
    }
  }
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

/// Input iterator over text that shares how far it was read: the parser's events carry no position of their own.
class CountedInput {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountedInput(const char* at, std::size_t* read) : at_(at), read_(read) {}
  reference operator*() const { return *at_; }
  CountedInput& operator++() {
    ++at_;
    ++*read_;
    return *this;
  }
  bool operator==(const CountedInput& other) const { return at_ == other.at_; }
  bool operator!=(const CountedInput& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  std::size_t* read_;
};

/// Builds the value and refuses what the library's own builder lets pass: duplicate keys and deep nesting.
class StrictBuilder : public nlohmann::json_sax<Json> {
 public:
  /// `read`: how far the parser is, for messages.
  StrictBuilder(std::string_view text, std::string file, const std::size_t* read)
      : text_(text), file_(std::move(file)), read_(read) {}

  Json take() { return std::move(root_); }

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t&) override { return add(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return false; }  // not part of text JSON

  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& value) override {
    if (!is_new(value)) {
      fail(*read_ == 0 ? 0 : *read_ - 1, "duplicate key " + brief_json(Json(value)), "each key once");
    }
    key_ = std::move(value);
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) override {
    constexpr int kNumberTooLarge = 406;
    const std::size_t at = position == 0 ? 0 : position - 1;
    if (error.id == kNumberTooLarge) {
      const std::string what = error.what();
      const std::size_t open = what.find('\'');
      fail(at, open == std::string::npos ? "number" : what.substr(open), "a number within the range of binary64");
    }
    fail_syntax(at, error.what());
  }

 private:
  struct Open {
    Json* value;
    std::unordered_set<std::string> keys;  // of an object of many members
  };

  /// Whether the innermost object has no such key yet. Most objects are small: comparing beats a set then.
  bool is_new(const std::string& key) {
    constexpr std::size_t kFew = 24;
    Open& object = open_.back();
    const auto& members = object.value->get_ref<const Json::object_t&>();
    if (members.size() <= kFew) {
      return std::none_of(members.begin(), members.end(), [&](const auto& member) { return member.first == key; });
    }
    if (object.keys.empty()) {
      for (const auto& member : members) object.keys.insert(member.first);
    }
    return object.keys.insert(key).second;
  }

  [[noreturn]] void fail(std::size_t offset, std::string value, std::string expected) const {
    throw InputError(file_, place(text_, offset), std::move(value), std::move(expected));
  }

  /// Takes the library's message apart: "[id] parse error at line .. column ..: VALUE; expected EXPECTED".
  [[noreturn]] void fail_syntax(std::size_t offset, std::string message) const {
    if (const auto id = message.find("column "); id != std::string::npos) {
      if (const auto colon = message.find(": ", id); colon != std::string::npos) message.erase(0, colon + 2);
    }
    constexpr std::string_view kSyntax = "syntax error while parsing ";
    if (message.starts_with(kSyntax)) message.erase(0, kSyntax.size());
    std::string expected = "JSON";
    constexpr std::string_view kExpected = "; expected ";
    if (const auto split = message.rfind(kExpected); split != std::string::npos) {
      expected = message.substr(split + kExpected.size());
      message.erase(split);
    }
    fail(offset, message, expected);
  }

  /// Where the value now lies; never null.
  Json* add(Json&& value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    Json& parent = *open_.back().value;
    if (parent.is_array()) {
      auto& items = parent.get_ref<Json::array_t&>();
      items.push_back(std::move(value));
      return &items.back();
    }
    // The key is known to be new: appending directly avoids the linear search of insertion.
    auto& members = parent.get_ref<Json::object_t&>();
    members.emplace_back(std::move(key_), std::move(value));
    return &members.back().second;
  }

  bool open(Json value) {
    if (open_.size() == kMaxJsonDepth) {
      fail(*read_ == 0 ? 0 : *read_ - 1, "nesting deeper than " + std::to_string(kMaxJsonDepth),
           "at most " + std::to_string(kMaxJsonDepth) + " levels of objects and arrays");
    }
    open_.push_back({add(std::move(value)), {}});
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  std::string_view text_;
  std::string file_;
  const std::size_t* read_;
  Json root_;
  std::vector<Open> open_;  // pointers stay valid: only the innermost open value grows
  std::string key_;
};

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

/// The file, with kPadding bytes of capacity behind it.
std::string read_text(const std::filesystem::path& path) {
  constexpr const char* kWanted = "a JSON file";
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) throw InputError(path.string(), "", "a directory", kWanted);
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rb"));
  if (!file) throw InputError(path.string(), "", std::generic_category().message(errno), kWanted);
  std::string text;
  // The size is a hint: of a pipe there is none.
  if (const auto size = std::filesystem::file_size(path, error); !error && size <= kMaxFileBytes) {
    text.reserve(size + SoundJson::kPadding);
  }
  std::vector<char> chunk(std::size_t{1} << 16);
  while (const std::size_t count = std::fread(chunk.data(), 1, chunk.size(), file.get())) {
    text.append(chunk.data(), count);
    if (text.size() > kMaxFileBytes) throw InputError(path.string(), "", "more than 1 GiB", "a smaller JSON file");
  }
  text.reserve(text.size() + SoundJson::kPadding);
  if (std::ferror(file.get()) != 0)
    throw InputError(path.string(), "", std::generic_category().message(errno), kWanted);
  return text;
}

/// The value of sound text, several times as fast as the strict parser.
std::optional<Json> parse_sound(std::string_view text, bool padded) {
  try {
    if (const auto sound = SoundJson::parse(text, padded)) return sound->root().json();
  } catch (const UnsoundJson&) {
  }
  return std::nullopt;
}

Document parse(std::string_view text, bool padded, std::string file) {
  if (auto root = parse_sound(text, padded)) return {std::move(file), std::move(*root)};
  if (text.empty()) throw InputError(std::move(file), "", "an empty file", "JSON");
  if (text.starts_with("\xEF\xBB\xBF")) {
    throw InputError(std::move(file), "line 1, column 1", "a byte order mark", "JSON in UTF-8 without it");
  }
  // The library takes a NUL byte for the end of the text.
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    throw InputError(std::move(file), place(text, nul), "a NUL byte", "JSON");
  }
  std::size_t read = 0;
  StrictBuilder builder(text, file, &read);
  Json::sax_parse(CountedInput(text.data(), &read), CountedInput(text.data() + text.size(), &read), &builder);
  return {std::move(file), builder.take()};
}

}  // namespace

Document parse_json(std::string_view text, std::string file) { return parse(text, false, std::move(file)); }

Document read_json_file(const std::filesystem::path& path) { return parse(read_text(path), true, path.string()); }

std::optional<SoundJson> read_sound_json(const std::filesystem::path& path) {
  return SoundJson::parse(read_text(path), true);
}

}  // namespace lnsim
