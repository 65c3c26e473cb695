// SPDX-License-Identifier: Apache-2.0
#include "sim/numerics/requests/request_fields.hpp"

#include <cmath>

#include "sim/numerics/lns.hpp"

namespace lnsim::numerics {
namespace {

using nlohmann::json;

[[noreturn]] void fail(const std::string& path, const json& value, const std::string& expected) {
  throw SpecError(path + ": " + value.dump() + ", expected " + expected);
}

std::int64_t as_integer(const json& value, std::int64_t low, std::int64_t high, const std::string& path) {
  const std::string expected = "an integer from " + std::to_string(low) + " to " + std::to_string(high);
  if (!value.is_number_integer()) fail(path, value, expected);
  if (value.is_number_unsigned() &&
      value.get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
    fail(path, value, expected);
  }
  const auto integer = value.get<std::int64_t>();
  if (integer < low || integer > high) fail(path, value, expected);
  return integer;
}

double as_number(const json& value, const std::string& path) {
  if (!value.is_number() || !std::isfinite(value.get<double>())) fail(path, value, "a number");
  return value.get<double>();
}

FormatPtr lns_format(const json& object, const std::string& path) {
  RequestFields fields(object, path + "/");
  if (fields.text("type") != "lns") throw SpecError(path + "/type: expected \"lns\"");
  const unsigned bits = fields.natural("bits", LnsFormat::kMinBits, LnsFormat::kMaxBits);
  const unsigned gamma = fields.natural("gamma", 1);
  const std::string zero = fields.has("zero") ? fields.text("zero") : "zero_code";
  if (zero != "zero_code" && zero != "min_code") {
    throw SpecError(path + "/zero: \"" + zero + "\", expected \"zero_code\" or \"min_code\"");
  }
  fields.check_all_used();
  return make_lns(bits, gamma, zero == "zero_code" ? ZeroMode::kZeroCode : ZeroMode::kMinCode);
}

}  // namespace

RequestFields::RequestFields(const json& object, std::string path) : object_(object), path_(std::move(path)) {
  if (!object.is_object()) throw SpecError((path_.empty() ? "request" : path_) + ": expected an object");
}

const json& RequestFields::raw(const std::string& name) {
  const auto field = object_.find(name);
  if (field == object_.end()) throw SpecError(path(name) + ": missing");
  used_.insert(name);
  return *field;
}

std::string RequestFields::text(const std::string& name) {
  const json& value = raw(name);
  if (!value.is_string()) fail(path(name), value, "a string");
  return value.get<std::string>();
}

double RequestFields::number(const std::string& name) { return as_number(raw(name), path(name)); }

double RequestFields::number(const std::string& name, double fallback) { return has(name) ? number(name) : fallback; }

double RequestFields::scale(const std::string& name) {
  if (!has(name)) return 1.0;
  const double scale = number(name);
  if (!(scale > 0.0)) fail(path(name), raw(name), "a positive number");
  return scale;
}

std::int64_t RequestFields::integer(const std::string& name, std::int64_t low, std::int64_t high) {
  return as_integer(raw(name), low, high, path(name));
}

unsigned RequestFields::natural(const std::string& name, unsigned low, unsigned high) {
  return static_cast<unsigned>(integer(name, low, high));
}

unsigned RequestFields::natural_or(const std::string& name, unsigned fallback, unsigned low, unsigned high) {
  return has(name) ? natural(name, low, high) : fallback;
}

std::vector<std::uint32_t> RequestFields::codes(const std::string& name, std::uint32_t high) {
  const json& array = raw(name);
  if (!array.is_array()) fail(path(name), array, "an array of codes");
  std::vector<std::uint32_t> result;
  result.reserve(array.size());
  for (std::size_t i = 0; i < array.size(); ++i) {
    const std::string element = path(name) + "/" + std::to_string(i);
    result.push_back(static_cast<std::uint32_t>(as_integer(array[i], 0, high, element)));
  }
  return result;
}

std::vector<double> RequestFields::numbers(const std::string& name) {
  const json& array = raw(name);
  if (!array.is_array()) fail(path(name), array, "an array of numbers");
  std::vector<double> result;
  result.reserve(array.size());
  for (std::size_t i = 0; i < array.size(); ++i) {
    result.push_back(as_number(array[i], path(name) + "/" + std::to_string(i)));
  }
  return result;
}

FormatPtr RequestFields::format(const std::string& name) {
  const json& value = raw(name);
  if (value.is_object()) return lns_format(value, path(name));
  if (!value.is_string()) fail(path(name), value, "the name of a format or an LNS object");
  FormatPtr format = find_format(value.get<std::string>());
  if (format) return format;
  std::string known;
  for (const FormatPtr& entry : named_formats()) known += (known.empty() ? "" : ", ") + entry->name();
  fail(path(name), value, "an LNS object or one of " + known);
}

void RequestFields::check_all_used() const {
  for (const auto& [name, value] : object_.items()) {
    if (used_.count(name) == 0) throw SpecError(path(name) + ": unknown or not allowed here");
  }
}

json finite_number(double x) {
  if (!std::isfinite(x)) throw SpecError("the result is not a finite number");
  return x;
}

}  // namespace lnsim::numerics
