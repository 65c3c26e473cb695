// SPDX-License-Identifier: Apache-2.0
#include "sim/report/training_report.hpp"

#include <algorithm>

#include "sim/report/csv.hpp"
#include "sim/report/numbers.hpp"
#include "sim/report/text_table.hpp"
#include "sim/support/text.hpp"

namespace lnsim::report {
namespace {

constexpr double kJoulesPerKwh = 3.6e6;

Json write_epoch(const training::EpochRecord& record) {
  return {{"epoch", record.epoch},
          {"steps", record.steps},
          {"learning_rate", record.learning_rate},
          {"train_loss", record.train_loss},
          {"train_accuracy", record.train_accuracy},
          {"test_loss", record.test_loss},
          {"test_accuracy", record.test_accuracy},
          {"macs", record.counts.macs},
          {"saturations", record.counts.saturations},
          {"rounded", record.counts.rounded},
          {"clipped", record.counts.clipped}};
}

Json write_range(const carbon::Range& range) { return {{"low", range.low}, {"mid", range.mid}, {"high", range.high}}; }

Json write_scheme_run(const TrainingReport& report, std::size_t index) {
  const TrainedScheme& run = report.schemes[index];
  const carbon::CarbonReport& carbon = run.priced.run_carbon;
  Json epochs = Json::array();
  for (const training::EpochRecord& record : run.epochs) epochs.push_back(write_epoch(record));
  Json json = {{"scheme", run.scheme.name},
               {"optimizer", std::string(optimizer_name(run.scheme.optimizer(report.family)))},
               {"learning_rate", run.learning_rate},
               {"diverged", run.diverged.empty() ? Json() : Json(run.diverged)},
               {"test_accuracy", run.accuracy()},
               {"pareto", on_front(report, index)},
               {"iteration", {{"cycles", run.priced.totals.cycles}, {"energy_j", run.priced.energy.total_j}}},
               {"run",
                {{"iterations", carbon.iterations},
                 {"seconds", carbon.seconds},
                 {"it_kwh", carbon.it_kwh},
                 {"kwh", carbon.kwh},
                 {"energy_j", carbon.kwh * kJoulesPerKwh},
                 {"operational_g", carbon.operational_g},
                 {"total_g", carbon.total_g},
                 {"kwh_range", write_range(carbon.kwh_range)}}},
               {"epochs", std::move(epochs)},
               {"config", write_scheme(run.scheme)}};
  return json;
}

std::string final_text(const TrainedScheme& run) {
  return run.diverged.empty() ? percent_text(run.accuracy()) : "diverged";
}

}  // namespace

std::string schedule_name(training::Schedule schedule) {
  switch (schedule) {
    case training::Schedule::kConstant: return "constant";
    case training::Schedule::kStep: return "step";
    case training::Schedule::kCosine: break;
  }
  return "cosine";
}

bool on_front(const TrainingReport& report, std::size_t scheme) {
  const TrainedScheme& own = report.schemes[scheme];
  if (!own.diverged.empty()) return false;
  return std::none_of(report.schemes.begin(), report.schemes.end(), [&](const TrainedScheme& other) {
    if (!other.diverged.empty()) return false;
    const double energy = other.priced.run_carbon.it_kwh;
    const double own_energy = own.priced.run_carbon.it_kwh;
    return other.accuracy() >= own.accuracy() && energy <= own_energy &&
           (other.accuracy() > own.accuracy() || energy < own_energy);
  });
}

Json write_training(const TrainingReport& report, const Pricing& pricing) {
  const training::TrainingSettings& settings = report.settings;
  const training::OptimizerSettings& optimizer = settings.optimizer;
  Json schemes = Json::array();
  for (std::size_t i = 0; i < report.schemes.size(); ++i) schemes.push_back(write_scheme_run(report, i));
  return {{"schema", "lnsim.training/1"},
          {"version", report.version},
          {"workload", report.workload},
          {"dataset", report.dataset},
          {"train_samples", report.train_samples},
          {"test_samples", report.test_samples},
          {"classes", report.classes},
          {"parameters", report.parameters},
          {"accelerator", report.accelerator},
          {"technology", pricing.technology.name},
          {"grid", pricing.grid.name},
          {"pue", pricing.pue.value},
          {"settings",
           {{"epochs", settings.epochs},
            {"batch", settings.batch},
            {"schedule", schedule_name(settings.schedule)},
            {"momentum", optimizer.momentum},
            {"weight_decay", optimizer.weight_decay},
            {"loss_scale", settings.loss_scale},
            {"seed", settings.seed},
            {"vector_size", settings.vector_size}}},
          {"schemes", std::move(schemes)}};
}

std::string training_csv(const TrainingReport& report) {
  std::string text = csv_line({"scheme", "epoch", "steps", "learning_rate", "train_loss", "train_accuracy", "test_loss",
                               "test_accuracy", "macs", "saturations", "rounded", "clipped"});
  for (const TrainedScheme& run : report.schemes) {
    for (const training::EpochRecord& r : run.epochs) {
      text +=
          csv_line({run.scheme.name, std::to_string(r.epoch), std::to_string(r.steps), format_double(r.learning_rate),
                    format_double(r.train_loss), format_double(r.train_accuracy), format_double(r.test_loss),
                    format_double(r.test_accuracy), std::to_string(r.counts.macs), std::to_string(r.counts.saturations),
                    std::to_string(r.counts.rounded), std::to_string(r.counts.clipped)});
    }
  }
  return text;
}

std::string training_table(const TrainingReport& report, const Pricing& pricing) {
  const training::TrainingSettings& settings = report.settings;
  std::string text = report.workload + " on " + report.dataset + ": " + grouped_text(report.parameters) +
                     " parameters, " + grouped_text(report.train_samples) + " samples to train, " +
                     grouped_text(report.test_samples) + " to test, batch " + std::to_string(settings.batch) +
                     ", seed " + std::to_string(settings.seed) + "\n" + report.accelerator + ", " +
                     pricing.technology.name + ", " + pricing.grid.name + ", PUE " + digits_text(pricing.pue.value) +
                     "\n\n";
  TextTable curves(1);
  std::vector<std::string> head{"test accuracy"};
  for (const TrainedScheme& run : report.schemes) head.push_back(run.scheme.name);
  curves.row(head);
  for (std::uint64_t epoch = 0; epoch < settings.epochs; ++epoch) {
    std::vector<std::string> cells{"epoch " + std::to_string(epoch + 1)};
    for (const TrainedScheme& run : report.schemes) {
      cells.push_back(epoch < run.epochs.size() ? percent_text(run.epochs[epoch].test_accuracy) : "-");
    }
    curves.row(cells);
  }
  text += curves.text() + "\n";
  TextTable table(2);
  table.row({"scheme", "optimizer", "rate", "accuracy", "loss", "clipped", "saturated", "J/iteration", "run", "energy",
             "CO2e", "best"});
  for (std::size_t i = 0; i < report.schemes.size(); ++i) {
    const TrainedScheme& run = report.schemes[i];
    const carbon::CarbonReport& carbon = run.priced.run_carbon;
    training::ArithmeticCounts counts;
    for (const training::EpochRecord& record : run.epochs) counts += record.counts;
    table.row(
        {run.scheme.name, std::string(optimizer_name(run.scheme.optimizer(report.family))),
         digits_text(run.learning_rate), final_text(run),
         run.epochs.empty() ? "-" : digits_text(run.epochs.back().test_loss),
         counts.rounded == 0 ? "-"
                             : percent_text(static_cast<double>(counts.clipped) / static_cast<double>(counts.rounded)),
         grouped_text(counts.saturations), unit_text(run.priced.energy.total_j, "J"), duration_text(carbon.seconds),
         unit_text(carbon.kwh * kJoulesPerKwh, "J"), unit_text(carbon.total_g, "g"), on_front(report, i) ? "*" : ""});
  }
  text += table.text();
  text +=
      "\nbest: no other scheme is as accurate for less energy. Energy and CO2e are those of the whole training on "
      "the machine, of all epochs.\n";
  for (const TrainedScheme& run : report.schemes) {
    if (!run.diverged.empty()) text += run.scheme.name + " diverged: " + run.diverged + "\n";
  }
  return text;
}

}  // namespace lnsim::report
