// SPDX-License-Identifier: Apache-2.0
// The JSON form of a case. Layers and machines are written as workload and accelerator files write them, the pin as the
// rule of a mapping file.
#include <array>
#include <utility>

#include "sim/support/describe.hpp"
#include "sim/workload/layer_describe.hpp"
#include "tests/support/pass_case.hpp"

namespace lnsim::test {
namespace {

struct CaseFields {
  PassCase made;
  Json layer = Json::object();
  Json mapping = Json::object();
  Json accelerator = Json::object();
};

template <class V>
void describe(CaseFields& f, V& v) {
  v.tag("schema", "lnsim.case/1", "kind of file");
  v.field("about", f.made.about, "where it comes from");
  v.field("scheme", f.made.scheme, "a shipped scheme");
  v.field("two_pass", f.made.two_pass, "two-pass scales");
  v.field("family", f.made.family, "cnn or transformer");
  v.field("clock_hz", f.made.clock_hz, {.min = 1, .max = 1e10}, "clock");
  v.field("batch", f.made.batch, {.min = 1, .max = 1 << 20}, "samples");
  v.field("micro_batches", f.made.micro_batches, {.min = 1, .max = 1 << 20}, "micro-batches of an update");
  v.field("pass", f.made.pass, {.required = true}, "pass, bias_grad or gradient_add");
  v.field("statistics", f.made.statistics, "channel statistics in the PPU");
  v.field("gradients", f.made.gradients, {.min = 2, .max = 1 << 20}, "gradients of a gradient_add");
  v.raw("layer", f.layer, {.required = true}, "one member, named as the layer's type");
  v.raw("mapping", f.mapping, "the pin, as a rule of a mapping file");
  v.raw("accelerator", f.accelerator, {.required = true}, "the machine");
}

MappingPin read_pin(const Json& json, const std::string& file) {
  const Json rules = {{"schema", "lnsim.mapping/1"}, {"gemms", Json::array({json})}};
  return read_mapping({file, rules}).front().pin;
}

template <std::size_t... kTypes>
LayerOp read_layer(const Json& json, const std::string& file, std::index_sequence<kTypes...> /*types*/) {
  LayerOp layer;
  const std::string key = json.is_object() && json.size() == 1 ? json.items().begin().key() : std::string();
  const auto read = [&]<class Op>(const Op& named) {
    if (key != type_name(named)) return false;
    layer = read_object<Op>(json.at(key), file, "/layer/" + key);
    return true;
  };
  if (!(read(std::variant_alternative_t<kTypes, LayerOp>{}) || ...)) {
    throw InputError(file, "/layer", brief_json(json), "one layer type, such as \"conv2d\": {...}");
  }
  return layer;
}

}  // namespace

Json write_case(const PassCase& made) {
  CaseFields fields;
  fields.made = made;
  fields.layer = Json::object();
  const std::string type(type_name(made.layer));
  std::visit([&](const auto& op) { fields.layer[type] = write_object(op); }, made.layer);
  fields.mapping = write_pin(made.pin);
  fields.accelerator = write_accelerator(made.accelerator);
  return write_object(fields);
}

PassCase read_case(const Document& document) {
  auto fields = read_object<CaseFields>(document);
  fields.made.layer = read_layer(fields.layer, document.file, std::make_index_sequence<std::variant_size_v<LayerOp>>{});
  fields.made.pin = read_pin(fields.mapping, document.file);
  fields.made.accelerator = read_accelerator({document.file, fields.accelerator});
  return fields.made;
}

}  // namespace lnsim::test
