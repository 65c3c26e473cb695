// SPDX-License-Identifier: Apache-2.0
#include "sim/support/json_view.hpp"

#include <string>

namespace lnsim {

using simdjson::dom::element_type;

Json JsonView::json() const {
  switch (value_.type()) {
    case element_type::OBJECT: {
      Json result = Json::object();
      auto& all = result.get_ref<Json::object_t&>();
      all.reserve(simdjson::dom::object(value_).size());
      members([&](std::string_view key, const JsonView& part) { all.emplace_back(std::string(key), part.json()); });
      return result;
    }
    case element_type::ARRAY: {
      Json result = Json::array();
      auto& all = result.get_ref<Json::array_t&>();
      all.reserve(simdjson::dom::array(value_).size());
      items([&](const JsonView& part) { all.push_back(part.json()); });
      return result;
    }
    case element_type::STRING: return Json(std::string(std::string_view(value_)));
    case element_type::BOOL: return Json(bool(value_));
    case element_type::DOUBLE: return Json(double(value_));
    case element_type::UINT64: return Json(std::uint64_t(value_));
    case element_type::INT64: {
      const std::int64_t number = value_;
      return number < 0 ? Json(number) : Json(static_cast<std::uint64_t>(number));
    }
    case element_type::NULL_VALUE: break;
  }
  return nullptr;
}

std::optional<SoundJson> SoundJson::parse(std::string_view text, bool padded) {
  if (text.starts_with("\xEF\xBB\xBF")) return {};  // which some versions of simdjson skip
  SoundJson sound;
  if (sound.parser_->parse(text.data(), text.size(), !padded).get(sound.root_) != simdjson::SUCCESS) return {};
  return sound;
}

}  // namespace lnsim
