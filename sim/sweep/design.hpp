// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/report/load_pricing.hpp"
#include "sim/study/format_snr.hpp"
#include "sim/support/shipped.hpp"
#include "sim/sweep/experiment.hpp"
#include "sim/sweep/file_hashes.hpp"
#include "sim/sweep/sweep_spec.hpp"

namespace lnsim {

/// A figure of a design.
struct DesignMetric {
  std::string_view name, unit, text;
  bool more_is_better;
  double (*value)(const report::PricedTrace& priced);
};
/// All of them, in the order of results. Beside these there is snr_db, which needs no simulation.
[[nodiscard]] const std::vector<DesignMetric>& design_metrics();
/// Their names, snr_db included.
[[nodiscard]] std::vector<std::string> metric_names();
/// Of a metric_names() name.
[[nodiscard]] bool more_is_better(std::string_view metric);

/// A text's hash, for keys: equal texts have one, and no two others are known to (SHA-1, as a UUID of version 5).
[[nodiscard]] std::string text_hash(const std::string& text);

/// One design of a sweep with all that determines its figures.
struct Design {
  std::uint64_t number = 0;
  std::vector<Json> values;  ///< of the axes
  Json inputs;               ///< accelerator, scheme, workload, ..., every default written out
  std::string key;           ///< hash of the inputs, the files of their prices and the model's version
};

/// Makes the designs of a sweep and evaluates them on the fast engine with the heuristic mapping. Not thread-safe.
class DesignEvaluator {
 public:
  /// `file`: the sweep's, for messages. Reads no file yet.
  DesignEvaluator(const SweepSpec& spec, std::string file, const ShippedFiles& files, std::string version);

  /// Throws InputError where the base or a value names a file that is missing or wrong, or a value has no place in the
  /// inputs. Whether values are sound is seen in evaluate().
  [[nodiscard]] Design design(std::uint64_t number);

  /// Hash of the files that the sweep names, as they are now: of its base, and of values of axes that are whole inputs.
  [[nodiscard]] std::string inputs_hash();

  /// The design's iteration with its prices, which live as long as the evaluator. Throws as evaluate().
  struct Priced {
    report::PricedTrace trace;
    const report::Pricing& pricing;
    double snr_db = 0.0;
  };
  [[nodiscard]] Priced price(const Design& design);

  /// Metrics in the order of metric_names(). Throws InputError, OverflowError, SimulationError as simulate does.
  [[nodiscard]] std::vector<double> evaluate(const Design& design);

 private:
  [[nodiscard]] const Json& resolved(const std::string& kind, const std::string& name);
  void set(Json& inputs, const std::string& pointer, const Json& value, std::size_t axis);
  [[nodiscard]] std::string price_files_hash(const Json& inputs);
  [[nodiscard]] const report::Pricing& pricing_of(const Json& inputs, const std::string& family);
  [[nodiscard]] std::string word(const Json& inputs, const char* name, std::span<const std::string_view> words) const;
  void choose_accumulator_once(Experiment& experiment, const Json& inputs);

  const SweepSpec& spec_;
  std::string file_;
  const ShippedFiles& files_;
  std::string version_;
  FileHashes hashes_;
  std::map<std::string, std::string> price_hashes_;  ///< by technology and run
  std::map<std::string, Json> resolved_;             ///< by kind and name
  std::map<std::string, report::Pricing> pricing_;
  FormatSnr snr_;
  std::map<std::string, Scheme> chosen_;  ///< schemes whose "auto" accumulator was chosen
  /// The trace of these inputs at this clock: the last one, which is gone then, if only prices differ.
  [[nodiscard]] Trace take_trace(const Experiment& experiment, const Json& inputs);

  PassCache passes_;
  std::string last_traced_;
  std::optional<Trace> last_trace_;
  Json last_workload_;
  std::optional<Network> last_network_;
};

}  // namespace lnsim
