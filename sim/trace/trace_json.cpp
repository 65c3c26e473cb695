// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/trace_json.hpp"

#include <array>
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

/// The value as an object; anything else is an error at `pointer`.
const Json& object_at(const Json& json, const std::string& file, const std::string& pointer) {
  if (!json.is_object()) throw InputError(file, pointer, brief_json(json), "an object");
  return json;
}

/// The value as a count; where it is none, an error at pointer/group/name.
std::uint64_t count_at(const Json& json, const std::string& file, const std::string& pointer, const std::string& group,
                       const std::string& name) {
  const bool whole = json.is_number_unsigned() || (json.is_number_integer() && json.get<std::int64_t>() >= 0);
  if (!whole) {
    throw InputError(file, pointer_to(pointer_to(pointer, group), name), brief_json(json), "a whole number >= 0");
  }
  return json.get<std::uint64_t>();
}

/// Index in the table. Files name the actions in its order, so the search begins at `hint`.
std::size_t find_action(const std::string& component, const std::string& action, std::size_t hint,
                        const std::string& file, const std::string& pointer) {
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

Counts read_counts(const Json& json, const std::string& file, const std::string& pointer) {
  Counts counts;
  std::size_t next = 0;
  for (const auto& [component, actions] : object_at(json, file, pointer).items()) {
    if (!actions.is_object()) (void)object_at(actions, file, pointer_to(pointer, component));
    for (const auto& [action, value] : actions.items()) {
      const std::size_t index = find_action(component, action, next, file, pointer);
      counts[static_cast<Action>(index)] = count_at(value, file, pointer, component, action);
      next = index + 1;
    }
  }
  return counts;
}

void read_stalls(TraceEntry& entry, const Json& json, const std::string& file, const std::string& pointer) {
  for (const auto& [module, causes] : object_at(json, file, pointer).items()) {
    if (!causes.is_object()) (void)object_at(causes, file, pointer_to(pointer, module));
    // Files have them in the order of the map: at its end each time.
    auto& cycles = entry.stalls.try_emplace(entry.stalls.end(), module)->second;
    for (const auto& [cause, n] : causes.items()) {
      cycles.insert_or_assign(cycles.end(), cause, count_at(n, file, pointer, module, cause));
    }
  }
}

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

TraceEntry read_entry(Json json, const std::string& file, const std::string& pointer) {
  // The large parts are read where they lie; the described struct sees that they are there.
  const auto take = [&](const char* name) {
    Json taken;
    if (json.is_object()) {
      if (const auto at = json.find(name); at != json.end()) taken = std::exchange(*at, Json());
    }
    return taken;
  };
  Json mappings = take("mapping");
  const Json stalls = take("stalls");
  const Json counts = take("counts");
  auto lying = read_object<EntryFile>(json, file, pointer);
  TraceEntry entry = std::move(lying.entry);
  entry.pass = find_pass(lying.pass, file, pointer + "/pass");
  if (!mappings.is_null()) {
    if (!mappings.is_array()) throw InputError(file, pointer + "/mapping", brief_json(mappings), "an array");
    entry.mappings = std::move(mappings.get_ref<Json::array_t&>());
  }
  if (!stalls.is_null()) read_stalls(entry, stalls, file, pointer + "/stalls");
  entry.counts = read_counts(counts, file, pointer + "/counts");
  return entry;
}

}  // namespace lnsim
