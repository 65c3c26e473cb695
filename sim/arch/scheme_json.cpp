// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string>
#include <utility>

#include "sim/arch/dot_product_json.hpp"
#include "sim/arch/scheme.hpp"
#include "sim/numerics/lns.hpp"

namespace lnsim {

namespace {

constexpr std::array<std::pair<std::string_view, ScaleHandling>, 3> kScaleHandlings{
    {{"delayed", ScaleHandling::kDelayed}, {"two_pass", ScaleHandling::kTwoPass}, {"static", ScaleHandling::kStatic}}};
constexpr std::array<std::pair<std::string_view, GradientRounding>, 2> kGradientRoundings{
    {{"nearest", GradientRounding::kNearest}, {"stochastic", GradientRounding::kStochastic}}};
constexpr std::array<std::pair<std::string_view, Optimizer>, 3> kOptimizers{
    {{"madam", Optimizer::kMadam}, {"sgd_momentum", Optimizer::kSgdMomentum}, {"adam", Optimizer::kAdam}}};

struct FormatsJson {
  Json weight, activation, gradient, weight_gradient, accumulation, vector, update;
};

struct OptimizerJson {
  Optimizer cnn = Optimizer::kSgdMomentum;
  Optimizer transformer = Optimizer::kAdam;
};

struct SchemeJson {
  std::string name;
  std::string description;
  std::string source;
  FormatsJson formats;
  UnitJson dot_product;
  ScaleHandling scale = ScaleHandling::kDelayed;
  GradientRounding gradient_rounding = GradientRounding::kNearest;
  OptimizerJson optimizer;
};

}  // namespace

template <class V>
void describe(FormatsJson& p, V& v) {
  v.raw("weight", p.weight, {.required = true}, "forward copy of the weights");
  v.raw("activation", p.activation, {.required = true}, "layer inputs and outputs, saved tensors");
  v.raw("gradient", p.gradient, {.required = true}, "gradients of activations");
  v.raw("weight_gradient", p.weight_gradient,
        "gradients of weights; as gradient by default, fp32 if that has block scales");
  v.raw("accumulation", p.accumulation, "gradient accumulation over micro-batches; fp32 by default");
  v.raw("vector", p.vector, "arithmetic of the vector unit; bf16 by default");
  v.raw("update", p.update, "what the optimizer updates; null, the default: the weight itself");
}

template <class V>
void describe(OptimizerJson& p, V& v) {
  v.choice("cnn", p.cnn, kOptimizers, "of convolutional networks");
  v.choice("transformer", p.transformer, kOptimizers, "of transformers");
}

template <class V>
void describe(SchemeJson& p, V& v) {
  v.tag("schema", "lnsim.scheme/1", "kind of file");
  v.field("name", p.name, {.min = 1, .max = 200, .required = true}, "name");
  v.field("description", p.description, {.max = 10000}, "what it is");
  v.field("source", p.source, {.max = 10000}, "where its numbers come from");
  v.object("formats", p.formats, {.required = true}, "number format of each tensor role");
  v.object("dot_product", p.dot_product, {.required = true}, "the dot-product unit");
  v.choice("scale", p.scale, kScaleHandlings, "how the scale of an output is found");
  v.choice("gradient_rounding", p.gradient_rounding, kGradientRoundings,
           "to the nearest number, or to a neighbour at random, so that the mean is right");
  v.object("optimizer", p.optimizer, "optimizer by network family");
}

namespace {

/// A role's format; a role that is not given gets the default. Problems are collected.
numerics::FormatPtr read_role(const Json& json, const char* role, const numerics::FormatPtr& fallback,
                              Problems& problems) {
  if (json.is_null() && fallback) return fallback;
  try {
    return read_format(json, problems.file(), pointer_to("/formats", role));
  } catch (const InputError& error) {
    add_problems(problems, error);
    return nullptr;
  }
}

void read_formats(const FormatsJson& json, Scheme& scheme, Problems& problems) {
  scheme.weight = read_role(json.weight, "weight", nullptr, problems);
  scheme.activation = read_role(json.activation, "activation", nullptr, problems);
  scheme.gradient = read_role(json.gradient, "gradient", nullptr, problems);
  const bool scaled = scheme.gradient && scheme.gradient->block();
  const numerics::FormatPtr plain_gradient = scaled ? numerics::find_format("fp32") : scheme.gradient;
  scheme.weight_gradient = read_role(json.weight_gradient, "weight_gradient", plain_gradient, problems);
  scheme.accumulation = read_role(json.accumulation, "accumulation", numerics::find_format("fp32"), problems);
  scheme.vector = read_role(json.vector, "vector", numerics::find_format("bf16"), problems);
  if (!json.update.is_null()) scheme.update = read_role(json.update, "update", nullptr, problems);
}

/// An LNS update copy has the weight's range in octaves and finer steps: gamma_U = gamma * 2^(B_U - B).
bool update_copy_fits(const numerics::LnsFormat& update, const numerics::Format& weight) {
  const auto* const forward = dynamic_cast<const numerics::LnsFormat*>(&weight);
  // Offsets widen the range of block LNS: its update copy has a range of its own.
  if (forward != nullptr && forward->block()) return update.gamma() >= forward->gamma();
  if (forward == nullptr || update.zero_mode() != forward->zero_mode() || update.bits() < forward->bits()) return false;
  return update.gamma() == forward->gamma() << (update.bits() - forward->bits());
}

void check_formats(const Scheme& scheme, Problems& problems) {
  const auto same_kind = [&](const char* role, const numerics::Format& format) {
    if (format.kind() == scheme.weight->kind()) return;
    problems.add(pointer_to("/formats", role), format.name(),
                 "a format of the same kind as the weights' (" + scheme.weight->name() + "): they are multiplied");
  };
  // They are multiplied, so all of them have scales of one kind, or none.
  const auto same_blocks = [&](const char* role, const numerics::Format& format) {
    const numerics::BlockFormatPtr& block = format.block();
    const numerics::BlockFormatPtr& weight = scheme.weight->block();
    if (!block && !weight) return;
    if (block && weight && block->scale() == weight->scale() && block->block() == weight->block()) return;
    problems.add(pointer_to("/formats", role), format.name(),
                 "a format with the same block scales as the weights' (" + scheme.weight->name() + ")");
  };
  const auto no_blocks = [&](const char* role, const numerics::FormatPtr& format) {
    if (!format || !format->block()) return;
    problems.add(pointer_to("/formats", role), format->name(), "a format without block scales: nothing multiplies it");
  };
  same_blocks("activation", *scheme.activation);
  same_blocks("gradient", *scheme.gradient);
  no_blocks("weight_gradient", scheme.weight_gradient);
  no_blocks("accumulation", scheme.accumulation);
  no_blocks("vector", scheme.vector);
  no_blocks("update", scheme.update);
  same_kind("activation", *scheme.activation);
  same_kind("gradient", *scheme.gradient);
  if (scheme.vector->kind() != numerics::FormatKind::kFloat) {
    problems.add("/formats/vector", scheme.vector->name(), "a floating-point format");
  }
  const auto* const update = dynamic_cast<const numerics::LnsFormat*>(scheme.update.get());
  if (update != nullptr && !update_copy_fits(*update, *scheme.weight)) {
    problems.add("/formats/update", scheme.update->name(),
                 "an LNS format with the zero mode of the weights' " + scheme.weight->name() +
                     " and gamma_update = gamma * 2^(bits_update - bits)");
  }
}

/// Takes "auto" out of the place of the accumulator, for the default one of the weights' kind; whether it was there.
bool take_auto(Document& document) {
  const Json::json_pointer place("/dot_product/accumulator");
  const Json::json_pointer weight("/formats/weight");
  Json& root = document.root;
  if (!root.is_object() || !root.contains(place) || root[place] != "auto" || !root.contains(weight)) return false;
  const auto format = read_format(root[weight], document.file, weight.to_string());
  root[place] = {{"type", format->kind() == numerics::FormatKind::kFloat ? "float" : "fixed"}};
  return true;
}

}  // namespace

Scheme read_scheme(const Document& given) {
  Document document = given;
  Scheme scheme;
  scheme.auto_accumulator = take_auto(document);
  const auto json = read_object<SchemeJson>(document);
  scheme.name = json.name;
  scheme.description = json.description;
  scheme.source = json.source;
  scheme.scale = json.scale;
  scheme.gradient_rounding = json.gradient_rounding;
  scheme.optimizer_cnn = json.optimizer.cnn;
  scheme.optimizer_transformer = json.optimizer.transformer;
  Problems problems(document.file);
  read_formats(json.formats, scheme, problems);
  problems.throw_if_any();
  check_formats(scheme, problems);
  problems.throw_if_any();
  {
    const Problems::Scope scope(problems, "dot_product");
    scheme.dot_product = resolve_unit(json.dot_product, operand_pairs(scheme), problems);
  }
  problems.throw_if_any();
  check_scheme(scheme, 1, document.file);
  return scheme;
}

Json write_scheme(const Scheme& scheme) {
  const FormatsJson formats{write_format(*scheme.weight),
                            write_format(*scheme.activation),
                            write_format(*scheme.gradient),
                            write_format(*scheme.weight_gradient),
                            write_format(*scheme.accumulation),
                            write_format(*scheme.vector),
                            scheme.update ? write_format(*scheme.update) : Json(nullptr)};
  Json json = Json::object();
  json["schema"] = "lnsim.scheme/1";
  json["name"] = scheme.name;
  json["description"] = scheme.description;
  json["source"] = scheme.source;
  json["formats"] = write_object(formats);
  if (!scheme.update) json["formats"]["update"] = nullptr;  // written out: the weight itself is updated
  json["dot_product"] = write_dot_product(scheme.dot_product, scheme.weight->kind());
  if (scheme.auto_accumulator) json["dot_product"]["accumulator"] = "auto";
  json["scale"] = detail::name_of(scheme.scale, kScaleHandlings);
  json["gradient_rounding"] = detail::name_of(scheme.gradient_rounding, kGradientRoundings);
  json["optimizer"] = write_object(OptimizerJson{scheme.optimizer_cnn, scheme.optimizer_transformer});
  return json;
}

Json scheme_schema() {
  Json schema = schema_of<SchemeJson>("lnsim scheme");
  patch_raw_schemas(schema);
  Json& accumulator = schema["properties"]["dot_product"]["properties"]["accumulator"];
  accumulator = {
      {"anyOf", {Json{{"const", "auto"}, {"description", "the least one that serves the network"}}, accumulator}}};
  for (auto& [role, property] : schema["properties"]["formats"]["properties"].items()) {
    Json format = format_schema();
    const bool required = role == "weight" || role == "activation" || role == "gradient";
    if (!required) format["anyOf"].push_back({{"type", "null"}});
    property.update(format);
  }
  return schema;
}

}  // namespace lnsim
