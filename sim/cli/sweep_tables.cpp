// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include "sim/cli/results.hpp"
#include "sim/cli/sweep_command.hpp"
#include "sim/report/csv.hpp"
#include "sim/report/html/page.hpp"
#include "sim/report/numbers.hpp"
#include "sim/report/text_table.hpp"
#include "sim/support/text.hpp"
#include "sim/sweep/design_store.hpp"
#include "sim/sweep/sweep_results.hpp"

namespace lnsim::cli {
namespace {

constexpr double kQuerySeconds = 10.0;

/// A cell of a table: a whole number as it is, others with four digits.
std::string cell(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) {
    constexpr int kDigits = 4;
    return report::digits_text(value.get<double>(), kDigits);
  }
  return value.dump();
}

std::string json_cell(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_number_float() ? format_double(value.get<double>()) : value.dump();
}

std::string results_csv(const SweepResults& results) {
  std::vector<std::string> head{"number"};
  head.insert(head.end(), results.axes.begin(), results.axes.end());
  head.insert(head.end(), results.metrics.begin(), results.metrics.end());
  std::string text = report::csv_line(head);
  for (const StoredDesign& design : results.designs) {
    std::vector<std::string> cells{std::to_string(design.number)};
    for (const Json& value : design.values) cells.push_back(json_cell(value));
    for (const double metric : design.metrics) cells.push_back(format_double(metric));
    text += report::csv_line(cells);
  }
  return text;
}

/// The designs of a list with their axes and the figures that an architect looks at first.
std::string designs_table(const SweepResults& results, const std::vector<std::size_t>& designs,
                          const std::vector<std::string>& wanted) {
  std::vector<std::string> shown = wanted;
  for (const char* usual : {"seconds", "energy_j", "area_mm2", "power_w", "total_g"}) {
    if (std::find(shown.begin(), shown.end(), usual) == shown.end()) shown.emplace_back(usual);
  }
  report::TextTable table(1);
  std::vector<std::string> head{"design"};
  head.insert(head.end(), results.axes.begin(), results.axes.end());
  for (const std::string& name : shown) {
    if (results.column(name, "") >= results.axes.size()) head.push_back(name);
  }
  table.row(head);
  for (const std::size_t i : designs) {
    const StoredDesign& design = results.designs[i];
    std::vector<std::string> cells{std::to_string(design.number)};
    for (const Json& value : design.values) cells.push_back(cell(value));
    for (const std::string& name : shown) {
      const std::size_t column = results.column(name, "");
      constexpr int kDigits = 4;
      if (column >= results.axes.size()) cells.push_back(report::digits_text(results.value(design, column), kDigits));
    }
    table.row(cells);
  }
  return table.text(2);
}

std::string results_table(const SweepResults& results, const SweepOptions& given) {
  std::string text = results.name + ": " + report::grouped_text(results.size) + " designs, " +
                     report::grouped_text(results.designs.size()) + " evaluated within the constraints, " +
                     report::grouped_text(results.excluded) + " excluded by them, " +
                     report::grouped_text(results.failed.size()) + " failed\n";
  std::vector<std::size_t> columns;
  std::string names;
  for (const std::string& name : given.pareto) {
    columns.push_back(results.column(name, "--pareto"));
    names += (names.empty() ? "" : ", ") + name;
  }
  std::vector<std::size_t> front = pareto_front(results, columns);
  const std::size_t all = front.size();
  front.resize(std::min<std::size_t>(front.size(), given.count));
  text += "\nPareto front of " + names + ": " + report::grouped_text(all) + (all == 1 ? " design" : " designs") +
          (all > front.size() ? ", the first " + std::to_string(front.size()) : "") + "\n" +
          designs_table(results, front, given.pareto);
  if (!given.top.empty()) {
    const auto best = best_designs(results, results.column(given.top, "--top"), given.count);
    text += "\nBest in " + given.top + "\n" + designs_table(results, best, {given.top});
  }
  constexpr std::size_t kErrors = 5;
  for (std::size_t i = 0; i < std::min(kErrors, results.failed.size()); ++i) {
    text += (i == 0 ? "\nFailed\n" : "") + std::string("  design ") + std::to_string(results.failed[i].number) + ": " +
            results.failed[i].error.substr(0, results.failed[i].error.find('\n')) + "\n";
  }
  return text;
}

void print_query(const QueryResult& result, const std::string& format, Console& console) {
  const auto text_of = [](const std::optional<std::string>& value) { return value.value_or(""); };
  if (format == "json") {
    Json rows = Json::array();
    for (const auto& row : result.rows) {
      Json& json = rows.emplace_back(Json::object());
      for (std::size_t c = 0; c < row.size(); ++c) {
        json[result.columns[c]] = !row[c] ? Json() : result.numeric[c] ? Json::parse(*row[c]) : Json(*row[c]);
      }
    }
    console.out(dump_json(rows));
  } else if (format == "csv") {
    std::string text = report::csv_line(result.columns);
    for (const auto& row : result.rows) {
      std::vector<std::string> cells;
      for (const auto& value : row) cells.push_back(text_of(value));
      text += report::csv_line(cells);
    }
    console.out(text);
  } else {
    report::TextTable table(0);
    table.row(result.columns);
    for (const auto& row : result.rows) {
      std::vector<std::string> cells;
      for (const auto& value : row) cells.push_back(text_of(value));
      table.row(cells);
    }
    console.out(escape_lines(table.text()));
  }
}

}  // namespace

void print_sweep_query(const SweepInputs& sweep, const SweepOptions& given, Console& console) {
  const DesignStore store(given.store, DesignStore::Mode::kRead);
  print_query(store.query(sweep.id, given.query, kQuerySeconds), given.common.format, console);
}

void show_sweep_results(const SweepInputs& sweep, const SweepOptions& given, Console& console) {
  ResultFolder folder(given.common.out);
  const DesignStore store(given.store, DesignStore::Mode::kRead);
  const SweepResults results = sweep_results(store, sweep.id, sweep.spec);
  const bool prints_json = given.common.format == "json";
  const Json json = folder.wanted() || prints_json ? write_sweep_results(results, given.pareto) : Json();
  if (folder.wanted()) {
    folder.write("sweep.json", dump_json(json));
    folder.write("report.html", report::html_page({"sweep.json", json}, {}));
    folder.write("sweep.csv", results_csv(results));
    folder.commit();
  }
  if (prints_json) {
    console.out(dump_json(json));
  } else if (given.common.format == "csv") {
    console.out(results_csv(results));
  } else {
    console.out(escape_lines(results_table(results, given)));
  }
}

}  // namespace lnsim::cli
