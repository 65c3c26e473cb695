// SPDX-License-Identifier: Apache-2.0
#include "sim/report/explanation.hpp"

#include <algorithm>
#include <span>

#include "sim/report/csv.hpp"
#include "sim/report/numbers.hpp"
#include "sim/report/text_table.hpp"
#include "sim/support/text.hpp"
#include "sim/workload/vector_costs.hpp"

namespace lnsim::report {
namespace {

constexpr const char* kHardware = "hardware";

using Lines = std::span<const energy::BillLine>;

/// Runs of lines of one action (or of one component's hardware), in order.
std::vector<Lines> groups_of(const std::vector<energy::BillLine>& lines) {
  std::vector<Lines> groups;
  for (std::size_t begin = 0; begin < lines.size();) {
    std::size_t end = begin;
    const auto same = [&](const energy::BillLine& line) {
      return line.component == lines[begin].component && line.action == lines[begin].action;
    };
    while (end < lines.size() && same(lines[end])) ++end;
    groups.push_back(Lines(lines).subspan(begin, end - begin));
    begin = end;
  }
  return groups;
}

double energy_of(Lines lines) {
  double sum = 0;
  for (const energy::BillLine& line : lines) sum += line.energy_fj;
  return sum;
}

double area_of(Lines lines) {
  double sum = 0;
  for (const energy::BillLine& line : lines) sum += line.area_um2;
  return sum;
}

double leakage_of(Lines lines) {
  double sum = 0;
  for (const energy::BillLine& line : lines) sum += line.leakage_nw;
  return sum;
}

std::string text_of(const energy::BillLine& line) {
  if (line.component == "clock_tree") return "clock buffers and wires of " + line.action;
  for (const ActionInfo& info : action_table()) {
    if (info.component == line.component && info.action == line.action) return std::string(info.text);
  }
  return {};
}

Json line_json(const energy::BillLine& line) {
  Json json{{"part", line.part}, {"primitive", line.primitive}, {"width_bits", line.width}};
  if (line.extent != 0.0) json["extent"] = line.extent;
  json["count"] = line.count;
  if (line.action == kHardware) {
    json["area_um2"] = line.area_um2;
    json["leakage_nw"] = line.leakage_nw;
  } else {
    json["activity"] = line.activity;
    json["unit_energy_fj"] = line.unit_energy_fj;
    json["energy_fj"] = line.energy_fj;
  }
  json["source"] = line.source;
  if (!line.why.empty()) json["why"] = line.why;
  return json;
}

Json vector_operations_json() {
  Json rows = Json::array();
  for (const VectorCostRow& row : vector_op_costs()) {
    rows.push_back({{"type", row.type},
                    {"pass", row.pass},
                    {"sweep", row.sweep},
                    {"elements", row.elements},
                    {"reads", row.reads},
                    {"writes", row.writes},
                    {"operations", row.ops},
                    {"walks", row.walks}});
  }
  return rows;
}

/// The sources that bills mention, numbered in the order of their first use.
class Sources {
 public:
  std::string mark(const std::string& source) {
    const auto found = std::find(list_.begin(), list_.end(), source);
    const auto index = static_cast<std::size_t>(found - list_.begin());
    if (found == list_.end()) list_.push_back(source);
    return "[" + std::to_string(index + 1) + "]";
  }
  [[nodiscard]] std::string text() const {
    std::string text = "Sources of prices\n";
    for (std::size_t i = 0; i < list_.size(); ++i) text += "  [" + std::to_string(i + 1) + "] " + list_[i] + "\n";
    return text;
  }

 private:
  std::vector<std::string> list_;
};

std::string actions_part(const std::vector<Lines>& groups, Sources& sources) {
  TextTable table(2);
  table.row({"Actions", "primitive", "bits", "count", "activity", "fJ each", "energy", "source"});
  for (const Lines& group : groups) {
    const energy::BillLine& first = group.front();
    if (first.action == kHardware) continue;
    table.title(first.component + "." + first.action + ": " + unit_text(energy_of(group) * 1e-15, "J") + ", " +
                text_of(first));
    for (const energy::BillLine& line : group) {
      table.row({"  " + line.part, line.primitive, digits_text(line.width), digits_text(line.count),
                 digits_text(line.activity), digits_text(line.unit_energy_fj), unit_text(line.energy_fj * 1e-15, "J"),
                 sources.mark(line.source)});
    }
  }
  return table.text();
}

std::string hardware_part(const std::vector<Lines>& groups, Sources& sources) {
  TextTable table(2);
  table.row({"Hardware", "primitive", "bits", "instances", "area, mm2", "leakage", "source"});
  for (const Lines& group : groups) {
    const energy::BillLine& first = group.front();
    if (first.action != kHardware) continue;
    table.title(first.component + ": " + digits_text(area_of(group) * 1e-6) + " mm2, leakage " +
                unit_text(leakage_of(group) * 1e-9, "W"));
    for (const energy::BillLine& line : group) {
      table.row({"  " + line.part, line.primitive, digits_text(line.width), digits_text(line.count),
                 digits_text(line.area_um2 * 1e-6), unit_text(line.leakage_nw * 1e-9, "W"), sources.mark(line.source)});
    }
  }
  return table.text();
}

std::string vector_operations_part() {
  std::string text = "Vector operations: what a sweep processes, moves and computes\n";
  for (const VectorCostRow& row : vector_op_costs()) {
    text += row.type + " " + row.pass + ", " + row.sweep + ": " + row.elements;
    if (!row.walks.empty() && row.walks != "1") text += ", " + row.walks + " walks";
    text += "\n";
    if (!row.reads.empty()) text += "  reads   " + row.reads + "\n";
    if (!row.writes.empty()) text += "  writes  " + row.writes + "\n";
    if (!row.ops.empty()) text += "  ops     " + row.ops + "\n";
  }
  return text;
}

}  // namespace

Json write_explanation(const Explanation& explanation) {
  Json json{{"schema", "lnsim.explain/1"},
            {"accelerator", explanation.accelerator},
            {"scheme", explanation.scheme},
            {"technology", explanation.technology}};
  Json actions = Json::array();
  Json hardware = Json::array();
  for (const Lines& group : groups_of(explanation.lines)) {
    const energy::BillLine& first = group.front();
    Json bill = Json::array();
    for (const energy::BillLine& line : group) bill.push_back(line_json(line));
    if (first.action == kHardware) {
      hardware.push_back({{"component", first.component},
                          {"area_um2", area_of(group)},
                          {"leakage_nw", leakage_of(group)},
                          {"bill", std::move(bill)}});
    } else {
      actions.push_back({{"component", first.component},
                         {"action", first.action},
                         {"text", text_of(first)},
                         {"energy_fj", energy_of(group)},
                         {"bill", std::move(bill)}});
    }
  }
  json["actions"] = std::move(actions);
  json["hardware"] = std::move(hardware);
  json["vector_operations"] = vector_operations_json();
  return json;
}

std::string explanation_table(const Explanation& explanation) {
  const std::vector<Lines> groups = groups_of(explanation.lines);
  Sources sources;
  // One after the other: the numbers of sources are those of their first use.
  const std::string actions = actions_part(groups, sources);
  const std::string hardware = hardware_part(groups, sources);
  const std::string text = "Prices of " + explanation.accelerator + " under " + explanation.scheme + ", " +
                           explanation.technology + "\n\n" + actions + "\n" + hardware + "\n";
  return text + vector_operations_part() + "\n" + sources.text();
}

std::string explanation_csv(const Explanation& explanation) {
  std::string text = csv_line({"component", "action", "part", "primitive", "width_bits", "extent", "count", "activity",
                               "unit_energy_fj", "energy_fj", "area_um2", "leakage_nw", "source", "why"});
  for (const energy::BillLine& line : explanation.lines) {
    text += csv_line({line.component, line.action, line.part, line.primitive, format_double(line.width),
                      format_double(line.extent), format_double(line.count), format_double(line.activity),
                      format_double(line.unit_energy_fj), format_double(line.energy_fj), format_double(line.area_um2),
                      format_double(line.leakage_nw), line.source, line.why});
  }
  return text;
}

Json write_unit_price(const energy::UnitPrice& price) {
  Json json{{"energy_fj_per_mac", price.energy_fj_per_mac},
            {"area_um2_per_mac", price.area_um2_per_mac},
            {"leakage_nw_per_mac", price.leakage_nw_per_mac}};
  json["breakdown"] = Json::object();
  json["area_breakdown"] = Json::object();
  for (const energy::StagePrice& stage : price.breakdown) {
    json["breakdown"][stage.stage] = stage.energy_fj_per_mac;
    json["area_breakdown"][stage.stage] = stage.area_um2_per_mac;
  }
  return json;
}

std::string unit_price_table(const energy::UnitPrice& price) {
  TextTable table;
  table.row({"Per MAC", "energy", "area"});
  for (const energy::StagePrice& stage : price.breakdown) {
    table.row({"  " + stage.stage, digits_text(stage.energy_fj_per_mac) + " fJ",
               digits_text(stage.area_um2_per_mac) + " um2"});
  }
  table.row({"all", digits_text(price.energy_fj_per_mac) + " fJ", digits_text(price.area_um2_per_mac) + " um2"});
  return table.text() + "Leakage " + digits_text(price.leakage_nw_per_mac) + " nW per MAC unit\n";
}

}  // namespace lnsim::report
