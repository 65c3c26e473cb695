// SPDX-License-Identifier: Apache-2.0
#include "sim/study/base_study.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "energy/components/dot_product.hpp"
#include "sim/arch/dram_preset.hpp"
#include "sim/arch/scheme.hpp"
#include "sim/cli/commands.hpp"
#include "sim/cli/common_options.hpp"
#include "sim/cli/program.hpp"
#include "sim/cli/results.hpp"
#include "sim/numerics/lns.hpp"
#include "sim/report/csv.hpp"
#include "sim/report/text_table.hpp"
#include "sim/support/error.hpp"
#include "sim/support/files.hpp"
#include "sim/support/text.hpp"
#include "sim/workload/lower.hpp"

namespace lnsim::cli {
namespace {

constexpr std::array<const char*, kStudiedRoles.size()> kRoleNames = {"weight", "activation", "gradient"};
constexpr unsigned kUpdateBits = 16;  ///< of the log-domain copy that Madam updates

using Bases = std::array<LnsBase, kStudiedRoles.size()>;

/// The bases of a scheme's roles; all must be LNS with a zero code.
Bases bases_of(const Scheme& scheme, const std::string& file) {
  Bases bases;
  for (std::size_t role = 0; role < bases.size(); ++role) {
    const auto* lns = dynamic_cast<const numerics::LnsFormat*>(&scheme.format(kStudiedRoles[role]));
    if (lns == nullptr || lns->zero_mode() != numerics::ZeroMode::kZeroCode) {
      throw InputError(file, std::string("/formats/") + kRoleNames[role], scheme.format(kStudiedRoles[role]).name(),
                       "LNS with a zero code: a study starts from such a scheme");
    }
    bases[role] = {lns->bits(), lns->gamma()};
  }
  return bases;
}

/// The scheme's unit for two bases: a table no longer than the finer of them needs.
DotProductParams unit_for(const Scheme& scheme, const LnsBase& a, const LnsBase& b) {
  DotProductParams unit = scheme.dot_product;
  unit.format_a = format_of(a);
  unit.format_b = format_of(b);
  unit.conversion.lut_entries = std::min(unit.conversion.lut_entries, std::max(a.gamma, b.gamma));
  return unit;
}

/// Femtojoules of a MAC in a unit made for the pair; infinite where there is none.
PairCost pair_cost(const Scheme& scheme, std::uint64_t vector_size, const energy::Technology& technology) {
  return [&scheme, vector_size, &technology](const LnsBase& a, const LnsBase& b) {
    try {
      return energy::price_unit(unit_for(scheme, a, b), vector_size, technology).energy_fj_per_mac;
    } catch (const numerics::SpecError&) {
      return std::numeric_limits<double>::infinity();
    }
  };
}

std::string name_of(const LnsBase& base) { return fmt::format("LNS({}, {})", base.bits, base.gamma); }
std::string decibels(double noise) {
  return std::isfinite(snr_db(noise)) ? fmt::format("{:.1f} dB", snr_db(noise)) : "exact";
}
Json json_snr(double noise) { return std::isfinite(snr_db(noise)) ? Json(snr_db(noise)) : Json(); }

double noise_at(const BaseStudy& study, std::size_t role, const LnsBase& base) {
  const auto found = std::find(study.bases.begin(), study.bases.end(), base);
  return study.noise[role].empty() ? 0.0 : study.noise[role][static_cast<std::size_t>(found - study.bases.begin())];
}

/// Per width the gamma with the least noise.
std::string table_text(const BaseStudy& study, const BaseChoice& best, const BaseChoice& reference,
                       const std::string& scheme) {
  report::TextTable widths;
  widths.row({"bits", "weight", "", "activation", "", "gradient", ""});
  for (std::size_t first = 0; first < study.bases.size();) {
    const unsigned bits = study.bases[first].bits;
    std::vector<std::string> cells = {std::to_string(bits)};
    std::size_t end = first;
    while (end < study.bases.size() && study.bases[end].bits == bits) ++end;
    for (const std::vector<double>& noise : study.noise) {
      if (noise.empty()) {
        cells.insert(cells.end(), {"-", ""});
        continue;
      }
      const auto begin = noise.begin() + static_cast<std::ptrdiff_t>(first);
      const auto least = std::min_element(begin, noise.begin() + static_cast<std::ptrdiff_t>(end));
      cells.push_back(fmt::format("gamma {}", study.bases[static_cast<std::size_t>(least - noise.begin())].gamma));
      cells.push_back(decibels(*least));
    }
    widths.row(cells);
    first = end;
  }
  report::TextTable choices;
  choices.row({"", "weight", "activation", "gradient", "product SNR", "fJ/MAC", "energy"});
  const auto choice = [&](const std::string& title, const BaseChoice& of) {
    std::vector<std::string> cells = {title};
    for (const LnsBase& base : of.bases) cells.push_back(name_of(base));
    cells.push_back(decibels(of.noise));
    cells.push_back(fmt::format("{:.1f}", of.cost));
    cells.push_back(fmt::format("{:.3f}", of.cost / reference.cost));
    choices.row(cells);
  };
  choice("best within the budget", best);
  choice(scheme, reference);
  std::string text = "The best base of each width, and its signal over noise (mean over tensors, by MACs):\n" +
                     widths.text(2) + "\n" + choices.text();
  for (std::size_t role = 0; role < kRoleNames.size(); ++role) {
    text += fmt::format("{:<12}{} in {}, {} in {}\n", kRoleNames[role],
                        decibels(noise_at(study, role, best.bases[role])), name_of(best.bases[role]),
                        decibels(noise_at(study, role, reference.bases[role])), name_of(reference.bases[role]));
  }
  return text +
         "\nEnergy is that of a dot-product unit made for each pair of operands; a MAC's mean over the iteration.\n";
}

Json json_choice(const BaseChoice& choice) {
  Json json;
  for (std::size_t role = 0; role < kRoleNames.size(); ++role) {
    json["formats"][kRoleNames[role]] = {{"bits", choice.bases[role].bits}, {"gamma", choice.bases[role].gamma}};
  }
  json["product_snr_db"] = json_snr(choice.noise);
  json["energy_fj_per_mac"] = choice.cost;
  return json;
}

Json json_text(const BaseStudy& study, const BaseChoice& best, const BaseChoice& reference, const std::string& workload,
               const Scheme& scheme, double budget) {
  Json json;
  json["schema"] = "lnsim.base_study/1";
  json["workload"] = workload;
  json["scheme"] = scheme.name;
  json["budget"] = budget;
  json["best"] = json_choice(best);
  json["reference"] = json_choice(reference);
  for (std::size_t i = 0; i < study.bases.size(); ++i) {
    Json row = {{"bits", study.bases[i].bits}, {"gamma", study.bases[i].gamma}};
    for (std::size_t role = 0; role < kRoleNames.size(); ++role) {
      if (!study.noise[role].empty()) row["snr_db"][kRoleNames[role]] = json_snr(study.noise[role][i]);
    }
    json["bases"].push_back(std::move(row));
  }
  for (const TensorNoise& tensor : study.tensors) {
    Json row = {{"layer", tensor.layer},
                {"tensor", tensor.tensor},
                {"role", role_name(tensor.role)},
                {"measured", tensor.measured},
                {"macs", tensor.macs}};
    for (const double noise : tensor.noise) row["snr_db"].push_back(json_snr(noise));
    json["tensors"].push_back(std::move(row));
  }
  return json;
}

std::string csv_text(const BaseStudy& study) {
  std::string text = report::csv_line({"layer", "tensor", "role", "measured", "macs", "bits", "gamma", "snr_db"});
  for (const TensorNoise& tensor : study.tensors) {
    for (std::size_t i = 0; i < study.bases.size(); ++i) {
      const double snr = snr_db(tensor.noise[i]);
      text += report::csv_line({tensor.layer, tensor.tensor, std::string(role_name(tensor.role)),
                                tensor.measured ? "yes" : "no", std::to_string(tensor.macs),
                                std::to_string(study.bases[i].bits), std::to_string(study.bases[i].gamma),
                                std::isfinite(snr) ? format_double(snr) : ""});
    }
  }
  return text;
}

/// The base scheme with the chosen formats, and an update copy of the weight's range.
Scheme scheme_of(const Scheme& base, const BaseChoice& best, const std::string& name, const std::string& workload) {
  Scheme scheme = base;
  scheme.name = name;
  scheme.description = "Bases and widths chosen by lnsim study base on " + workload + ", from " + base.name + ".";
  scheme.source = "lnsim study base; " + base.source;
  scheme.weight = format_of(best.bases[0]);
  scheme.activation = format_of(best.bases[1]);
  scheme.gradient = scheme.weight_gradient = format_of(best.bases[2]);
  if (scheme.update != nullptr && scheme.update->kind() == numerics::FormatKind::kLns) {
    const LnsBase& weight = best.bases[0];
    scheme.update = format_of({kUpdateBits, weight.gamma << (kUpdateBits - weight.bits)});
  }
  unsigned finest = 1;
  for (const LnsBase& of : best.bases) finest = std::max(finest, of.gamma);
  scheme.dot_product.conversion.lut_entries = std::min(base.dot_product.conversion.lut_entries, finest);
  return scheme;
}

std::pair<unsigned, unsigned> parse_bits(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) throw InputError("--bits", "", brief_json(Json(text)), "LEAST:MOST, as 4:8");
  const std::uint64_t least = parse_count("--bits", text.substr(0, colon), 2, 12);
  return {static_cast<unsigned>(least),
          static_cast<unsigned>(parse_count("--bits", text.substr(colon + 1), least, 12))};
}

}  // namespace

int run_study(const std::vector<std::string>& arguments, Context& context) {
  Options options(
      "study base [options]",
      "Says how well each LNS base and width keeps the weights, activations and gradients of a network, and\n"
      "which three give products the least noise for no more energy than a budget. The result is a scheme\n"
      "that simulate, compare and train take.");
  CommonOptions common;
  std::vector<std::string> words;
  std::string bits = "4:8", budget = "1", out, name;
  BaseStudyOptions given;
  options.operands(words);
  add_workload_option(options, common);
  options.text("scheme", common.scheme, "NAME|FILE", "an LNS scheme to start from, and to compare with");
  options.text("bits", bits, "LEAST:MOST", "widths to try, 2 to 12");
  options.text("budget", budget, "RATIO", "most energy of a MAC, relative to the scheme's");
  options.count("samples", given.samples, 16, 1U << 24U, "elements of each tensor");
  options.text("tensors", common.tensors, "DIR",
               "NumPy files LAYER.TENSOR.npy of measured tensors; others are synthetic, by their role");
  options.count("seed", given.seed, 0, UINT64_MAX, "of synthetic tensors");
  options.text("accelerator", common.accelerator, "NAME|FILE", "the machine, for the elements of a group");
  options.text("technology", common.prices.technology, "NAME|FILE", "energy of each primitive");
  options.group("Results");
  options.text("out", out, "FILE", "the scheme file");
  options.text("name", name, "NAME", "of the scheme (default: the file's)");
  options.choice("format", common.format, {"table", "json", "csv"}, "what is printed");
  add_data_dir_option(options, common);
  if (!options.parse(arguments)) {
    context.console.out(options.help());
    return kDone;
  }
  if (words != std::vector<std::string>{"base"})
    throw InputError("study", "", words.empty() ? "nothing" : words.front(), "base");
  std::tie(given.least_bits, given.most_bits) = parse_bits(bits);
  const double most = parse_real("--budget", budget, 0.0, 1000.0);
  if (!common.tensors.empty()) given.tensors = common.tensors;
  const ShippedFiles files = shipped_files(common, context);
  const Network network = read_network(read_json_file(files.find("workloads", common.workload, "--workload")));
  const std::filesystem::path scheme_file = files.find("schemes", common.scheme, "--scheme");
  const Scheme scheme = read_scheme(read_json_file(scheme_file));
  const Bases own = bases_of(scheme, scheme_file.string());
  given.also.assign(own.begin(), own.end());
  const Accelerator accelerator = read_accelerator(
      with_dram_preset(read_json_file(files.find("accelerators", common.accelerator, "--accelerator")), files));
  const energy::Technology technology =
      energy::read_technology(files.find("technology", common.prices.technology, "--technology"));
  LowerOptions lowering;
  lowering.batch = network.batch;
  const BaseStudy study = study_bases(lower(network, lowering), given);
  if (study.pairs.empty())
    throw InputError(network.file, "/layers", "no products", "a network with convolutions or products");
  const PairCost cost = pair_cost(scheme, accelerator.pe.vector_size, technology);
  const BaseChoice reference = judge(study, own, cost);
  const std::optional<BaseChoice> best = best_bases(study, cost, most * reference.cost);
  if (!best) throw InputError("--budget", "", budget, "more: no base of these widths is that cheap");
  if (!out.empty()) {
    const std::string called = name.empty() ? std::filesystem::path(out).stem().string() : name;
    const Json written = write_scheme(scheme_of(scheme, *best, called, network.name));
    (void)read_scheme({out, written});
    write_file_atomically(out, dump_json(written));
  }
  if (common.format == "json") {
    context.console.out(dump_json(json_text(study, *best, reference, network.name, scheme, most)));
  } else if (common.format == "csv") {
    context.console.out(csv_text(study));
  } else {
    context.console.out(escape_lines(table_text(study, *best, reference, scheme.name)));
  }
  return kDone;
}

}  // namespace lnsim::cli
