// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/design.hpp"

#include <algorithm>
#include <array>
#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <cmath>
#include <utility>

#include "sim/arch/dram_preset.hpp"
#include "sim/support/error.hpp"
#include "sim/support/text.hpp"
#include "sim/sweep/experiment_accumulator.hpp"
#include "sim/sweep/experiment_clock.hpp"
#include "sim/sweep/experiment_search.hpp"

namespace lnsim {
namespace {

using report::PricedTrace;

double scope_j(const PricedTrace& priced, energy::Scope scope) {
  return priced.energy.scope_j[static_cast<std::size_t>(scope)];
}

constexpr std::array<std::string_view, 2> kMappings{"heuristic", "auto"};

}  // namespace

const std::vector<DesignMetric>& design_metrics() {
  static const std::vector<DesignMetric> metrics{
      {"cycles", "cycles", "of one iteration", false,
       [](const PricedTrace& p) { return static_cast<double>(p.totals.cycles); }},
      {"seconds", "s", "of one iteration", false, [](const PricedTrace& p) { return p.energy.seconds; }},
      {"utilization", "", "useful MACs over issue slots", true,
       [](const PricedTrace& p) { return p.totals.utilization; }},
      {"energy_j", "J", "of one iteration, chip and DRAM", false,
       [](const PricedTrace& p) { return p.energy.total_j; }},
      {"energy_chip_j", "J", "of one iteration, chip", false,
       [](const PricedTrace& p) { return scope_j(p, energy::Scope::kChip); }},
      {"energy_pe_j", "J", "of one iteration, PE", false,
       [](const PricedTrace& p) { return scope_j(p, energy::Scope::kPe); }},
      {"edp_js", "J s", "energy times time", false, [](const PricedTrace& p) { return p.energy.edp_js; }},
      {"power_w", "W", "mean", false, [](const PricedTrace& p) { return p.energy.power_w; }},
      {"area_mm2", "mm2", "of the chip", false, [](const PricedTrace& p) { return p.energy.chip_area_mm2; }},
      {"tops", "TOPS", "useful operations per second", true, [](const PricedTrace& p) { return p.energy.tops; }},
      {"tops_per_w", "TOPS/W", "of the chip", true,
       [](const PricedTrace& p) { return p.energy.tops_per_w.value_or(0.0); }},
      {"clock_hz", "Hz", "core clock", false,
       [](const PricedTrace& p) { return static_cast<double>(p.trace.clock_hz); }},
      {"dram_bytes", "B", "moved per iteration", false,
       [](const PricedTrace& p) { return static_cast<double>(p.totals.dram_bytes); }},
      {"footprint_bytes", "B", "kept in DRAM", false,
       [](const PricedTrace& p) { return static_cast<double>(p.footprint.total()); }},
      {"run_kwh", "kWh", "of the whole run, PUE included", false,
       [](const PricedTrace& p) { return p.run_carbon.kwh; }},
      {"operational_g", "g", "CO2e of the run's electricity", false,
       [](const PricedTrace& p) { return p.run_carbon.operational_g; }},
      {"embodied_g", "g", "CO2e of the hardware, the run's share", false,
       [](const PricedTrace& p) { return p.run_carbon.embodied_g.value_or(0.0); }},
      {"total_g", "g", "both", false, [](const PricedTrace& p) { return p.run_carbon.total_g; }},
  };
  return metrics;
}

std::vector<std::string> metric_names() {
  std::vector<std::string> names;
  for (const DesignMetric& metric : design_metrics()) names.emplace_back(metric.name);
  names.emplace_back("snr_db");
  return names;
}

std::string text_hash(const std::string& text) {
  static const boost::uuids::name_generator_sha1 hash(boost::uuids::ns::oid());
  return boost::uuids::to_string(hash(text));
}

bool more_is_better(std::string_view metric) {
  if (metric == "snr_db") return true;
  const auto& metrics = design_metrics();
  const auto found = std::find_if(metrics.begin(), metrics.end(), [&](const auto& m) { return m.name == metric; });
  return found != metrics.end() && found->more_is_better;
}

DesignEvaluator::DesignEvaluator(const SweepSpec& spec, std::string file, const ShippedFiles& files,
                                 std::string version)
    : spec_(spec), file_(std::move(file)), files_(files), version_(std::move(version)) {}

/// The file of that name with every default written out, so that every field has a place.
const Json& DesignEvaluator::resolved(const std::string& kind, const std::string& name) {
  Json& json = resolved_[kind + "\n" + name];
  if (!json.is_null()) return json;
  if (kind == "accelerator") {
    const auto file = read_json_file(files_.find("accelerators", name, file_ + ": /accelerator"));
    json = write_accelerator(read_accelerator(with_dram_preset(file, files_)));
  } else if (kind == "scheme") {
    json = write_scheme(read_scheme(read_json_file(files_.find("schemes", name, file_ + ": /scheme"))));
  } else {
    json = write_network(read_network(read_json_file(files_.find("workloads", name, file_ + ": /workload"))));
  }
  return json;
}

void DesignEvaluator::set(Json& inputs, const std::string& pointer, const Json& value, std::size_t axis) {
  const std::string name = spec_.axis_names()[axis];
  Json::json_pointer place;
  try {
    place = Json::json_pointer(pointer);
  } catch (const Json::exception&) {
    throw InputError(file_, "/axes: " + name, pointer, "a JSON pointer");
  }
  const std::string kind = pointer.substr(1);
  if (kind == "accelerator" || kind == "scheme" || kind == "workload") {
    if (!value.is_string()) throw InputError(file_, "/axes: " + name, brief_json(value), "the name of a file");
    inputs[kind] = resolved(kind, value.get<std::string>());
    return;
  }
  if (!inputs.contains(place)) {
    std::string parent = pointer.substr(0, pointer.rfind('/'));
    std::vector<std::string> keys;
    if (const Json::json_pointer above(parent); inputs.contains(above) && inputs[above].is_object()) {
      for (const auto& [key, part] : inputs[above].items()) keys.push_back(parent + "/" + key);
    }
    const std::vector<std::string_view> words(keys.begin(), keys.end());
    throw InputError(file_, "/axes: " + name, pointer,
                     words.empty() ? "a place in the inputs" : suggestion(pointer, words));
  }
  inputs[place] = value;
}

Design DesignEvaluator::design(std::uint64_t number) {
  Design design;
  design.number = number;
  design.values = spec_.values_at(spec_.place(number));
  const SweepBase& base = spec_.base;
  Json& inputs = design.inputs;
  inputs = {{"technology", base.technology},
            {"grid", base.grid},
            {"pue", base.pue},
            {"run", base.run},
            {"batch", base.batch},
            {"micro_batches", base.micro_batches},
            {"mapping", base.mapping},
            {"objective", base.objective},
            {"mapper_budget", base.mapper_budget}};
  const std::vector<std::string> pointers = spec_.axis_pointers();
  for (const char* const kind : {"accelerator", "scheme", "workload"}) {
    const std::string& name = kind == std::string("accelerator") ? base.accelerator
                              : kind == std::string("scheme")    ? base.scheme
                                                                 : base.workload;
    inputs[kind] = resolved(kind, name);
  }
  // Whole inputs first: fields of theirs are set in what was chosen.
  for (const bool whole : {true, false}) {
    for (std::size_t i = 0; i < pointers.size(); ++i) {
      if ((pointers[i].find('/', 1) == std::string::npos) == whole) set(inputs, pointers[i], design.values[i], i);
    }
  }
  design.key = text_hash(version_ + "\n" + inputs.dump() + "\n" + price_files_hash(inputs));
  return design;
}

/// Names that lead nowhere have a hash too: evaluate() says what is wrong.
std::string DesignEvaluator::price_files_hash(const Json& inputs) {
  if (!inputs["technology"].is_string() || !inputs["run"].is_string()) return "";
  report::PricingInputs wanted;
  wanted.technology = inputs["technology"].get<std::string>();
  wanted.run = inputs["run"].get<std::string>();
  const auto [at, fresh] = price_hashes_.try_emplace(wanted.technology + "\n" + wanted.run);
  if (!fresh) return at->second;
  std::string text;
  try {
    for (const auto& file : report::pricing_files(wanted, files_)) text += hashes_.of(file) + "\n";
  } catch (const InputError& error) {
    text = error.what();
  }
  return at->second = text_hash(text);
}

std::string DesignEvaluator::inputs_hash() {
  std::string text;
  const auto add = [&](const std::string& kind, const Json& value) {
    if (!value.is_string()) return;
    try {
      if (kind == "technology" || kind == "run") {
        text += price_files_hash({{"technology", kind == "technology" ? value : Json(spec_.base.technology)},
                                  {"run", kind == "run" ? value : Json(spec_.base.run)}});
      } else if (kind == "accelerator" || kind == "scheme" || kind == "workload") {
        text += resolved(kind, value.get<std::string>()).dump();
      }
    } catch (const InputError& error) {
      text += error.what();
    }
    text += "\n";
  };
  for (const auto& [kind, name] : {std::pair("accelerator", spec_.base.accelerator),
                                   {"scheme", spec_.base.scheme},
                                   {"workload", spec_.base.workload},
                                   {"technology", spec_.base.technology}}) {
    add(kind, name);
  }
  for (const SweepAxes& axes : spec_.axes) {
    for (const SweepAxis& axis : axes.zipped) {
      for (const Json& value : axis.values) add(axis.pointer.substr(1), value);
    }
  }
  return text_hash(text);
}

const report::Pricing& DesignEvaluator::pricing_of(const Json& inputs, const std::string& family) {
  report::PricingInputs wanted;
  wanted.technology = inputs["technology"].get<std::string>();
  wanted.grid =
      inputs["grid"].is_number() ? format_double(inputs["grid"].get<double>()) : inputs["grid"].get<std::string>();
  wanted.pue =
      inputs["pue"].is_number() ? format_double(inputs["pue"].get<double>()) : inputs["pue"].get<std::string>();
  wanted.run = inputs["run"].get<std::string>();
  const std::string key =
      wanted.technology + "\n" + wanted.grid + "\n" + wanted.pue + "\n" + wanted.run + "\n" + family;
  const auto found = pricing_.find(key);
  if (found != pricing_.end()) return found->second;
  return pricing_.emplace(key, report::load_pricing(wanted, files_, family)).first->second;
}

/// One of some words.
std::string DesignEvaluator::word(const Json& inputs, const char* name, std::span<const std::string_view> words) const {
  const Json& value = inputs[name];
  const std::string text = value.is_string() ? value.get<std::string>() : "";
  if (std::find(words.begin(), words.end(), text) != words.end()) return text;
  throw InputError(file_, std::string("/") + name, brief_json(value), suggestion(text, words));
}

/// Measured once for all designs that share what decides it.
void DesignEvaluator::choose_accumulator_once(Experiment& experiment, const Json& inputs) {
  Scheme& scheme = experiment.schemes.front();
  const std::string key =
      text_hash(inputs["scheme"].dump() + "\n" + inputs["workload"].dump() + "\n" + std::to_string(experiment.batch) +
                "\n" + std::to_string(experiment.accelerator.pe.vector_size));
  const auto [chosen, fresh] = chosen_.try_emplace(key, scheme);
  if (fresh) {
    try {
      choose_accumulator(chosen->second, experiment, file_ + ": /scheme");
    } catch (...) {
      chosen_.erase(chosen);
      throw;
    }
  }
  scheme = chosen->second;
}

Trace DesignEvaluator::take_trace(const Experiment& experiment, const Json& inputs) {
  // A workload of another text has dropped the trace already.
  std::string key = std::to_string(experiment.clock_hz);
  for (const char* const name : {"accelerator", "scheme", "batch", "micro_batches", "mapping"}) {
    key += "\n" + inputs[name].dump();
  }
  if (experiment.objective) {
    for (const char* const name : {"objective", "mapper_budget", "technology"}) key += "\n" + inputs[name].dump();
  }
  if (last_trace_ && key == last_traced_) return *std::exchange(last_trace_, std::nullopt);
  last_trace_.reset();
  PoolOptions options;
  options.jobs = 1;
  options.cache = &passes_;
  Trace trace = std::move(run_experiment(experiment, options).traces.front());
  last_traced_ = std::move(key);
  return trace;
}

DesignEvaluator::Priced DesignEvaluator::price(const Design& design) {
  const Json& inputs = design.inputs;
  const auto whole = [&](const char* name) -> std::uint64_t {
    const Json& value = inputs[name];
    if (!value.is_number_unsigned())
      throw InputError(file_, std::string("/") + name, brief_json(value), "a whole number");
    return value.get<std::uint64_t>();
  };
  if (!last_network_ || last_workload_ != inputs["workload"]) {
    last_network_ = read_network({file_ + ": /workload", inputs["workload"]});
    last_workload_ = inputs["workload"];
    last_trace_.reset();
  }
  Experiment experiment;
  experiment.network = *last_network_;
  experiment.accelerator = read_accelerator({file_ + ": /accelerator", inputs["accelerator"]});
  experiment.schemes = {read_scheme({file_ + ": /scheme", inputs["scheme"]})};
  Scheme& scheme = experiment.schemes.front();
  experiment.batch = whole("batch") == 0 ? experiment.network.batch : whole("batch");
  experiment.micro_batches = whole("micro_batches");
  experiment.version = version_;
  if (scheme.auto_accumulator) choose_accumulator_once(experiment, inputs);
  check_scheme(scheme, experiment.accelerator.pe.vector_size, file_ + ": /scheme");
  const report::Pricing& pricing = pricing_of(inputs, experiment.network.family);
  set_clock(experiment, pricing.technology);
  const std::string mapping = word(inputs, "mapping", kMappings);
  const std::string objective = word(inputs, "objective", kObjectives);
  if (mapping == "auto") {
    set_objective(experiment, pricing.technology, objective);
    experiment.search.budget = whole("mapper_budget");
    if (experiment.search.budget == 0) throw InputError(file_, "/mapper_budget", "0", "at least 1");
  }
  return {report::price_trace(take_trace(experiment, inputs), pricing), pricing, snr_.least_of(scheme)};
}

std::vector<double> DesignEvaluator::evaluate(const Design& design) {
  Priced priced = price(design);
  std::vector<double> values;
  for (const DesignMetric& metric : design_metrics()) values.push_back(metric.value(priced.trace));
  values.push_back(priced.snr_db);
  last_trace_ = std::move(priced.trace.trace);  // prices alone may differ in the next design
  return values;
}

}  // namespace lnsim
