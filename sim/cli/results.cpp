// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/results.hpp"

#include <algorithm>

#include "sim/report/csv.hpp"
#include "sim/report/html/page.hpp"
#include "sim/report/report_json.hpp"
#include "sim/report/report_table.hpp"
#include "sim/support/json.hpp"
#include "sim/support/text.hpp"
#include "sim/trace/trace_file.hpp"

namespace lnsim::cli {
namespace {

/// What a folder of results may hold: only such a folder is replaced.
const std::vector<std::string> kResultFiles = {"report.json",      "trace.json",    "layers.csv", "comparison.json",
                                               "comparison.csv",   "training.json", "curves.csv", "accumulation.json",
                                               "accumulation.csv", "sweep.json",    "sweep.csv",  "report.html"};

}  // namespace

ResultFolder::ResultFolder(const std::string& path) {
  if (!path.empty()) folder_.emplace(path, kResultFiles);
}

void ResultFolder::write(const std::string& name, std::string_view text) {
  if (folder_) folder_->write(name, text);
}

void ResultFolder::commit() {
  if (folder_) folder_->commit();
}

void write_results(const report::PricedTrace& priced, const report::Pricing& pricing, ResultFolder& folder) {
  if (!folder.wanted()) return;
  const Json report = report::write_report(priced, pricing);
  folder.write("report.json", dump_json(report));
  folder.write("report.html", report::html_page({"report.json", report}, pricing.grids));
  folder.write("trace.json", dump_json(write_trace(priced.trace)));
  folder.write("layers.csv", report::layers_csv(priced));
  folder.commit();
}

void print_results(const report::PricedTrace& priced, const report::Pricing& pricing, const std::string& format,
                   Console& console) {
  if (format == "json") {
    console.out(dump_json(report::write_report(priced, pricing)));
  } else if (format == "csv") {
    console.out(report::layers_csv(priced));
  } else {
    console.out(escape_lines(report::report_table(priced, pricing)));
  }
}

std::string escape_lines(std::string_view text) {
  std::string escaped;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    escaped += escape_terminal(text.substr(0, end)) + "\n";
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return escaped;
}

}  // namespace lnsim::cli
