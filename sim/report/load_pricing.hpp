// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/report/pricing.hpp"
#include "sim/support/shipped.hpp"

namespace lnsim::report {

/// What the options about prices say, names not yet looked up.
struct PricingInputs {
  std::string technology = "45nm";
  std::string grid = "USA";
  std::string pue;                               ///< "": the default of the shipped data
  std::string run;                               ///< "": the usual one of the network's family
  std::optional<std::uint64_t> samples, epochs;  ///< instead of the run's
  std::uint64_t chips = 1;
  std::string embodied;  ///< "": the shipped data; "none"
};

/// The table of grids. Throws InputError.
[[nodiscard]] std::vector<carbon::Grid> load_grids(const ShippedFiles& files);

/// The files that load_pricing() reads for these inputs, for networks of any family. Throws InputError as it does.
[[nodiscard]] std::vector<std::filesystem::path> pricing_files(const PricingInputs& inputs, const ShippedFiles& files);

/// Reads the files that the inputs name. `family` ("cnn", "transformer") chooses the run where none is named. Throws
/// InputError.
[[nodiscard]] Pricing load_pricing(const PricingInputs& inputs, const ShippedFiles& files, const std::string& family);

}  // namespace lnsim::report
