// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/sweep_spec.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>

#include "sim/data/random.hpp"
#include "sim/support/describe.hpp"
#include "sim/support/text.hpp"

namespace lnsim {
namespace {

constexpr std::uint64_t kMostDesigns = std::uint64_t{1} << 40U;
constexpr std::uint64_t kMostValues = 1U << 16U;

/// from, from + step, ... up to `to`, or from, from * factor, ...
struct RangeJson {
  double from = 0.0;
  double to = 0.0;
  double step = 1.0;
};
struct LogRangeJson {
  double from = 1.0;
  double to = 1.0;
  double factor = 2.0;
};

struct AxisJson {
  std::string name;
  std::string at;
  Json values;
  std::optional<RangeJson> range;
  std::optional<LogRangeJson> log_range;
};

struct SamplingJson {
  std::uint64_t samples = 0;
  std::uint64_t seed = 1;
};

struct SearchJson {
  SweepSearch search;
};

struct SpecJson {
  std::string name;
  std::string description;
  SweepBase base;
  std::vector<std::string> constraints;
  SamplingJson random;
  std::optional<SearchJson> search;
};

}  // namespace

template <class V>
void describe(RangeJson& p, V& v) {
  v.field("from", p.from, {.required = true}, "first value");
  v.field("to", p.to, {.required = true}, "last value, if a step ends there");
  v.field("step", p.step, {.min = 1e-12}, "between values");
}

template <class V>
void describe(LogRangeJson& p, V& v) {
  v.field("from", p.from, {.min = 1e-300, .required = true}, "first value");
  v.field("to", p.to, {.min = 1e-300, .required = true}, "last value, if a step ends there");
  v.field("factor", p.factor, {.min = 1.0001}, "between values");
}

template <class V>
void describe_axis(AxisJson& p, V& v) {
  v.field("name", p.name, {.max = 100},
          "in results and constraints: letters, digits and _; by default the last part of the pointer");
  v.field("at", p.at, {.max = 1000},
          "JSON pointer into the inputs: /accelerator/..., /scheme/..., /workload/..., or a whole one");
  v.raw("values", p.values, "values of the axis");
  v.object("range", p.range, "numbers a step apart");
  v.object("log_range", p.log_range, "numbers a factor apart");
}

/// An axis of a zip has none itself.
struct ZippedAxisJson : AxisJson {};
template <class V>
void describe(ZippedAxisJson& p, V& v) {
  describe_axis(p, v);
}

struct TopAxisJson : AxisJson {
  std::vector<ZippedAxisJson> zipped;
};
template <class V>
void describe(TopAxisJson& p, V& v) {
  describe_axis(p, v);
  v.list("zip", p.zipped, "instead: axes of equal length that move together");
}

struct SweepFile {
  SpecJson spec;
  std::vector<TopAxisJson> axes;
};

template <class V>
void describe(SweepBase& p, V& v) {
  v.field("workload", p.workload, {.min = 1}, "name or file");
  v.field("accelerator", p.accelerator, {.min = 1}, "name or file");
  v.field("scheme", p.scheme, {.min = 1}, "name or file");
  v.field("technology", p.technology, {.min = 1}, "name or file");
  v.field("grid", p.grid, {.min = 1}, "region, or g CO2e/kWh");
  v.field("pue", p.pue, "facility energy over IT energy; the default of the data if it is not given");
  v.field("run", p.run, "training run; the usual one of the network's family if it is not given");
  v.field("batch", p.batch, {.max = 1U << 24U}, "samples of a micro-batch; 0, the default: the network's own");
  v.field("micro_batches", p.micro_batches, {.min = 1, .max = 1U << 24U}, "per iteration");
  v.field("mapping", p.mapping, {.min = 1}, "heuristic, or auto: searched for every pass");
  v.field("objective", p.objective, {.min = 1}, "what the search of mappings minimises: cycles, energy or edp");
  v.field("mapper_budget", p.mapper_budget, {.min = 1, .max = 1U << 24U}, "mappings that it simulates per pass");
}

template <class V>
void describe(SamplingJson& p, V& v) {
  v.field("samples", p.samples, {.min = 1, .required = true}, "designs, each of the grid's at most once");
  v.field("seed", p.seed, "of the choice");
}

template <class V>
void describe(SearchJson& p, V& v) {
  v.values("objectives", p.search.objectives, {.required = true, .min_items = 2, .max_items = 3},
           "metrics or axes: the front of these is searched");
  v.field("evaluations", p.search.evaluations, {.min = 1, .max = 1U << 24U, .required = true},
          "designs that are evaluated at most");
  v.field("population", p.search.population, {.min = 4, .max = 10000}, "designs of a generation");
  v.field("seed", p.search.seed, "of the search");
}

template <class V>
void describe(SweepFile& p, V& v) {
  v.tag("schema", "lnsim.sweep/1", "kind of file");
  v.field("name", p.spec.name, {.min = 1, .max = 200, .required = true}, "name");
  v.field("description", p.spec.description, {.max = 10000}, "what it asks");
  v.object("base", p.spec.base, "inputs of all designs");
  v.list("axes", p.axes, {.min = 1, .required = true}, "what is varied; the first is the slowest");
  v.values("constraints", p.spec.constraints, "conditions over axes and metrics, such as area_mm2 <= 5");
  v.object("random", p.spec.random, "a random part of the grid instead of all of it");
  v.object("search", p.spec.search, "a search for the best designs of the grid (NSGA-II) instead of all of it");
}

namespace {

/// A whole number stays one: fields of counts take no 8.0.
Json number_json(double value) {
  constexpr double kExact = 9007199254740992.0;
  if (value == std::floor(value) && std::fabs(value) <= kExact) {
    return value >= 0 ? Json(static_cast<std::uint64_t>(value)) : Json(static_cast<std::int64_t>(value));
  }
  return value;
}

/// Values a step apart, with room for the rounding of the last.
template <class Value>
std::vector<Json> values_of(double to, const Value& value_of) {
  constexpr double kRoom = 1e-9;
  std::vector<Json> values;
  for (std::uint64_t i = 0; i <= kMostValues; ++i) {
    const double value = value_of(static_cast<double>(i));
    if (value > to + kRoom * std::fabs(to)) break;
    values.push_back(number_json(value));
  }
  return values;
}

bool is_name(const std::string& text) {
  const auto fits = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9');
  };
  return !text.empty() && !(text[0] >= '0' && text[0] <= '9') && std::all_of(text.begin(), text.end(), fits);
}

SweepAxis read_axis(const AxisJson& json, const std::string& pointer, Problems& problems) {
  const std::string where = pointer;
  SweepAxis axis;
  axis.pointer = json.at;
  axis.name = json.name.empty() ? json.at.substr(json.at.rfind('/') + 1) : json.name;
  const int given = (json.values.is_null() ? 0 : 1) + (json.range ? 1 : 0) + (json.log_range ? 1 : 0);
  if (json.at.size() < 2 || json.at[0] != '/') {
    problems.add(where + "/at", brief_json(Json(json.at)), "a JSON pointer such as /accelerator/pe/lanes");
  }
  if (!is_name(axis.name)) problems.add(where + "/name", brief_json(Json(axis.name)), "letters, digits and _");
  if (given != 1) problems.add(where, std::to_string(given) + " of them", "one of values, range and log_range");
  if (json.values.is_array()) axis.values.assign(json.values.begin(), json.values.end());
  if (!json.values.is_null() && (!json.values.is_array() || json.values.empty() || json.values.size() > kMostValues)) {
    problems.add(where + "/values", brief_json(json.values), "an array of 1 to " + std::to_string(kMostValues));
  }
  if (const auto& range = json.range) {
    axis.values = values_of(range->to, [&](double i) { return range->from + i * range->step; });
  } else if (const auto& log = json.log_range) {
    axis.values = values_of(log->to, [&](double i) { return log->from * std::pow(log->factor, i); });
  }
  if (given == 1 && (axis.values.empty() || axis.values.size() > kMostValues) && json.values.is_null()) {
    problems.add(where, std::to_string(axis.values.size()) + " values", "1 to " + std::to_string(kMostValues));
  }
  return axis;
}

void check_names(const SweepSpec& spec, const std::vector<std::string>& metrics, Problems& problems) {
  std::vector<std::string> known = spec.axis_names();
  for (std::size_t i = 0; i < known.size(); ++i) {
    const bool twice = std::count(known.begin(), known.end(), known[i]) > 1;
    const bool metric = std::find(metrics.begin(), metrics.end(), known[i]) != metrics.end();
    if (twice || metric) {
      problems.add("/axes", brief_json(Json(known[i])), metric ? "a name that no metric has" : "names that differ");
      return;
    }
  }
  known.insert(known.end(), metrics.begin(), metrics.end());
  const std::vector<std::string_view> words(known.begin(), known.end());
  for (std::size_t i = 0; spec.search && i < spec.search->objectives.size(); ++i) {
    const std::string& name = spec.search->objectives[i];
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    problems.add(pointer_to("/search/objectives", i), brief_json(Json(name)), suggestion(name, words));
  }
  for (std::size_t i = 0; i < spec.constraints.size(); ++i) {
    for (const std::string& name : spec.constraints[i].names()) {
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      problems.add(pointer_to("/constraints", i), brief_json(Json(name)), suggestion(name, words));
    }
  }
}

}  // namespace

SweepSpec read_sweep(const Document& document, const std::vector<std::string>& metrics) {
  const auto file = read_object<SweepFile>(document);
  Problems problems(document.file);
  SweepSpec spec;
  spec.name = file.spec.name;
  spec.description = file.spec.description;
  spec.base = file.spec.base;
  spec.samples = file.spec.random.samples;
  spec.seed = file.spec.random.seed;
  if (file.spec.search) spec.search = file.spec.search->search;
  for (std::size_t i = 0; i < file.axes.size(); ++i) {
    const std::string pointer = pointer_to("/axes", i);
    const TopAxisJson& json = file.axes[i];
    SweepAxes& axes = spec.axes.emplace_back();
    if (json.zipped.empty()) {
      axes.zipped.push_back(read_axis(json, pointer, problems));
      continue;
    }
    for (std::size_t j = 0; j < json.zipped.size(); ++j) {
      axes.zipped.push_back(read_axis(json.zipped[j], pointer_to(pointer + "/zip", j), problems));
      if (axes.zipped[j].values.size() != axes.size()) {
        problems.add(pointer_to(pointer + "/zip", j), std::to_string(axes.zipped[j].values.size()) + " values",
                     std::to_string(axes.size()) + ", as the first axis of the zip");
      }
    }
  }
  for (std::size_t i = 0; i < file.spec.constraints.size(); ++i) {
    try {
      spec.constraints.emplace_back(file.spec.constraints[i]);
    } catch (const std::invalid_argument& error) {
      problems.add(pointer_to("/constraints", i), file.spec.constraints[i], error.what());
    }
  }
  problems.throw_if_any();
  check_names(spec, metrics, problems);
  std::uint64_t size = 1;
  for (const SweepAxes& axes : spec.axes) {
    if (axes.size() > kMostDesigns / size) {
      problems.add("/axes", "more than 2^40 designs", "fewer values");
      break;
    }
    size *= axes.size();
  }
  if (spec.search && spec.samples != 0) problems.add("/search", "beside random", "one of the two");
  if (spec.samples > size) {
    problems.add("/random/samples", std::to_string(spec.samples), "at most the grid's " + std::to_string(size));
  }
  problems.throw_if_any();
  return spec;
}

Json sweep_schema() { return schema_of<SweepFile>("lnsim sweep"); }

std::uint64_t SweepSpec::grid_size() const {
  std::uint64_t size = 1;
  for (const SweepAxes& group : axes) size *= group.size();
  return size;
}

std::uint64_t SweepSpec::size() const { return samples == 0 ? grid_size() : samples; }

std::uint64_t SweepSpec::place(std::uint64_t number) const {
  if (samples == 0) return number;
  // A random permutation of the grid that is computed place by place: a Feistel network over the next power of four,
  // walked until it hits the grid (Black and Rogaway 2002).
  const std::uint64_t size = grid_size();
  unsigned half = 1;
  while ((std::uint64_t{1} << (2 * half)) < size) ++half;
  const std::uint64_t mask = (std::uint64_t{1} << half) - 1;
  std::uint64_t place = number;
  do {
    std::uint64_t left = place >> half;
    std::uint64_t right = place & mask;
    constexpr unsigned kRounds = 6;
    for (unsigned round = 0; round < kRounds; ++round) {
      const std::uint64_t mixed =
          SplitMix64(seed ^ (right * 0x9E3779B97F4A7C15ULL) ^ (std::uint64_t{round} << 56U)).next();
      const std::uint64_t next = left ^ (mixed & mask);
      left = right;
      right = next;
    }
    place = left << half | right;
  } while (place >= size);
  return place;
}

std::vector<Json> SweepSpec::values_at(std::uint64_t place) const {
  std::vector<std::uint64_t> indices(axes.size());
  for (std::size_t i = axes.size(); i-- > 0;) {
    indices[i] = place % axes[i].size();
    place /= axes[i].size();
  }
  std::vector<Json> values;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    for (const SweepAxis& axis : axes[i].zipped) values.push_back(axis.values[indices[i]]);
  }
  return values;
}

bool SweepSpec::allows(const std::vector<Json>& values) const {
  const std::vector<std::string> names = axis_names();
  const auto index_of = [&](const std::string& axis) {
    return static_cast<std::size_t>(std::find(names.begin(), names.end(), axis) - names.begin());
  };
  for (const Expression& constraint : constraints) {
    const auto& used = constraint.names();
    const auto is_metric = [&](const std::string& used_name) { return index_of(used_name) == names.size(); };
    if (std::any_of(used.begin(), used.end(), is_metric)) continue;
    const double value = constraint.value([&](const std::string& axis) {
      const Json& given = values[index_of(axis)];
      return given.is_number() ? given.get<double>() : std::nan("");
    });
    if (value == 0.0) return false;
  }
  return true;
}

std::vector<std::string> SweepSpec::axis_names() const {
  std::vector<std::string> names;
  for (const SweepAxes& group : axes) {
    for (const SweepAxis& axis : group.zipped) names.push_back(axis.name);
  }
  return names;
}

std::vector<std::string> SweepSpec::axis_pointers() const {
  std::vector<std::string> pointers;
  for (const SweepAxes& group : axes) {
    for (const SweepAxis& axis : group.zipped) pointers.push_back(axis.pointer);
  }
  return pointers;
}

}  // namespace lnsim
