// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "sim/arch/scheme.hpp"
#include "sim/training/model.hpp"
#include "sim/training/network_run.hpp"
#include "sim/workload/network.hpp"

namespace lnsim::training::test {

/// A network of these layers, as JSON objects separated by commas.
[[nodiscard]] Network network_of(const std::string& layers, const std::string& family = "cnn");

/// A shipped workload or scheme.
[[nodiscard]] Network shipped_network(const std::string& name);
[[nodiscard]] Scheme shipped_scheme(const std::string& name);

/// Normal numbers, made from a seed.
[[nodiscard]] std::vector<double> normal_numbers(std::size_t count, std::uint64_t seed);

}  // namespace lnsim::training::test
