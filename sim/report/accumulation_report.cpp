// SPDX-License-Identifier: Apache-2.0
#include "sim/report/accumulation_report.hpp"

#include <string_view>
#include <vector>

#include "sim/report/csv.hpp"
#include "sim/report/numbers.hpp"
#include "sim/report/text_table.hpp"
#include "sim/support/text.hpp"

namespace lnsim::report {
namespace {

constexpr int kVrrDigits = 6;

Json write_least(const LeastMantissa& least) {
  Json result = {{"min_m_acc", least.bits}, {"vrr", least.kept.vrr}, {"ln_v", least.kept.ln_v}};
  if (least.measured) {
    result["measured"] = {{"vrr", least.measured->vrr},
                          {"half_width", least.measured->half_width},
                          {"saturations", least.measured->saturations}};
  }
  return result;
}

std::vector<std::string> measured_cells(const LeastMantissa& least) {
  if (!least.measured) return {"", ""};
  return {format_double(least.measured->vrr), format_double(least.measured->half_width)};
}

/// "0.9912 +- 0.0031"
std::string measured_text(const LeastMantissa& least) {
  constexpr int kDigits = 4;
  if (!least.measured) return "-";
  return digits_text(least.measured->vrr, kDigits) + " +- " + digits_text(least.measured->half_width, 2);
}

std::string_view rounding_text(numerics::Rounding rounding) {
  return rounding == numerics::Rounding::kNearestEven ? "nearest" : "zero";
}

Json write_row(const AccumulationRow& row) {
  return {{"name", row.layer},
          {"pass", std::string(pass_name(row.pass))},
          {"repeat", row.repeat},
          {"gemms", row.gemms},
          {"n", row.length},
          {"plain", write_least(row.plain)},
          {"chunked", write_least(row.chunked)}};
}

}  // namespace

Json write_accumulation(const AccumulationAnalysis& analysis, const std::string& workload, std::uint64_t batch) {
  Json result = {{"schema", "lnsim.accumulation/1"},
                 {"workload", workload},
                 {"batch", batch},
                 {"m_p", analysis.options.product_mantissa},
                 {"chunk", analysis.options.chunk},
                 {"nzr", analysis.options.non_zero_ratio},
                 {"layers", Json::array()},
                 {"knees", Json::array()}};
  if (const auto& measurement = analysis.options.measurement) {
    result["measurement"] = {{"exponent", measurement->exponent},
                             {"rounding", std::string(rounding_text(measurement->rounding))},
                             {"trials", measurement->trials},
                             {"seed", measurement->seed}};
  }
  for (const AccumulationRow& row : analysis.rows) result["layers"].push_back(write_row(row));
  for (const AccumulationKnee& knee : analysis.knees) {
    result["knees"].push_back({{"m_acc", knee.bits}, {"plain_n", knee.plain}, {"chunked_n", knee.chunked}});
  }
  return result;
}

std::string accumulation_csv(const AccumulationAnalysis& analysis) {
  std::string text = csv_line({"name", "pass", "repeat", "gemms", "n", "min_m_acc", "vrr", "ln_v", "chunked_min_m_acc",
                               "chunked_vrr", "chunked_ln_v", "measured_vrr", "measured_half_width",
                               "chunked_measured_vrr", "chunked_measured_half_width"});
  for (const AccumulationRow& row : analysis.rows) {
    std::vector<std::string> cells = {row.layer, std::string(pass_name(row.pass)), std::to_string(row.repeat),
                                      std::to_string(row.gemms), std::to_string(row.length)};
    for (const LeastMantissa* least : {&row.plain, &row.chunked}) {
      cells.push_back(std::to_string(least->bits));
      cells.push_back(format_double(least->kept.vrr));
      cells.push_back(format_double(least->kept.ln_v));
    }
    for (const LeastMantissa* least : {&row.plain, &row.chunked}) {
      for (std::string& cell : measured_cells(*least)) cells.push_back(std::move(cell));
    }
    text += csv_line(cells);
  }
  return text;
}

std::string accumulation_table(const AccumulationAnalysis& analysis, const std::string& workload, std::uint64_t batch) {
  const AccumulationOptions& options = analysis.options;
  std::string text = workload + ", batch " + std::to_string(batch) + ": least accumulator mantissa by the variance " +
                     "retention ratio\nproducts of " + std::to_string(options.product_mantissa) + " mantissa bits, " +
                     percent_text(options.non_zero_ratio) + " of them not zero; chunks of " +
                     std::to_string(options.chunk) + "; predicted for rounding to nearest\n";
  if (options.measurement) {
    text += "measured VRR at these bits with its 95 % interval: " + std::to_string(options.measurement->trials) +
            " sums of random products, rounding to " + std::string(rounding_text(options.measurement->rounding)) + "\n";
  }
  text += "\n";
  const bool measured = options.measurement.has_value();
  TextTable table(2);
  std::vector<std::string> header = {"layer", "pass", "n", "bits", "VRR", "chunked: bits", "VRR"};
  if (measured) header.insert(header.end(), {"measured", "chunked: measured"});
  table.row(header);
  for (const AccumulationRow& row : analysis.rows) {
    std::vector<std::string> cells = {row.layer,
                                      std::string(pass_name(row.pass)),
                                      grouped_text(row.length),
                                      std::to_string(row.plain.bits),
                                      digits_text(row.plain.kept.vrr, kVrrDigits),
                                      std::to_string(row.chunked.bits),
                                      digits_text(row.chunked.kept.vrr, kVrrDigits)};
    if (measured) cells.insert(cells.end(), {measured_text(row.plain), measured_text(row.chunked)});
    table.row(cells);
  }
  text += table.text();
  TextTable knees(0);
  knees.row({"bits", "longest sum", "in chunks"});
  for (const AccumulationKnee& knee : analysis.knees) {
    knees.row({std::to_string(knee.bits), grouped_text(knee.plain), grouped_text(knee.chunked)});
  }
  return text + "\n" + knees.text();
}

}  // namespace lnsim::report
