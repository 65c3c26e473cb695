// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/trace_file.hpp"

#include <optional>
#include <utility>
#include <vector>

#include "sim/support/describe.hpp"
#include "sim/trace/trace_json.hpp"

namespace lnsim {
namespace {

constexpr double kMostSamples = 1U << 24U;

struct ConfigFile {
  Trace trace;
  Json accelerator, scheme;
};

struct TraceFile {
  Trace trace;
  ConfigFile config;
  std::string accelerator, scheme;
  Json layers;
};

}  // namespace

template <class V>
void describe(NamedTensor& p, V& v) {
  v.field("name", p.name, "tensor");
  v.field("role", p.role, "what it is to a training step");
  v.field("elements", p.elements, "of one copy");
}

template <class V>
void describe(FootprintElements& p, V& v) {
  v.field("parameter_count", p.parameter_count, "trainable elements of the network");
  v.field("weights", p.weights, "trained, in the weight format");
  v.field("parameters", p.parameters, "trained, FP32");
  v.field("running_statistics", p.running_statistics, "FP32");
  v.field("head_weights", p.head_weights, "stored, not trained");
  v.field("head_parameters", p.head_parameters, "stored, not trained, FP32");
  v.field("saved_activations", p.saved_activations, "kept for the backward pass, in the activation format");
  v.field("saved_parameters", p.saved_parameters, "statistics kept for the backward pass, FP32");
  v.field("saved_bits", p.saved_bits, "masks and indices");
  v.field("peak_gradients", p.peak_gradients, "most gradients of activations at one time");
  v.object("largest_saved", p.largest_saved, "largest tensor kept for the backward pass");
  v.object("largest_gradient", p.largest_gradient, "largest gradient of activations");
  v.object("largest_weight", p.largest_weight, "largest weight tensor");
}

template <class V>
void describe(ConfigFile& p, V& v) {
  v.field("family", p.trace.family, {.required = true}, "cnn or transformer: decides the optimizer");
  v.field("clock_hz", p.trace.clock_hz, {.min = 1, .max = 1e12, .required = true, .unit = "Hz"}, "core clock");
  v.values("passes", p.trace.passes, "passes simulated");
  v.values("layers", p.trace.layers, "layers simulated: names or patterns; empty is all");
  v.field("data", p.trace.data, "whether real codes were moved and checked");
  v.field("seed", p.trace.seed, "of the synthetic operands");
  v.object("footprint_elements", p.trace.footprint, {.required = true}, "what a training step keeps in DRAM");
  v.raw("accelerator", p.accelerator, {.required = true}, "the machine");
  v.raw("scheme", p.scheme, {.required = true}, "number formats and optimizer");
  v.raw("mapping", p.trace.mapping, "mapping rules; absent: the heuristic");
  v.raw("workload", p.trace.network, "the network");
}

template <class V>
void describe(TraceFile& p, V& v) {
  v.tag("schema", "lnsim.trace/1", "kind of file");
  v.field("workload", p.trace.workload, {.required = true}, "name of the network");
  v.field("accelerator", p.accelerator, "name of the machine");
  v.field("scheme", p.scheme, "name of the scheme");
  v.field("engine", p.trace.engine, "simulator");
  v.field("batch", p.trace.batch, {.min = 1, .max = kMostSamples, .required = true}, "samples of a micro-batch");
  v.field("micro_batches", p.trace.micro_batches, {.min = 1, .max = kMostSamples, .required = true}, "per iteration");
  v.field("version", p.trace.version, "of the program");
  v.object("config", p.config, {.required = true}, "resolved inputs");
  v.raw("layers", p.layers, {.required = true}, "one entry per layer and pass, in execution order");
}

void check(const ConfigFile& p, Problems& problems) {
  if (p.trace.family != "cnn" && p.trace.family != "transformer") {
    problems.add("/family", brief_json(Json(p.trace.family)), "\"cnn\" or \"transformer\"");
  }
}

namespace {

ConfigFile config_of(const Trace& trace) {
  ConfigFile config;
  config.trace = trace;
  config.trace.entries.clear();
  config.accelerator = write_accelerator(trace.accelerator);
  config.scheme = write_scheme(trace.scheme);
  return config;
}

}  // namespace

Json write_trace_config(const Trace& trace) { return write_object(config_of(trace)); }

Json write_trace(const Trace& trace) {
  TraceFile file;
  file.config = config_of(trace);
  file.trace = file.config.trace;
  file.accelerator = trace.accelerator.name;
  file.scheme = trace.scheme.name;
  file.layers = Json::array();
  for (const TraceEntry& entry : trace.entries) file.layers.push_back(write_entry(entry, false));
  return write_object(file);
}

Json trace_schema() {
  Json schema = schema_of<TraceFile>("lnsim trace");
  schema["properties"]["layers"] = {{"type", "array"},
                                    {"items", entry_schema()},
                                    {"description", "one entry per layer and pass, in execution order"}};
  const auto embed = [&](const char* name, Json embedded) {
    embedded.erase("$schema");
    schema["properties"]["config"]["properties"][name] = std::move(embedded);
  };
  embed("accelerator", accelerator_schema());
  embed("scheme", scheme_schema());
  return schema;
}

namespace {

/// All but the entries.
Trace read_head(const Document& document) {
  auto file = read_object<TraceFile>(document);
  Trace trace = std::move(file.config.trace);
  trace.workload = std::move(file.trace.workload);
  trace.engine = std::move(file.trace.engine);
  trace.version = std::move(file.trace.version);
  trace.batch = file.trace.batch;
  trace.micro_batches = file.trace.micro_batches;
  // The readers of these files speak of pointers from their own root.
  trace.accelerator = read_accelerator({document.file + ": /config/accelerator", file.config.accelerator});
  trace.scheme = read_scheme({document.file + ": /config/scheme", file.config.scheme});
  return trace;
}

}  // namespace

Trace read_trace(Document document) {
  // The entries are nearly all of the file: taken out, not copied.
  Json layers;
  if (document.root.is_object()) {
    if (const auto at = document.root.find("layers"); at != document.root.end()) layers = std::exchange(*at, Json());
  }
  Trace trace = read_head(document);
  if (!layers.is_array()) throw InputError(document.file, "/layers", brief_json(layers), "an array");
  trace.entries.reserve(layers.size());
  for (std::size_t i = 0; i < layers.size(); ++i) {
    trace.entries.push_back(read_entry(std::move(layers[i]), document.file, pointer_to("/layers", i)));
  }
  return trace;
}

namespace {

/// The trace where the text lies; nothing if it is no object.
std::optional<Trace> read_trace(const JsonView& root, const std::string& file) {
  if (!root.is_object()) return std::nullopt;
  Document head{file, Json::object()};
  auto& members = head.root.get_ref<Json::object_t&>();
  std::vector<TraceEntry> entries;
  bool list = false;
  root.members([&](std::string_view key, const JsonView& value) {
    if (key != "layers") {
      members.emplace_back(std::string(key), value.json());
      return;
    }
    members.emplace_back(std::string(key), Json::array());
    list = value.is_array();
    if (!list) return;
    entries.reserve(value.size());
    value.items([&](const JsonView& entry) {
      entries.push_back(read_entry(entry, file, pointer_to("/layers", entries.size())));
    });
  });
  if (!list) return std::nullopt;
  Trace trace = read_head(head);
  trace.entries = std::move(entries);
  return trace;
}

}  // namespace

Trace read_trace_file(const std::filesystem::path& path) {
  try {
    if (const auto sound = read_sound_json(path)) {
      if (auto trace = read_trace(sound->root(), path.string())) return std::move(*trace);
    }
  } catch (const UnsoundJson&) {
  } catch (const InputError&) {
  }
  // Read again as a whole, for the message: a wrong kind of file is named before what is wrong in its entries.
  return read_trace(read_json_file(path));
}

}  // namespace lnsim
