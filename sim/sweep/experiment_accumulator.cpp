// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/experiment_accumulator.hpp"

#include "sim/accumulation/scheme_analysis.hpp"
#include "sim/support/error.hpp"

namespace lnsim {

void choose_accumulator(Scheme& scheme, const Experiment& experiment, const std::string& file) {
  if (!scheme.auto_accumulator) return;
  LowerOptions options;
  options.batch = experiment.batch;
  options.passes = parse_passes("forward,input_grad,weight_grad", "--passes");
  SchemeAnalysisOptions analysis;
  analysis.vector_size = static_cast<unsigned>(experiment.accelerator.pe.vector_size);
  try {
    scheme.dot_product.accumulator = auto_accumulator(lower(experiment.network, options), scheme, analysis);
  } catch (const numerics::SpecError& error) {
    throw InputError(file, "/dot_product/accumulator", "\"auto\"", error.what());
  }
  scheme.auto_accumulator = false;
  scheme.description += (scheme.description.empty() ? "" : " ") + std::string("Accumulator: the least one for ") +
                        experiment.network.name + " at batch " + std::to_string(experiment.batch) + ".";
}

}  // namespace lnsim
