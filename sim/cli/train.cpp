// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cmath>
#include <filesystem>

#include "sim/cli/commands.hpp"
#include "sim/cli/help.hpp"
#include "sim/cli/inputs.hpp"
#include "sim/cli/program.hpp"
#include "sim/cli/progress.hpp"
#include "sim/cli/results.hpp"
#include "sim/report/html/page.hpp"
#include "sim/report/numbers.hpp"
#include "sim/report/training_report.hpp"
#include "sim/support/error.hpp"
#include "sim/support/text.hpp"
#include "sim/training/checkpoint.hpp"

namespace lnsim::cli {
namespace {

constexpr std::uint64_t kMostStepBatch = std::uint64_t{1} << 16U;
constexpr std::uint64_t kMostEpochs = std::uint64_t{1} << 20U;

/// What the command line says beside CommonOptions.
struct TrainOptions {
  CommonOptions common;
  std::vector<std::string> schemes{"lns8"};
  std::string dataset = "digits";
  std::uint64_t epochs = training::TrainingSettings{}.epochs;
  std::string learning_rate, momentum = "0.9", weight_decay = "0", loss_scale = "1";
  std::string schedule = "cosine";
  std::string checkpoints;
  std::uint64_t checkpoint_steps = 0;
  bool resume = false;
};

training::TrainingSettings settings_of(const TrainOptions& given, const Experiment& experiment) {
  training::TrainingSettings settings;
  settings.epochs = given.epochs;
  settings.batch = experiment.batch;
  settings.schedule = given.schedule == "constant" ? training::Schedule::kConstant
                      : given.schedule == "step"   ? training::Schedule::kStep
                                                   : training::Schedule::kCosine;
  settings.optimizer.momentum = parse_real("--momentum", given.momentum, 0.0, 1.0);
  settings.optimizer.weight_decay = parse_real("--weight-decay", given.weight_decay, 0.0, 1.0);
  settings.loss_scale = parse_real("--loss-scale", given.loss_scale, 0x1p-30, 0x1p30);
  int exponent = 0;
  if (std::frexp(settings.loss_scale, &exponent) != 0.5) {
    throw InputError("--loss-scale", "", given.loss_scale, "a power of two");
  }
  settings.seed = given.common.seed;
  settings.vector_size = experiment.accelerator.pe.vector_size;
  return settings;
}

/// All that decides the numbers of a run, for its checkpoint.
std::string run_text(const Experiment& experiment, const Scheme& scheme, const training::Dataset& dataset,
                     const training::TrainingSettings& settings) {
  const training::OptimizerSettings& optimizer = settings.optimizer;
  return dump_json({{"dataset", dataset.name},
                    {"train_samples", dataset.train.size()},
                    {"test_samples", dataset.test.size()},
                    {"epochs", settings.epochs},
                    {"batch", settings.batch},
                    {"learning_rate", settings.learning_rate},
                    {"schedule", report::schedule_name(settings.schedule)},
                    {"momentum", optimizer.momentum},
                    {"weight_decay", optimizer.weight_decay},
                    {"loss_scale", settings.loss_scale},
                    {"seed", settings.seed},
                    {"vector_size", settings.vector_size},
                    {"scheme", write_scheme(scheme)},
                    {"workload", write_network(experiment.network)}});
}

/// Runs a scheme's training to its end, or until a number is not finite.
class SchemeRun {
 public:
  SchemeRun(const TrainOptions& given, const Experiment& experiment, const Scheme& scheme,
            const training::Dataset& dataset, const training::TrainingSettings& settings, training::Workers& workers)
      : given_(given),
        name_(scheme.name),
        settings_(settings),
        trainer_(experiment.network, dataset, scheme, settings, workers),
        threads_(workers.threads()),
        run_(run_text(experiment, scheme, dataset, settings)) {
    if (!given.checkpoints.empty()) file_ = std::filesystem::path(given.checkpoints) / (scheme.name + ".checkpoint");
    std::error_code error;
    if (given.resume && std::filesystem::exists(file_, error)) load();
  }

  void run(Console& console, report::TrainedScheme& result) {
    const auto start = std::chrono::steady_clock::now();
    {
      Progress progress(console, given_.common.quiet, given_.common.progress == "lines");
      const std::uint64_t steps = settings_.epochs * trainer_.steps_per_epoch();
      try {
        while (!trainer_.finished()) {
          trainer_.step();
          save_if_due();
          progress.update(what(), static_cast<double>(trainer_.steps()) / static_cast<double>(steps), 0);
        }
      } catch (const training::Diverged& error) {
        result.diverged = error.what();
      }
    }
    result.epochs = trainer_.records();
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    if (!given_.common.quiet) console.err(speed_text(elapsed.count()));
  }

  [[nodiscard]] std::uint64_t parameters() const { return trainer_.parameter_count(); }

 private:
  void load() {
    const std::string state = training::read_checkpoint(file_, run_);
    try {
      trainer_.load(state);
    } catch (const training::BytesError& error) {
      throw InputError(file_.string(), "", std::string("damaged: ") + error.what(), "a whole checkpoint");
    }
    trained_before_ = trainer_.macs();
  }

  void save_if_due() {
    if (file_.empty()) return;
    const bool epoch = trainer_.steps() % trainer_.steps_per_epoch() == 0;
    const bool step = given_.checkpoint_steps != 0 && trainer_.steps() % given_.checkpoint_steps == 0;
    if (epoch || step) training::write_checkpoint(file_, run_, trainer_.save());
  }

  [[nodiscard]] std::string what() const {
    std::string text =
        name_ + " epoch " + std::to_string(trainer_.records().size() + 1) + "/" + std::to_string(settings_.epochs);
    if (!trainer_.records().empty()) {
      const training::EpochRecord& last = trainer_.records().back();
      text +=
          "   loss " + report::digits_text(last.train_loss) + "   accuracy " + report::percent_text(last.test_accuracy);
    }
    return text;
  }

  [[nodiscard]] std::string speed_text(double seconds) const {
    const double macs = static_cast<double>(trainer_.macs() - trained_before_);
    const double share = seconds > 0.0 ? trainer_.gemm_seconds() / seconds : 0.0;
    return name_ + ": " + report::unit_text(macs / std::max(seconds, 1e-9) / static_cast<double>(threads_), "MAC/s") +
           " per core, " + report::percent_text(share) + " of the time in GEMMs\n";
  }

  const TrainOptions& given_;
  std::string name_;
  training::TrainingSettings settings_;
  training::Trainer trainer_;
  std::size_t threads_;
  std::string run_;
  std::filesystem::path file_;  ///< of checkpoints; empty: none
  std::uint64_t trained_before_ = 0;
};

void declare(Options& options, TrainOptions& given) {
  CommonOptions& common = given.common;
  options.group("What is trained");
  add_workload_option(options, common);
  std::string kinds;
  for (const training::DatasetKind& kind : training::dataset_kinds()) {
    kinds += (kinds.empty() ? "" : "; ") + std::string(kind.name) + ": " + std::string(kind.text);
  }
  options.text("dataset", given.dataset, "KIND[:PATH]", kinds);
  options.list("scheme", given.schemes, "LIST", {}, "schemes, one run for each: names or files");
  options.count("epochs", given.epochs, 1, kMostEpochs, "walks over the training samples");
  options.count("batch", common.batch, 1, kMostStepBatch, "samples of a step (default: the network's own)");
  options.text("learning-rate", given.learning_rate, "NUMBER",
               "full rate (default: 0.05 for SGD, 0.001 for Adam, 0.0625 for Madam)");
  options.choice("schedule", given.schedule, {"cosine", "constant", "step"},
                 "how the rate falls: to 0 along a cosine, not at all, or by tenths at half and three quarters");
  options.text("momentum", given.momentum, "NUMBER", "of SGD");
  options.text("weight-decay", given.weight_decay, "NUMBER", "of SGD and Adam");
  options.text("loss-scale", given.loss_scale, "NUMBER", "power of two by which gradients are larger on their way");
  options.count("seed", common.seed, 0, UINT64_MAX, "of the initial weights and the order of the samples");
  options.group("Checkpoints");
  options.text("checkpoint", given.checkpoints, "DIR", "folder for a checkpoint per scheme, written after each epoch");
  options.count("checkpoint-steps", given.checkpoint_steps, 0, UINT64_MAX, "and after so many steps; 0 for no more");
  options.flag("resume", given.resume, "go on from the checkpoints that the folder has");
  options.group("Machine and prices");
  options.text("accelerator", common.accelerator, "NAME|FILE", "the machine");
  add_price_options(options, common);
  options.group("Running and results");
  options.count("jobs", common.jobs, 0, 1024, "threads; 0 for one per core");
  add_output_options(options, common);
  add_data_dir_option(options, common);
}

void write_files(const report::TrainingReport& report, const report::Pricing& pricing, ResultFolder& folder) {
  if (!folder.wanted()) return;
  const Json json = report::write_training(report, pricing);
  folder.write("training.json", dump_json(json));
  folder.write("curves.csv", report::training_csv(report));
  folder.write("report.html", report::html_page({"training.json", json}, pricing.grids));
  folder.commit();
}

void print(const report::TrainingReport& report, const report::Pricing& pricing, const std::string& format,
           Console& console) {
  if (format == "json") {
    console.out(dump_json(report::write_training(report, pricing)));
  } else if (format == "csv") {
    console.out(report::training_csv(report));
  } else {
    console.out(escape_lines(report::training_table(report, pricing)));
  }
}

}  // namespace

int run_train(const std::vector<std::string>& arguments, Context& context) {
  Options options("train [options]",
                  "Trains a small network on the bit-true arithmetic of each scheme: every GEMM through its\n"
                  "dot-product unit, every tensor in its format, with the scheme's optimizer. Reports accuracy beside\n"
                  "the energy and carbon of the training on the machine.");
  TrainOptions given;
  given.common.workload = "mlp_digits";
  declare(options, given);
  if (!options.parse(arguments)) {
    context.console.out(options.help());
    return kDone;
  }
  if (given.resume && given.checkpoints.empty()) throw InputError("--resume", "", "", "--checkpoint DIR beside it");
  const ShippedFiles files = shipped_files(given.common, context);
  Experiment experiment = load_experiment(given.common, given.schemes, files);
  training::TrainingSettings settings = settings_of(given, experiment);
  const training::Dataset dataset = training::read_dataset(given.dataset, files.roots());
  const std::uint64_t steps = dataset.train.size() / settings.batch;
  given.common.prices.samples = std::max<std::uint64_t>(1, steps * settings.batch);
  given.common.prices.epochs = given.epochs;
  const report::Pricing pricing = report::load_pricing(given.common.prices, files, experiment.network.family);
  set_clock(experiment, pricing.technology);
  ResultFolder folder(given.common.out);
  if (!given.checkpoints.empty()) std::filesystem::create_directories(given.checkpoints);

  report::TrainingReport report;
  report.workload = experiment.network.name;
  report.dataset = dataset.name;
  report.accelerator = experiment.accelerator.name;
  report.family = experiment.network.family;
  report.train_samples = dataset.train.size();
  report.test_samples = dataset.test.size();
  report.classes = dataset.classes;
  report.settings = settings;
  report.version = version();
  training::Workers workers(given.common.jobs);
  bool diverged = false;
  for (const Scheme& scheme : experiment.schemes) {
    report::TrainedScheme& result = report.schemes.emplace_back();
    result.scheme = scheme;
    result.learning_rate = given.learning_rate.empty() ? training::usual_learning_rate(scheme.optimizer(report.family))
                                                       : parse_real("--learning-rate", given.learning_rate, 1e-12, 1e3);
    settings.learning_rate = result.learning_rate;
    SchemeRun run(given, experiment, scheme, dataset, settings, workers);
    report.parameters = run.parameters();
    run.run(context.console, result);
    diverged = diverged || !result.diverged.empty();
  }
  std::vector<Trace> traces = run_with_progress(experiment, given.common, context.console).traces;
  for (std::size_t i = 0; i < traces.size(); ++i) {
    report.schemes[i].priced = report::price_trace(std::move(traces[i]), pricing);
  }
  write_files(report, pricing, folder);
  print(report, pricing, given.common.format, context.console);
  for (const report::TrainedScheme& run : report.schemes) {
    if (!run.diverged.empty()) context.console.err("lnsim: " + run.scheme.name + " diverged: " + run.diverged + "\n");
  }
  return diverged ? kFailed : kDone;
}

}  // namespace lnsim::cli
