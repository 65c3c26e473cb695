// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/trace_json.hpp"

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "sim/support/describe.hpp"
#include "sim/support/text.hpp"

namespace lnsim {
namespace {

constexpr std::array kPasses{PassKind::kForward,    PassKind::kInputGrad,  PassKind::kInputGradA,
                             PassKind::kInputGradB, PassKind::kWeightGrad, PassKind::kGradientAccumulate,
                             PassKind::kUpdate};

/// An entry as it lies in the file; names are resolved afterwards.
struct EntryFile {
  TraceEntry entry;
  std::string pass;
  Json mappings, stalls, counts;
};

// The large parts of an entry are read from a Json or from where the text lies.
Json json_of(const Json& json) { return json; }
Json json_of(const JsonView& json) { return json.json(); }

std::optional<std::uint64_t> count_of(const Json& json) {
  const bool whole = json.is_number_unsigned() || (json.is_number_integer() && json.get<std::int64_t>() >= 0);
  return whole ? std::optional(json.get<std::uint64_t>()) : std::nullopt;
}
std::optional<std::uint64_t> count_of(const JsonView& json) { return json.count(); }

template <class F>
void each_member(const Json& json, F&& member) {
  for (const auto& [key, value] : json.items()) member(key, value);
}
template <class F>
void each_member(const JsonView& json, F&& member) {
  json.members(member);
}

/// Reads {"<outer>": {"<inner>": count}}: calls outer(key) for each of the outer objects and inner(key, key, count) for
/// each count in it. Anything else is an error at its place under `pointer`.
template <class Value, class Outer, class Inner>
void read_table(const Value& json, const std::string& file, const std::string& pointer, Outer&& outer, Inner&& inner) {
  if (!json.is_object()) throw InputError(file, pointer, brief_json(json_of(json)), "an object");
  each_member(json, [&](std::string_view row, const Value& cells) {
    if (!cells.is_object()) throw InputError(file, pointer_to(pointer, row), brief_json(json_of(cells)), "an object");
    outer(row);
    each_member(cells, [&](std::string_view name, const Value& cell) {
      const auto count = count_of(cell);
      if (!count) {
        throw InputError(file, pointer_to(pointer_to(pointer, row), name), brief_json(json_of(cell)),
                         "a whole number >= 0");
      }
      inner(row, name, *count);
    });
  });
}

/// Index in the table. Files name the actions in its order, so the search begins at `hint`.
std::size_t find_action(std::string_view component, std::string_view action, std::size_t hint, const std::string& file,
                        const std::string& pointer) {
  const auto& table = action_table();
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::size_t at = (hint + i) % table.size();
    if (table[at].action == action && table[at].component == component) return at;
  }
  std::vector<std::string_view> known;
  for (const ActionInfo& info : table) known.push_back(info.component == component ? info.action : info.component);
  throw InputError(file, pointer_to(pointer_to(pointer, component), action), "no such action",
                   suggestion(action, known));
}

template <class Value>
Counts read_counts(const Value& json, const std::string& file, const std::string& pointer) {
  Counts counts;
  std::size_t next = 0;
  read_table(
      json, file, pointer, [](std::string_view) {},
      [&](std::string_view component, std::string_view action, std::uint64_t count) {
        const std::size_t index = find_action(component, action, next, file, pointer);
        counts[static_cast<Action>(index)] = count;
        next = index + 1;
      });
  return counts;
}

template <class Value>
auto read_stalls(const Value& json, const std::string& file, const std::string& pointer) {
  decltype(TraceEntry::stalls) stalls;
  std::map<std::string, std::uint64_t>* causes = nullptr;
  // Files have both in the order of the maps: each goes to the end.
  read_table(
      json, file, pointer,
      [&](std::string_view module) { causes = &stalls.try_emplace(stalls.end(), std::string(module))->second; },
      [&](std::string_view, std::string_view cause, std::uint64_t cycles) {
        causes->insert_or_assign(causes->end(), std::string(cause), cycles);
      });
  return stalls;
}

/// An entry taken apart: its large parts, and the others as the described struct reads them.
template <class Value>
struct EntryParts {
  Json rest;  ///< the large parts are null in it
  Json mappings;
  std::optional<Value> stalls, counts;
};

}  // namespace

template <class V>
void describe(GemmShape& p, V& v) {
  v.field("m", p.m, {.min = 1, .required = true}, "rows of the first operand");
  v.field("n", p.n, {.min = 1, .required = true}, "rows of the second operand");
  v.field("k", p.k, {.min = 1, .required = true}, "elements of a row");
  v.field("groups", p.groups, {.min = 1}, "GEMMs of this shape: groups of a convolution, batch of a matmul");
  v.field("repeat", p.repeat, {.min = 1}, "phases of equal shape");
}

template <class V>
void describe(PassFormats& p, V& v) {
  v.field("a", p.a, "of the machine's operand A");
  v.field("b", p.b, "of the machine's operand B");
  v.field("out", p.out, "of the outputs");
}

template <class V>
void describe(Toggles& p, V& v) {
  v.field("bits", p.bits, {.required = true, .unit = "bits"}, "written");
  v.field("changed", p.changed, {.required = true, .unit = "bits"}, "of them that changed");
}

template <class V>
void describe(DataActivity& p, V& v) {
  v.object("operand_a", p.operand_a, "loads of the lanes' A registers");
  v.object("operand_b", p.operand_b, "rows in the B register");
  v.object("products", p.products, "B codes at the multipliers; where the A element is zero no change counts");
  v.object("tree", p.tree, "sums of a group, lane by lane; fixed accumulators only");
  v.object("accumulator", p.accumulator, "partial sums over what the same output held");
  v.field("macs", p.macs, "useful multiply-accumulates");
  v.field("zero_operand_a", p.zero_operand_a, "of them with operand A zero");
  v.field("zero_operand_b", p.zero_operand_b, "of them with operand B zero");
  v.field("zero_products", p.zero_products, "of them with either");
}

template <class V>
void describe(DataChecks& p, V& v) {
  v.field("outputs", p.outputs, {.required = true}, "codes compared with the numerics library");
  v.field("saturations", p.saturations, {.required = true}, "accumulator updates that saturated");
  v.field("clipped", p.clipped, {.required = true}, "output codes that were clipped");
  v.object("activity", p.activity, "what the operands did to the datapath's registers");
}

template <class V>
void describe(EntryFile& p, V& v) {
  TraceEntry& e = p.entry;
  v.field("name", e.layer, {.required = true}, "layer");
  v.field("pass", p.pass, {.required = true}, "pass of the layer");
  v.field("type", e.type, {}, "layer type");
  v.field("repeat", e.repeat, {.min = 1}, "executions per iteration");
  v.list("gemms", e.gemms, "shapes");
  v.object("formats", e.formats, "number formats of operands and outputs");
  v.raw("mapping", p.mappings, "mapping of each GEMM");
  v.field("cycles", e.cycles, {.required = true, .unit = "cycles"}, "of one execution");
  v.raw("stalls", p.stalls, "module -> cause -> cycles");
  v.field("bound_by", e.bound_by, "the largest bound");
  v.map("bounds_cycles", e.bounds_cycles, "least cycles of each resource alone");
  v.field("compulsory_dram_bytes", e.compulsory_dram_bytes, {.unit = "bytes"},
          "DRAM bytes of any schedule: every element that is read or written, once; 0: not known");
  v.field("macs", e.macs, "useful multiply-accumulates");
  v.field("issued_macs", e.issued_macs, "multiply-accumulates issued");
  v.raw("counts", p.counts, {.required = true}, "component -> action -> count");
  v.object("data", e.data, "checks of a run with data");
}

PassKind find_pass(const std::string& name, const std::string& file, const std::string& pointer) {
  std::vector<std::string_view> names;
  for (const PassKind kind : kPasses) {
    if (pass_name(kind) == name) return kind;
    names.push_back(pass_name(kind));
  }
  throw InputError(file, pointer, brief_json(Json(name)), suggestion(name, names));
}

Json entry_schema() {
  const Json count{{"type", "integer"}, {"minimum", 0}};
  const Json counts{{"type", "object"}, {"additionalProperties", count}};
  Json schema = schema_of<EntryFile>("entry");
  schema.erase("$schema");
  schema.erase("title");
  Json& fields = schema["properties"];
  Json names = Json::array();
  for (const PassKind kind : kPasses) names.push_back(pass_name(kind));
  fields["pass"] = {{"enum", std::move(names)}, {"description", "pass of the layer"}};
  fields["mapping"] = {{"type", "array"}, {"description", "mapping of each GEMM"}};
  fields["stalls"] = {{"type", "object"},
                      {"additionalProperties", counts},
                      {"description", "module -> cause -> cycles; \"busy\" is one of the causes"}};
  Json actions = Json::object();
  for (const ActionInfo& info : action_table()) {
    Json& component = actions[std::string(info.component)];
    if (component.is_null()) component = {{"type", "object"}, {"properties", Json::object()}};
    component["properties"][std::string(info.action)] = count;
    component["properties"][std::string(info.action)]["description"] = info.text;
    component["additionalProperties"] = false;
  }
  fields["counts"] = {{"type", "object"},
                      {"properties", std::move(actions)},
                      {"additionalProperties", false},
                      {"description", "component -> action -> count; what is left out is 0"}};
  return schema;
}

Json write_counts(const Counts& counts, bool zeros) {
  Json json = Json::object();
  for (std::size_t i = 0; i < action_table().size(); ++i) {
    const ActionInfo& info = action_table()[i];
    if (!zeros && counts[static_cast<Action>(i)] == 0) continue;
    json[std::string(info.component)][std::string(info.action)] = counts[static_cast<Action>(i)];
  }
  return json;
}

Json write_gemms(const std::vector<GemmShape>& gemms) {
  Json json = Json::array();
  for (const GemmShape& gemm : gemms) json.push_back(write_object(gemm));
  return json;
}

Json write_entry(const TraceEntry& entry, bool zeros) {
  EntryFile file;
  file.entry = entry;
  file.pass = pass_name(entry.pass);
  if (!entry.mappings.empty()) file.mappings = Json(entry.mappings);
  file.stalls = Json::object();
  for (const auto& [module, causes] : entry.stalls) {
    Json& cycles = file.stalls[module] = Json::object();
    for (const auto& [cause, n] : causes) cycles[cause] = n;
  }
  file.counts = write_counts(entry.counts, zeros);
  return write_object(file);
}

namespace {

template <class Value>
TraceEntry assemble(EntryParts<Value> parts, const std::string& file, const std::string& pointer) {
  auto lying = read_object<EntryFile>(parts.rest, file, pointer);
  TraceEntry entry = std::move(lying.entry);
  entry.pass = find_pass(lying.pass, file, pointer + "/pass");
  if (!parts.mappings.is_null()) {
    if (!parts.mappings.is_array()) {
      throw InputError(file, pointer + "/mapping", brief_json(parts.mappings), "an array");
    }
    entry.mappings = std::move(parts.mappings.template get_ref<Json::array_t&>());
  }
  if (parts.stalls) entry.stalls = read_stalls(*parts.stalls, file, pointer + "/stalls");
  entry.counts = read_counts(*parts.counts, file, pointer + "/counts");
  return entry;
}

}  // namespace

TraceEntry read_entry(Json json, const std::string& file, const std::string& pointer) {
  EntryParts<Json> parts;
  const auto take = [&](const char* name) {
    std::optional<Json> taken;
    if (json.is_object()) {
      if (const auto at = json.find(name); at != json.end()) taken = std::exchange(*at, Json());
    }
    return taken;
  };
  parts.mappings = take("mapping").value_or(Json());
  parts.stalls = take("stalls");
  parts.counts = take("counts");
  parts.rest = std::move(json);
  return assemble(std::move(parts), file, pointer);
}

TraceEntry read_entry(const JsonView& json, const std::string& file, const std::string& pointer) {
  EntryParts<JsonView> parts;
  if (!json.is_object()) {
    parts.rest = json.json();
  } else {
    parts.rest = Json::object();
    auto& rest = parts.rest.get_ref<Json::object_t&>();
    json.members([&](std::string_view key, const JsonView& value) {
      const bool large = key == "mapping" || key == "stalls" || key == "counts";
      rest.emplace_back(std::string(key), large ? Json() : value.json());
      if (key == "mapping") parts.mappings = value.json();
      if (key == "stalls") parts.stalls = value;
      if (key == "counts") parts.counts = value;
    });
  }
  return assemble(std::move(parts), file, pointer);
}

}  // namespace lnsim
