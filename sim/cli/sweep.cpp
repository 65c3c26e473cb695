// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <cmath>
#include <optional>

#include "sim/cli/commands.hpp"
#include "sim/cli/common_options.hpp"
#include "sim/cli/help.hpp"
#include "sim/cli/interrupt.hpp"
#include "sim/cli/program.hpp"
#include "sim/cli/progress.hpp"
#include "sim/cli/results.hpp"
#include "sim/report/csv.hpp"
#include "sim/report/numbers.hpp"
#include "sim/report/text_table.hpp"
#include "sim/support/error.hpp"
#include "sim/support/text.hpp"
#include "sim/sweep/design.hpp"
#include "sim/sweep/design_store.hpp"
#include "sim/sweep/store_output.hpp"
#include "sim/sweep/sweep_results.hpp"
#include "sim/sweep/sweep_run.hpp"

namespace lnsim::cli {
namespace {

constexpr double kQuerySeconds = 10.0;
constexpr std::uint64_t kMostShown = 1U << 20U;

struct SweepOptions {
  CommonOptions common;
  std::string store;
  bool again = false;
  std::vector<std::string> pareto{"seconds", "energy_j"};
  std::string top;
  std::uint64_t count = 10;
  std::string query;
};

/// A cell of a table: a whole number as it is, others with four digits.
std::string cell(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) {
    constexpr int kDigits = 4;
    return report::digits_text(value.get<double>(), kDigits);
  }
  return value.dump();
}

/// Cells that a spreadsheet would take for a formula are kept text.
std::string csv_cell(std::string text) {
  const bool number = !text.empty() && text.find_first_not_of("0123456789.eE+-") == std::string::npos;
  if (!text.empty() && !number && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos)
    text.insert(0, "'");
  return text;
}

std::string json_cell(const Json& value) {
  if (value.is_string()) return csv_cell(value.get<std::string>());
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
      for (const auto& value : row) cells.push_back(csv_cell(text_of(value)));
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

/// Whether the sweep was stopped before its end.
bool run(const SweepSpec& spec, const std::string& id, const Document& document, const ShippedFiles& files,
         const SweepOptions& given, Console& console) {
  std::atomic<bool> interrupted{false};
  const SoftInterrupt soft(interrupted);
  SweepRunOptions options;
  options.jobs = given.common.jobs;
  options.again = given.again;
  options.version = version();
  options.stop = &interrupted;
  Progress progress(console, given.common.quiet, given.common.progress == "lines");
  StoreOutput output(given.store, id, spec);
  const SweepProgress end = run_sweep(spec, document, files, options, output, [&](const SweepProgress& now) {
    const std::string failed = now.failed > 0 ? ", " + std::to_string(now.failed) + " failed" : "";
    progress.update(spec.name + " " + std::to_string(now.done) + "/" + std::to_string(now.size) + failed,
                    static_cast<double>(now.done) / static_cast<double>(std::max<std::uint64_t>(1, now.size)), 0);
  });
  return end.done < end.size;
}

}  // namespace

int run_sweep_command(const std::vector<std::string>& arguments, Context& context) {
  Options options("sweep [options] SPEC.json",
                  "Evaluates every design of a sweep file: axes over any field of accelerator, scheme, workload and\n"
                  "prices, under constraints. What is evaluated is kept in a store: a sweep that was stopped, killed,\n"
                  "extended or repeated computes only what is missing.");
  SweepOptions given;
  std::vector<std::string> specs;
  options.operands(specs);
  options.group("Running");
  options.text("store", given.store, "FILE", "SQLite file of the results (default: <name of the sweep>.sqlite)");
  add_jobs_option(options, given.common);
  options.flag("again", given.again, "evaluate designs that failed before once more");
  options.group("Results");
  options.list("pareto", given.pareto, "LIST", {}, "two or three metrics or axes whose front is shown");
  options.text("top", given.top, "METRIC", "the best designs in a metric");
  options.count("count", given.count, 1, kMostShown, "designs that are shown at most of the front and of --top");
  options.text("query", given.query, "SQL",
               "no run: a SELECT over `designs` (number, status, error, a column per axis and metric), read-only");
  add_output_options(options, given.common);
  add_data_dir_option(options, given.common);
  if (!options.parse(arguments)) {
    context.console.out(options.help());
    return kDone;
  }
  if (specs.size() != 1) throw InputError("sweep", "", std::to_string(specs.size()) + " files", "one sweep file");
  if (given.pareto.empty() || given.pareto.size() > 3) {
    throw InputError("--pareto", "", std::to_string(given.pareto.size()) + " names", "one to three metrics or axes");
  }
  const ShippedFiles files = shipped_files(given.common, context);
  const Document document = read_json_file(files.find("sweeps", specs.front(), "sweep"));
  const SweepSpec spec = read_sweep(document, metric_names());
  if (given.store.empty()) {
    if (spec.name.find('/') != std::string::npos) {
      throw InputError(document.file, "/name", spec.name, "a name without /, or --store FILE");
    }
    given.store = spec.name + ".sqlite";
  }
  const std::string id = sweep_id(document, version());
  if (!given.query.empty()) {
    const DesignStore store(given.store, DesignStore::Mode::kRead);
    print_query(store.query(id, given.query, kQuerySeconds), given.common.format, context.console);
    return kDone;
  }
  ResultFolder folder(given.common.out);
  const bool stopped = run(spec, id, document, files, given, context.console);
  const DesignStore store(given.store, DesignStore::Mode::kRead);
  const SweepResults results = sweep_results(store, id, spec);
  if (folder.wanted()) {
    folder.write("sweep.json", dump_json(write_sweep_results(results, given.pareto)));
    folder.write("sweep.csv", results_csv(results));
    folder.commit();
  }
  if (given.common.format == "json") {
    context.console.out(dump_json(write_sweep_results(results, given.pareto)));
  } else if (given.common.format == "csv") {
    context.console.out(results_csv(results));
  } else {
    context.console.out(escape_lines(results_table(results, given)));
  }
  if (stopped) {
    context.console.err("lnsim: stopped; the same command goes on with what is missing\n");
    return kInterrupted;
  }
  return kDone;
}

}  // namespace lnsim::cli
