// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/shard_lines.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

#include "sim/support/describe.hpp"
#include "sim/support/error.hpp"
#include "sim/sweep/design.hpp"

namespace lnsim {

template <class V>
void describe(ShardHeader& p, V& v) {
  constexpr double kMostShards = 4294967296.0;
  v.tag("schema", "lnsim.sweep_shard/1", "kind of file");
  v.field("sweep", p.sweep, {.min = 1, .max = 100, .required = true}, "hash of the sweep and the model's version");
  v.field("version", p.version, {.min = 1, .max = 200, .required = true}, "of the model");
  v.field("shard", p.shard.index, {.min = 1, .max = kMostShards, .required = true}, "which share of the designs");
  v.field("of", p.shard.of, {.min = 1, .max = kMostShards, .required = true}, "shares");
  v.values("axes", p.axes, {.required = true}, "names of the rows' values");
  v.values("metrics", p.metrics, {.required = true}, "names of the rows' metrics");
}

namespace {

constexpr std::array<std::pair<std::string_view, DesignStatus>, 3> kStatusNames{
    {{"done", DesignStatus::kDone}, {"failed", DesignStatus::kFailed}, {"excluded", DesignStatus::kExcluded}}};
constexpr std::string_view kHash = ",\"hash\":\"";
constexpr std::string_view kEnd = "{\"rows\":";

struct RowJson {
  std::uint64_t number = 0;
  DesignStatus status = DesignStatus::kDone;
  Json values, metrics;
  std::string error, key, hash;
};

struct EndJson {
  std::uint64_t rows = 0;
};

/// JSON has no word for what is not finite.
Json metric_json(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return value;
}

double read_metric(const Json& json, const std::string& file, const std::string& where) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (json == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (json == "inf") return kInfinity;
  if (json == "-inf") return -kInfinity;
  if (!json.is_number()) throw InputError(file, where + ", /metrics", brief_json(json), "numbers");
  return json.get<double>();
}

/// What a row's hash is taken of: the line without it.
std::string hashed(const std::string& sweep, std::string_view line) {
  const std::size_t at = line.rfind(kHash);
  return at == std::string_view::npos ? "" : text_hash(sweep + "\n" + std::string(line.substr(0, at)) + "}");
}

std::string one_line(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

template <class V>
void describe(RowJson& p, V& v) {
  v.field("number", p.number, {.required = true}, "of the design");
  v.choice("status", p.status, kStatusNames, {.required = true}, "what became of it");
  v.raw("values", p.values, {.required = true}, "of the axes");
  v.raw("metrics", p.metrics, {.required = true}, "its figures");
  v.field("error", p.error, "why it failed");
  v.field("key", p.key, {.max = 100}, "hash of all that determines the figures");
  v.field("hash", p.hash, {.required = true}, "of the line before it");
}

template <class V>
void describe(EndJson& p, V& v) {
  v.field("rows", p.rows, {.required = true}, "rows of the file");
}

std::string header_line(const ShardHeader& header) {
  const Json json = {{"schema", "lnsim.sweep_shard/1"}, {"sweep", header.sweep}, {"version", header.version},
                     {"shard", header.shard.index},     {"of", header.shard.of}, {"axes", header.axes},
                     {"metrics", header.metrics}};
  return one_line(json) + "\n";
}

std::string row_line(const std::string& sweep, const ShardRow& row) {
  Json json = {{"number", row.design.number},
               {"status", status_name(row.design.status)},
               {"values", row.design.values},
               {"metrics", Json::array()}};
  for (const double metric : row.design.metrics) json["metrics"].push_back(metric_json(metric));
  if (!row.design.error.empty()) json["error"] = row.design.error;
  if (!row.key.empty()) json["key"] = row.key;
  std::string line = one_line(json);
  const std::string hash = text_hash(sweep + "\n" + line);
  line.pop_back();
  return line + std::string(kHash) + hash + "\"}\n";
}

std::string end_line(std::uint64_t rows) { return std::string(kEnd) + std::to_string(rows) + "}\n"; }

ShardHeader read_header_line(const std::string& line, const std::string& file) {
  return read_object<ShardHeader>(parse_json(line, file));
}

ShardRow read_row_line(const std::string& line, const std::string& sweep, const std::string& file,
                       const std::string& where) {
  // Before the line is looked at any closer.
  const std::string hash = hashed(sweep, line);
  if (hash.empty() || !line.ends_with(std::string(kHash) + hash + "\"}")) {
    throw InputError(file, where, "a row that is damaged, or of another sweep", "its hash");
  }
  const auto json = read_object<RowJson>(parse_json(line, file));
  ShardRow row;
  row.key = json.key;
  row.design.number = json.number;
  row.design.status = json.status;
  row.design.error = json.error;
  if (!json.values.is_array()) throw InputError(file, where + ", /values", brief_json(json.values), "an array");
  if (!json.metrics.is_array()) throw InputError(file, where + ", /metrics", brief_json(json.metrics), "an array");
  row.design.values.assign(json.values.begin(), json.values.end());
  for (const Json& metric : json.metrics) row.design.metrics.push_back(read_metric(metric, file, where));
  return row;
}

bool is_end_line(const std::string& line) { return line.starts_with(kEnd); }

std::uint64_t read_end_line(const std::string& line, const std::string& file, const std::string& where) {
  try {
    return read_object<EndJson>(parse_json(line, file)).rows;
  } catch (const InputError&) {
    throw InputError(file, where, brief_json(Json(line)), "how many rows there are");
  }
}

}  // namespace lnsim
