// SPDX-License-Identifier: Apache-2.0
#include "sim/report/accumulation_report.hpp"

#include <cmath>
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

/// A measured figure that may be infinite: no error at all.
Json finite(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json write_unit(const UnitMeasurement& measured) {
  return {{"vrr", measured.kept.vrr},
          {"half_width", measured.kept.half_width},
          {"saturations", measured.kept.saturations},
          {"snr_db", finite(measured.snr_db)}};
}

Json write_widths(const numerics::AccumulatorSpec& spec) {
  if (spec.floating) return {{"type", "float"}, {"mantissa", spec.floating->mantissa}};
  Json json = {{"type", "fixed"}, {"bits", spec.fixed->bits}};
  if (spec.fixed->guard) json["guard"] = *spec.fixed->guard;
  return json;
}

/// "19 bits, guard 4" or "mantissa 9"
std::string widths_text(const numerics::AccumulatorSpec& spec) {
  if (spec.floating) return "mantissa " + std::to_string(spec.floating->mantissa);
  const std::string bits = std::to_string(spec.fixed->bits) + " bits";
  return spec.fixed->guard ? bits + ", guard " + std::to_string(*spec.fixed->guard) : bits;
}

std::string snr_text(const UnitMeasurement& measured) {
  return std::isfinite(measured.snr_db) ? digits_text(measured.snr_db) : "exact";
}

std::vector<std::string> scheme_cells(const SchemeAccumulation* row) {
  constexpr std::size_t kCells = 7;
  if (row == nullptr) return std::vector<std::string>(kCells);
  const bool fixed = row->least.fixed.has_value();
  return {format_double(row->non_zero_ratio),
          format_double(row->own.kept.vrr),
          std::isfinite(row->own.snr_db) ? format_double(row->own.snr_db) : "",
          std::to_string(row->own.kept.saturations),
          fixed ? "" : std::to_string(row->least.floating->mantissa),
          fixed ? std::to_string(row->least.fixed->bits) : "",
          fixed && row->least.fixed->guard ? std::to_string(*row->least.fixed->guard) : ""};
}

std::string scheme_table(const SchemeAnalysis& scheme) {
  std::string text = "\n" + scheme.scheme + ", groups of " + std::to_string(scheme.vector_size) + ": " +
                     std::to_string(scheme.trials) +
                     " sums of operands from the tensors' distributions; least: within 1 % of the second moment, no "
                     "saturation\n\n";
  TextTable table(2);
  table.row({"layer", "pass", "n", "not zero", "VRR", "SNR dB", "saturated", "least", "SNR dB"});
  for (const SchemeAccumulation& row : scheme.rows) {
    table.row({row.layer, std::string(pass_name(row.pass)), grouped_text(row.length), percent_text(row.non_zero_ratio),
               digits_text(row.own.kept.vrr, 4), snr_text(row.own), grouped_text(row.own.kept.saturations),
               widths_text(row.least), snr_text(row.kept)});
  }
  return text + table.text() + "\nleast for all: " + widths_text(scheme.widest) + "\n";
}

}  // namespace

Json write_accumulation(const AccumulationReport& report) {
  const AccumulationAnalysis& analysis = report.analysis;
  const std::string& workload = report.workload;
  const std::uint64_t batch = report.batch;
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
  if (const auto& scheme = report.scheme) {
    result["scheme"] = {{"name", scheme->scheme},
                        {"vector_size", scheme->vector_size},
                        {"trials", scheme->trials},
                        {"seed", scheme->seed},
                        {"least", write_widths(scheme->widest)}};
    for (std::size_t i = 0; i < scheme->rows.size(); ++i) {
      const SchemeAccumulation& row = scheme->rows[i];
      result["layers"][i]["scheme"] = {{"nzr", row.non_zero_ratio},
                                       {"own", write_unit(row.own)},
                                       {"least", write_widths(row.least)},
                                       {"kept", write_unit(row.kept)}};
    }
  }
  for (const AccumulationKnee& knee : analysis.knees) {
    result["knees"].push_back({{"m_acc", knee.bits}, {"plain_n", knee.plain}, {"chunked_n", knee.chunked}});
  }
  return result;
}

std::string accumulation_csv(const AccumulationReport& report) {
  const AccumulationAnalysis& analysis = report.analysis;
  std::string text = csv_line({"name",
                               "pass",
                               "repeat",
                               "gemms",
                               "n",
                               "min_m_acc",
                               "vrr",
                               "ln_v",
                               "chunked_min_m_acc",
                               "chunked_vrr",
                               "chunked_ln_v",
                               "measured_vrr",
                               "measured_half_width",
                               "chunked_measured_vrr",
                               "chunked_measured_half_width",
                               "scheme_nzr",
                               "scheme_vrr",
                               "scheme_snr_db",
                               "scheme_saturations",
                               "scheme_least_mantissa",
                               "scheme_least_bits",
                               "scheme_least_guard"});
  for (std::size_t i = 0; i < analysis.rows.size(); ++i) {
    const AccumulationRow& row = analysis.rows[i];
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
    for (std::string& cell : scheme_cells(report.scheme ? &report.scheme->rows[i] : nullptr)) {
      cells.push_back(std::move(cell));
    }
    text += csv_line(cells);
  }
  return text;
}

std::string accumulation_table(const AccumulationReport& report) {
  const AccumulationAnalysis& analysis = report.analysis;
  const std::string& workload = report.workload;
  const std::uint64_t batch = report.batch;
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
  text += "\n" + knees.text();
  if (report.scheme) text += scheme_table(*report.scheme);
  return text;
}

}  // namespace lnsim::report
