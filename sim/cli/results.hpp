// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sim/cli/console.hpp"
#include "sim/report/pricing.hpp"
#include "sim/support/files.hpp"

namespace lnsim::cli {

/// The folder of --out, or nothing where the option is not given.
class ResultFolder {
 public:
  /// `path`: "" for none. Throws InputError for a folder that cannot be made or replaced, before anything is simulated.
  explicit ResultFolder(const std::string& path);
  [[nodiscard]] bool wanted() const { return folder_.has_value(); }
  void write(const std::string& name, std::string_view text);
  void commit();

 private:
  std::optional<AtomicDirectory> folder_;
};

/// report.json, report.html, trace.json and layers.csv, if a folder is wanted.
void write_results(const report::PricedTrace& priced, const report::Pricing& pricing, ResultFolder& folder);

/// The report on stdout: "table", "json" or "csv" (the layers).
void print_results(const report::PricedTrace& priced, const report::Pricing& pricing, const std::string& format,
                   Console& console);

/// Text of several lines, safe for a terminal: names from files may hold control characters.
[[nodiscard]] std::string escape_lines(std::string_view text);

}  // namespace lnsim::cli
