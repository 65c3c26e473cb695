// SPDX-License-Identifier: Apache-2.0
#include "energy/components/dot_product.hpp"
#include "sim/arch/dram_preset.hpp"
#include "sim/cli/commands.hpp"
#include "sim/cli/inputs.hpp"
#include "sim/cli/program.hpp"
#include "sim/cli/results.hpp"
#include "sim/report/csv.hpp"
#include "sim/report/explanation.hpp"
#include "sim/support/error.hpp"
#include "sim/support/text.hpp"

namespace lnsim::cli {
namespace {

void print_unit(const std::string& file, std::uint64_t a_held, const energy::Technology& technology,
                const std::string& format, Console& console) {
  const Document document = read_json_file(file);
  const DotProductParams params = read_dot_product(document.root, document.file, "");
  constexpr std::uint64_t kUsualVector = 32;
  const energy::UnitPrice price =
      energy::price_unit(params, params.vector_size.value_or(kUsualVector), technology, static_cast<double>(a_held));
  if (format == "json") {
    console.out(dump_json(report::write_unit_price(price)));
  } else if (format == "csv") {
    std::string text = report::csv_line({"stage", "energy_fj_per_mac", "area_um2_per_mac"});
    for (const energy::StagePrice& stage : price.breakdown) {
      text += report::csv_line(
          {stage.stage, format_double(stage.energy_fj_per_mac), format_double(stage.area_um2_per_mac)});
    }
    console.out(text);
  } else {
    console.out(report::unit_price_table(price));
  }
}

void print_machine(const CommonOptions& common, const std::string& family, const ShippedFiles& files,
                   const energy::Technology& technology, Console& console) {
  const Accelerator accelerator = read_accelerator(
      with_dram_preset(read_json_file(files.find("accelerators", common.accelerator, "--accelerator")), files));
  const auto scheme_file = files.find("schemes", common.scheme, "--scheme");
  const Scheme scheme = read_scheme(read_json_file(scheme_file));
  if (scheme.auto_accumulator) {
    throw InputError(scheme_file.string(), "/dot_product/accumulator", "\"auto\"",
                     "an accumulator of some width: there is no network to choose one for");
  }
  check_scheme(scheme, accelerator.pe.vector_size, scheme_file.string());
  report::Explanation explanation{accelerator.name, scheme.name, technology.name, {}};
  explanation.lines = energy::explain(accelerator, scheme, technology, energy::optimizers_of(scheme, family));
  if (common.format == "json") {
    console.out(dump_json(report::write_explanation(explanation)));
  } else if (common.format == "csv") {
    console.out(report::explanation_csv(explanation));
  } else {
    console.out(escape_lines(report::explanation_table(explanation)));
  }
}

}  // namespace

int run_explain(const std::vector<std::string>& arguments, Context& context) {
  Options options("explain [options]",
                  "Shows where the price of each action comes from: its bill of primitives, their widths, counts and\n"
                  "sources; area and leakage of the hardware; what vector operations cost. With --unit: the price of\n"
                  "one dot-product unit alone, with fresh random operands every cycle.");
  CommonOptions common;
  std::string unit;
  std::string family = "cnn";
  std::uint64_t a_held = 1;
  constexpr std::uint64_t kLongestHold = 1U << 20U;
  options.text("unit", unit, "FILE", "a dot_product object to price alone, instead of a machine");
  options.count("a-held", a_held, 1, kLongestHold, "--unit: cycles for which operand A stays the same");
  options.text("accelerator", common.accelerator, "NAME|FILE", "the machine");
  add_scheme_option(options, common);
  options.choice("family", family, {"cnn", "transformer"}, "kind of network, which decides the optimizer");
  options.text("technology", common.prices.technology, "NAME|FILE", "energy of each primitive");
  options.choice("format", common.format, {"table", "json", "csv"}, "what is printed");
  add_data_dir_option(options, common);
  if (!options.parse(arguments)) {
    context.console.out(options.help());
    return kDone;
  }
  const ShippedFiles files = shipped_files(common, context);
  const energy::Technology technology =
      energy::read_technology(files.find("technology", common.prices.technology, "--technology"));
  if (!unit.empty()) {
    print_unit(unit, a_held, technology, common.format, context.console);
  } else {
    print_machine(common, family, files, technology, context.console);
  }
  return kDone;
}

}  // namespace lnsim::cli
