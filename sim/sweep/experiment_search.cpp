// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/experiment_search.hpp"

#include <memory>

#include "energy/accounting.hpp"

namespace lnsim {

void set_objective(Experiment& experiment, const energy::Technology& technology, const std::string& objective) {
  experiment.objective = [&experiment, &technology, objective](const Scheme& scheme) -> MappingCost {
    if (objective == "cycles") return [](const TraceEntry& entry) { return static_cast<double>(entry.cycles); };
    const auto pricer = std::make_shared<const energy::EntryPricer>(
        experiment.accelerator, scheme, technology, static_cast<double>(experiment.clock_hz),
        energy::optimizers_of(scheme, experiment.network.family));
    if (objective == "energy") return [pricer](const TraceEntry& entry) { return pricer->energy_j(entry); };
    return [pricer](const TraceEntry& entry) { return pricer->energy_j(entry) * pricer->seconds(entry); };
  };
}

}  // namespace lnsim
