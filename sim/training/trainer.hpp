// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/arch/scheme.hpp"
#include "sim/training/arithmetic.hpp"
#include "sim/training/dataset.hpp"
#include "sim/training/loss.hpp"
#include "sim/training/model.hpp"
#include "sim/training/network_run.hpp"
#include "sim/training/update_rule.hpp"
#include "sim/training/workers.hpp"

namespace lnsim::training {

/// How the learning rate falls from step to step.
enum class Schedule : std::uint8_t {
  kConstant,
  kCosine,  ///< from the full rate to 0 over all steps (Loshchilov and Hutter 2017)
  kStep,    ///< a tenth from half of the steps on, a hundredth from three quarters
};

/// Everything that decides the numbers of a training run, beside network, data and scheme.
struct TrainingSettings {
  std::uint64_t epochs = 10;
  std::uint64_t batch = 64;
  double learning_rate = 0.0;  ///< > 0
  Schedule schedule = Schedule::kCosine;
  double loss_scale = 1.0;  ///< gradients are this much larger until the update; a power of two
  OptimizerSettings optimizer;
  std::uint64_t seed = 1;          ///< initial weights, the order of the samples, stochastic rounding
  std::uint64_t vector_size = 32;  ///< V of the dot-product units
};

/// 0.05 for SGD, 0.001 for Adam, 2^-4 for Madam: trainings of few epochs, whose rate falls. The paper has 2^-7 for long
/// ones.
[[nodiscard]] double usual_learning_rate(Optimizer optimizer);

/// The rate of a step (from 0) of `steps`; 1 is the full rate.
[[nodiscard]] double schedule_factor(Schedule schedule, std::uint64_t step, std::uint64_t steps);

/// The state of affairs after an epoch.
struct EpochRecord {
  std::uint64_t epoch = 0;     ///< from 1
  std::uint64_t steps = 0;     ///< so far
  double learning_rate = 0.0;  ///< of the last step
  double train_loss = 0.0;     ///< mean over the epoch's batches, each before its update
  double train_accuracy = 0.0;
  double test_loss = 0.0;
  double test_accuracy = 0.0;
  ArithmeticCounts counts;  ///< of the epoch, tests included

  friend bool operator==(const EpochRecord&, const EpochRecord&) = default;
};

/// A value that is not finite ended the run.
class Diverged : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// One training run: a network on a data set under one scheme. The result depends on the settings alone, not on the
/// number of threads nor on interruptions that save() and load() bridge.
class Trainer {
 public:
  /// All arguments must outlive the trainer. Throws InputError where network, data and scheme do not fit each other,
  /// and for a network that cannot be trained.
  Trainer(const Network& network, const Dataset& dataset, const Scheme& scheme, const TrainingSettings& settings,
          Workers& workers);

  /// Batches of an epoch: the samples that do not fill one wait for an epoch that draws them.
  [[nodiscard]] std::uint64_t steps_per_epoch() const;
  [[nodiscard]] std::uint64_t steps() const { return steps_; }
  [[nodiscard]] bool finished() const { return records_.size() == settings_.epochs; }
  [[nodiscard]] const std::vector<EpochRecord>& records() const { return records_; }
  /// Trained numbers.
  [[nodiscard]] std::uint64_t parameter_count() const;
  /// Useful MACs so far, and the time of this process that their GEMMs took.
  [[nodiscard]] std::uint64_t macs() const { return arithmetic_->counts().macs; }
  [[nodiscard]] double gemm_seconds() const { return arithmetic_->gemm_seconds(); }

  /// One step; after an epoch's last one, the test. Throws Diverged, naming step and tensor.
  void step();

  /// Loss and accuracy on the test samples with the parameters as they are.
  [[nodiscard]] LossSum test();

  /// The whole state; text for a checkpoint.
  [[nodiscard]] std::string save() const;
  /// Throws BytesError if the text is not the state of this run.
  void load(std::string_view state);

 private:
  void load_batch(const Samples& samples, std::size_t first, const std::vector<std::uint32_t>* order);
  void end_epoch();

  const Dataset& dataset_;
  const TrainingSettings settings_;
  Workers& workers_;
  Model model_;
  std::unique_ptr<Arithmetic> arithmetic_;
  std::vector<Values> parameters_;
  std::vector<std::unique_ptr<UpdateRule>> rules_;
  std::unique_ptr<NetworkRun> run_;

  std::uint64_t steps_ = 0;
  LossSum epoch_loss_;
  ArithmeticCounts before_;  ///< counts when the epoch began
  double learning_rate_ = 0.0;
  std::vector<EpochRecord> records_;

  std::vector<std::uint32_t> order_;  ///< of the samples in the epoch order_epoch_
  std::uint64_t order_epoch_ = UINT64_MAX;
  std::vector<double> batch_values_;
  std::vector<std::uint16_t> batch_labels_;
  std::vector<double> output_gradient_;
};

/// The order of `count` samples in an epoch: Fisher-Yates with a generator that seed and epoch alone start.
[[nodiscard]] std::vector<std::uint32_t> epoch_order(std::uint64_t seed, std::uint64_t epoch, std::size_t count);

}  // namespace lnsim::training
