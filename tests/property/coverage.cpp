// SPDX-License-Identifier: Apache-2.0
#include "tests/property/coverage.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

#include "sim/support/wide.hpp"
#include "sim/trace/actions.hpp"
#include "tests/support/plans.hpp"

namespace lnsim::test {
namespace {

using Classes = std::set<std::string>;

void add_if(Classes& classes, bool holds, const std::string& name) {
  if (holds) classes.insert(name);
}

/// A burst takes a whole number of cycles, or a cycle holds a whole number of bursts.
bool whole_ratio(const PassConfig& config) {
  const DramParams& dram = config.accelerator.dram;
  const Uint128 burst = static_cast<Uint128>(dram.burst_bytes) * config.clock_hz;
  return burst % dram.bandwidth_bytes_per_second == 0 || dram.bandwidth_bytes_per_second % burst == 0;
}

void add_steps(Classes& classes, const GemmSchedule& schedule) {
  add_if(classes, schedule.steps().size() > 1, "several steps");
  for (const Step& step : schedule.steps()) {
    const Gemm& gemm = schedule.gemm(step);
    const GemmMapping& mapping = schedule.mapping(step);
    const PeParams& pe = schedule.config().accelerator.pe;
    const bool m = mapping.operand_a == Side::kM;
    const auto ragged = [&](std::uint64_t size, std::uint64_t tile, std::uint64_t unit) {
      return size % tile != 0 || std::min(size, tile) % unit != 0;
    };
    add_if(classes, ragged(gemm.m, mapping.tile.m, m ? pe.lanes : pe.hold_rows), "ragged M");
    add_if(classes, ragged(gemm.n, mapping.tile.n, m ? pe.hold_rows : pe.lanes), "ragged N");
    add_if(classes, ragged(gemm.k, mapping.tile.k, pe.vector_size), "ragged K");
    add_if(classes, step.k_size < gemm.k, "K split");
    add_if(classes, step.output == OutputTo::kSpill, "K split, sums through DRAM");
    add_if(classes, step.preload == PreloadFrom::kResident, "K split, sums resident");
    add_if(classes, schedule.transpose_a(step), "transposed A");
    add_if(classes, schedule.transpose_b(step), "transposed B");
    add_if(classes, !step.load_a || !step.load_b, "resident tiles");
    add_if(classes, step.a->bursts == 0 || step.b->bursts == 0, "tile of padding only");
    add_if(classes, mapping.block < machine_tile(mapping).a_rows, "several A blocks");
  }
  const PassConfig& config = schedule.config();
  add_if(classes, config.vector_bytes(config.a_bits) > schedule.link_bytes(), "vector longer than a word");
  add_if(classes, 2 * config.vector_bytes(config.a_bits) <= schedule.link_bytes(), "several vectors in a word");
  add_if(classes, schedule.mapping(schedule.steps().front()).operand_a == Side::kN, "operand A is N");
  add_if(classes, schedule.pass().gemms.size() > 1, "several GEMMs");
}

void add_layer(Classes& classes, const PassCase& made, const PassPlan& plan) {
  classes.insert("layer " + std::string(type_name(made.layer)));
  classes.insert("pass " + made.pass);
  classes.insert("scheme " + made.scheme);
  if (const auto* conv = std::get_if<Conv2d>(&made.layer); conv != nullptr && !plan.pass.gemms.empty()) {
    const auto above_one = [](const Sizes& sizes) { return *std::max_element(sizes.begin(), sizes.end()) > 1; };
    add_if(classes, above_one(conv->stride), "conv stride");
    add_if(classes, above_one(conv->dilation) && above_one(conv->kernel), "conv dilation");
    add_if(classes, !above_one(conv->kernel), "conv 1x1");
    add_if(classes, conv->groups > 1, "conv groups");
    add_if(classes, conv->groups > 1 && conv->groups == conv->in_channels, "conv depthwise");
  }
  add_if(classes, plan.pass.bias_channels > 0, "bias");
  add_if(classes, !plan.pass.gemms.empty() && plan.pass.statistics_channels > 0, "channel statistics");
  add_if(classes, !plan.pass.zero_fills.empty(), "zero fills");
  add_if(classes, !plan.pass.gemms.empty() && !plan.sweeps.empty(), "GEMMs and a sweep");
  add_if(classes, plan.config.accelerator.pes() > 1, "PEs > 1");
  add_if(classes, plan.config.float_accumulator, "float accumulator");
  const bool banked = plan.config.accelerator.dram.model == DramModel::kBanked;
  add_if(classes, banked, "DRAM banked");
  add_if(classes, !banked, "DRAM bandwidth");
  add_if(classes, !whole_ratio(plan.config), "clock : DRAM not whole");
  add_if(classes, whole_ratio(plan.config), "clock : DRAM whole");
}

void add_stalls(Classes& classes, const TraceEntry& entry) {
  // A burst of a transfer waited for one.
  const auto dram = entry.stalls.find("dram");
  if (dram != entry.stalls.end()) {
    const auto refresh = dram->second.find("refresh");
    add_if(classes, refresh != dram->second.end() && refresh->second > 0, "refresh inside a tile");
  }
  for (const auto& [module, causes] : entry.stalls) {
    std::string most;
    std::uint64_t most_cycles = 0;
    for (const auto& [cause, cycles] : causes) {
      if (cause == "busy" || cycles == 0) continue;
      classes.insert("stall " + module + " " + cause);
      if (cycles > most_cycles) most = cause, most_cycles = cycles;
    }
    add_if(classes, module == "lanes" && !most.empty(), "lanes most: " + most);
  }
}

}  // namespace

void Coverage::add(const PassCase& made, const TraceEntry& entry, const fast::SkippedTiles& skipped) {
  const PassPlan plan = plan_of(made);
  Classes classes;
  add_layer(classes, made, plan);
  add_stalls(classes, entry);
  add_if(classes, skipped.jumped > 0, "period jump");
  add_if(classes, skipped.remembered > 0, "steps like earlier ones");
  if (!plan.pass.gemms.empty()) {
    const GemmSchedule schedule = schedule_gemms(plan);
    add_steps(classes, schedule);
    add_if(classes, schedule_gemms(plan, GemmSchedule::Form::kShort).is_short(), "turns not listed");
    tiles_.push_back(schedule.total_tiles());
  }
  if (!plan.sweeps.empty()) {
    const SweepSchedule schedule = schedule_sweeps(plan, SweepSchedule::Form::kShort);
    add_if(classes, !schedule.stretches().empty(), "chunks not listed");
  }
  ++cases_;
  for (const std::string& name : classes) ++classes_[name];
}

void Coverage::add(const Coverage& other) {
  cases_ += other.cases_;
  discarded_ += other.discarded_;
  for (const auto& [name, count] : other.classes_) classes_[name] += count;
  tiles_.insert(tiles_.end(), other.tiles_.begin(), other.tiles_.end());
}

std::vector<std::pair<std::string, double>> Coverage::targets() const {
  std::vector<std::pair<std::string, double>> targets;
  for (const char* cause : {"fill", "operand_a", "operand_b", "collector", "accumulate_latency", "drain"}) {
    targets.emplace_back("lanes most: " + std::string(cause), 1.0);
  }
  for (const char* type :
       {"conv2d", "linear", "matmul", "embedding", "conv_transpose2d", "unary", "binary", "affine", "move", "reduce",
        "batch_norm", "layer_norm", "softmax", "relu", "gelu", "max_pool", "avg_pool", "add"}) {
    targets.emplace_back("layer " + std::string(type), 2.0);
  }
  for (const char* pass : {"forward", "input_grad", "input_grad_a", "input_grad_b", "weight_grad", "update",
                           "gradient_accumulate", "bias_grad", "gradient_add"}) {
    targets.emplace_back("pass " + std::string(pass), 2.0);
  }
  for (const std::string& scheme : scheme_names()) targets.emplace_back("scheme " + scheme, 2.0);
  targets.emplace_back("steps like earlier ones",
                       0.5);  // where it does not jump; unit tests have more
  for (const char* name : {"DRAM banked",
                           "DRAM bandwidth",
                           "refresh inside a tile",
                           "period jump",
                           "PEs > 1",
                           "ragged M",
                           "ragged N",
                           "ragged K",
                           "several steps",
                           "K split",
                           "K split, sums through DRAM",
                           "K split, sums resident",
                           "transposed A",
                           "transposed B",
                           "resident tiles",
                           "zero fills",
                           "several A blocks",
                           "several GEMMs",
                           "operand A is N",
                           "vector longer than a word",
                           "several vectors in a word",
                           "bias",
                           "channel statistics",
                           "GEMMs and a sweep",
                           "float accumulator",
                           "clock : DRAM not whole",
                           "clock : DRAM whole",
                           "conv stride",
                           "conv dilation",
                           "conv 1x1",
                           "conv groups",
                           "conv depthwise"}) {
    targets.emplace_back(name, 2.0);
  }
  // Every cause of docs/machine.md, section 9, that a block can have.
  const std::vector<std::pair<std::string, std::vector<const char*>>> causes{
      {"lanes", {"fill", "operand_a", "operand_b", "collector", "accumulate_latency", "drain"}},
      {"buffer_a", {"empty", "held", "done"}},
      {"buffer_b", {"empty", "held", "done"}},
      {"collector", {"compute", "ppu", "done"}},
      {"ppu", {"collector", "network", "done"}},
      {"global_buffer_a", {"fill", "credit", "transposer", "done"}},
      {"global_buffer_b", {"fill", "credit", "transposer", "done"}},
      {"global_buffer_preload", {"sums", "credit", "done"}},
      {"network_drain", {"ppu", "claim", "done"}},
      {"dma", {"claim", "request", "drain", "dram", "done"}},
      {"dram", {"idle", "refresh", "row", "column", "turnaround"}},
      {"vector_unit", {"operands", "drain"}},  // "space" only where a chunk is more than half of its region
      {"update_unit", {"operands", "drain"}}};
  for (const auto& [module, names] : causes) {
    for (const char* cause : names) targets.emplace_back("stall " + module + " " + cause, 1.0);
  }
  return targets;
}

double Coverage::percent(const std::string& name) const {
  const auto found = classes_.find(name);
  return found == classes_.end() ? 0.0 : 100.0 * static_cast<double>(found->second) / static_cast<double>(cases_);
}

std::uint64_t Coverage::median_tiles() const {
  if (tiles_.empty()) return 0;
  std::vector<std::uint64_t> sorted = tiles_;
  std::sort(sorted.begin(), sorted.end());
  return sorted[sorted.size() / 2];
}

std::string Coverage::table() const {
  std::string text;
  char line[160];
  const auto row = [&](const std::string& name, const char* target) {
    std::snprintf(line, sizeof line, "  %-32s %6.1f %%%s\n", name.c_str(), percent(name), target);
    text += line;
  };
  std::set<std::string> rest;
  for (const auto& [name, count] : classes_) rest.insert(name);
  for (const auto& [name, target] : targets()) {
    std::snprintf(line, sizeof line, "  (target %.0f %%)", target);
    row(name, std::string(line).c_str());
    rest.erase(name);
  }
  for (const std::string& name : rest) row(name, "");
  std::snprintf(line, sizeof line, "%llu cases, %llu draws without one; median output tiles of %zu GEMM passes: %llu\n",
                static_cast<unsigned long long>(cases_), static_cast<unsigned long long>(discarded_), tiles_.size(),
                static_cast<unsigned long long>(median_tiles()));
  return text + line;
}

// A class of just the target's share falls short of it in half of all runs; in few cases by two standard deviations of
// such a count.
double Coverage::least_percent(double target) const {
  constexpr std::uint64_t kMany = 10000;
  if (cases_ >= kMany || cases_ == 0) return target;
  const double share = target / 100.0;
  return target - 200.0 * std::sqrt(share * (1.0 - share) / static_cast<double>(cases_));
}

std::string Coverage::shortfalls() const {
  std::string text;
  for (const auto& [name, target] : targets()) {
    const double least = least_percent(target);
    if (percent(name) >= least) continue;
    char line[160];
    std::snprintf(line, sizeof line, "coverage: %s is %.2f %% of the cases, at least %.2f %% wanted\n", name.c_str(),
                  percent(name), least);
    text += line;
  }
  if (median_tiles() < 20) text += "coverage: fewer than 20 output tiles in the median\n";
  return text;
}

Json Coverage::write() const {
  Json json;
  json["cases"] = cases_;
  json["discarded"] = discarded_;
  json["classes"] = classes_;
  json["tiles"] = tiles_;
  return json;
}

Coverage Coverage::read(const Json& json) {
  Coverage coverage;
  coverage.cases_ = json.at("cases");
  coverage.discarded_ = json.at("discarded");
  coverage.classes_ = json.at("classes").get<std::map<std::string, std::uint64_t>>();
  coverage.tiles_ = json.at("tiles").get<std::vector<std::uint64_t>>();
  return coverage;
}

}  // namespace lnsim::test
