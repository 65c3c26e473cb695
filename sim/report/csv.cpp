// SPDX-License-Identifier: Apache-2.0
#include "sim/report/csv.hpp"

#include <charconv>
#include <string_view>
#include <system_error>

#include "sim/report/comparison.hpp"
#include "sim/report/roofline.hpp"
#include "sim/support/text.hpp"

namespace lnsim::report {
namespace {

bool is_formula(const std::string& text) {
  if (text.empty() || std::string_view("=+-@\t\r").find(text[0]) == std::string_view::npos) return false;
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  return at != end || error == std::errc::invalid_argument;
}

/// Quoted where it has to be.
std::string cell(const std::string& given) {
  const std::string text = (is_formula(given) ? "'" : "") + escape_terminal(given);
  if (text.find_first_of(",\"") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::uint64_t stall(const TraceEntry& entry, const char* cause) {
  const auto lanes = entry.stalls.find("lanes");
  if (lanes == entry.stalls.end()) return 0;
  const auto found = lanes->second.find(cause);
  return found == lanes->second.end() ? 0 : found->second;
}

}  // namespace

std::string csv_line(const std::vector<std::string>& cells) {
  std::string text;
  for (std::size_t i = 0; i < cells.size(); ++i) text += (i > 0 ? "," : "") + cell(cells[i]);
  return text + "\n";
}

std::string layers_csv(const PricedTrace& priced) {
  static constexpr std::array kCauses{"busy", "fill", "operand_a", "operand_b", "collector", "accumulate_latency",
                                      "drain"};
  std::vector<std::string> head{"name", "pass", "type", "repeat", "cycles", "macs", "issued_macs", "bound_by"};
  for (const char* cause : kCauses) head.push_back(std::string("lanes_") + cause);
  head.emplace_back("dram_read_bursts");
  head.emplace_back("dram_write_bursts");
  for (const std::string_view component : energy::components()) head.push_back(std::string(component) + "_j");
  for (const char* figure : {"compute_bound_cycles", "traffic_bound_cycles", "dram_bytes", "compulsory_dram_bytes"}) {
    head.emplace_back(figure);
  }
  std::string text = csv_line(head);
  for (std::size_t i = 0; i < priced.trace.entries.size(); ++i) {
    const TraceEntry& entry = priced.trace.entries[i];
    std::vector<std::string> row{entry.layer,
                                 std::string(pass_name(entry.pass)),
                                 entry.type,
                                 std::to_string(entry.repeat),
                                 std::to_string(entry.cycles),
                                 std::to_string(entry.macs),
                                 std::to_string(entry.issued_macs),
                                 entry.bound_by};
    for (const char* cause : kCauses) row.push_back(std::to_string(stall(entry, cause)));
    row.push_back(std::to_string(entry.counts[Action::kDramReadBursts]));
    row.push_back(std::to_string(entry.counts[Action::kDramWriteBursts]));
    for (const double energy : priced.energy.entries[i].energy_j) row.push_back(format_double(energy));
    const Roofline roofline = roofline_of(entry, priced.trace.accelerator, priced.trace.clock_hz);
    for (const std::uint64_t figure : {roofline.compute_bound_cycles, roofline.traffic_bound_cycles,
                                       roofline.dram_bytes, roofline.compulsory_dram_bytes}) {
      row.push_back(std::to_string(figure));
    }
    text += csv_line(row);
  }
  return text;
}

std::string comparison_csv(const std::vector<PricedTrace>& priced) {
  std::vector<std::string> head{"figure"};
  for (const PricedTrace& one : priced) head.push_back(one.trace.scheme.name);
  std::string text = csv_line(head);
  for (const Figure& figure : figures()) {
    std::vector<std::string> row{figure.key};
    for (const PricedTrace& one : priced) row.push_back(format_double(figure.value(one)));
    text += csv_line(row);
  }
  return text;
}

}  // namespace lnsim::report
