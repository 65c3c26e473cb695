// SPDX-License-Identifier: Apache-2.0
#include "sim/report/accumulation_report.hpp"

#include "sim/report/csv.hpp"
#include "sim/report/numbers.hpp"
#include "sim/report/text_table.hpp"
#include "sim/support/text.hpp"

namespace lnsim::report {
namespace {

constexpr int kVrrDigits = 6;

Json write_least(const LeastMantissa& least) {
  return {{"min_m_acc", least.bits}, {"vrr", least.kept.vrr}, {"ln_v", least.kept.ln_v}};
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
  for (const AccumulationRow& row : analysis.rows) result["layers"].push_back(write_row(row));
  for (const AccumulationKnee& knee : analysis.knees) {
    result["knees"].push_back({{"m_acc", knee.bits}, {"plain_n", knee.plain}, {"chunked_n", knee.chunked}});
  }
  return result;
}

std::string accumulation_csv(const AccumulationAnalysis& analysis) {
  std::string text = csv_line({"name", "pass", "repeat", "gemms", "n", "min_m_acc", "vrr", "ln_v", "chunked_min_m_acc",
                               "chunked_vrr", "chunked_ln_v"});
  for (const AccumulationRow& row : analysis.rows) {
    text +=
        csv_line({row.layer, std::string(pass_name(row.pass)), std::to_string(row.repeat), std::to_string(row.gemms),
                  std::to_string(row.length), std::to_string(row.plain.bits), format_double(row.plain.kept.vrr),
                  format_double(row.plain.kept.ln_v), std::to_string(row.chunked.bits),
                  format_double(row.chunked.kept.vrr), format_double(row.chunked.kept.ln_v)});
  }
  return text;
}

std::string accumulation_table(const AccumulationAnalysis& analysis, const std::string& workload, std::uint64_t batch) {
  const AccumulationOptions& options = analysis.options;
  std::string text = workload + ", batch " + std::to_string(batch) + ": least accumulator mantissa by the variance " +
                     "retention ratio\nproducts of " + std::to_string(options.product_mantissa) + " mantissa bits, " +
                     percent_text(options.non_zero_ratio) + " of them not zero; chunks of " +
                     std::to_string(options.chunk) + "; rounding to nearest\n\n";
  TextTable table(2);
  table.row({"layer", "pass", "n", "bits", "VRR", "chunked: bits", "VRR"});
  for (const AccumulationRow& row : analysis.rows) {
    table.row({row.layer, std::string(pass_name(row.pass)), grouped_text(row.length), std::to_string(row.plain.bits),
               digits_text(row.plain.kept.vrr, kVrrDigits), std::to_string(row.chunked.bits),
               digits_text(row.chunked.kept.vrr, kVrrDigits)});
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
