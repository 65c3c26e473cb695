// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/report/pricing.hpp"
#include "sim/support/json.hpp"
#include "sim/training/trainer.hpp"

namespace lnsim::report {

/// A training run under one scheme, and what an iteration of it costs on the machine.
struct TrainedScheme {
  Scheme scheme;
  double learning_rate = 0.0;  ///< the full rate
  std::vector<training::EpochRecord> epochs;
  std::string diverged;  ///< why the run ended early: step and tensor; "" if it did not
  PricedTrace priced;    ///< one iteration; its run is the whole training

  /// After the last epoch; 0 before the first.
  [[nodiscard]] double accuracy() const { return epochs.empty() ? 0.0 : epochs.back().test_accuracy; }
};

/// The same network and data under several schemes.
struct TrainingReport {
  std::string workload, dataset, accelerator, family;
  std::uint64_t train_samples = 0, test_samples = 0, classes = 0, parameters = 0;
  training::TrainingSettings settings;
  std::string version;
  std::vector<TrainedScheme> schemes;  ///< not empty
};

/// Whether no other scheme is at least as accurate for less energy, or more accurate for as much.
[[nodiscard]] bool on_front(const TrainingReport& report, std::size_t scheme);

/// training.json ("lnsim.training/1").
[[nodiscard]] Json write_training(const TrainingReport& report, const Pricing& pricing);
/// curves.csv: a row for each scheme and epoch.
[[nodiscard]] std::string training_csv(const TrainingReport& report);
/// What `train` prints.
[[nodiscard]] std::string training_table(const TrainingReport& report, const Pricing& pricing);

/// "constant", "cosine", "step".
[[nodiscard]] std::string schedule_name(training::Schedule schedule);

}  // namespace lnsim::report
