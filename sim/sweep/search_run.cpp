// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/search_run.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/support/error.hpp"
#include "sim/sweep/design.hpp"
#include "sim/sweep/design_store.hpp"
#include "sim/sweep/nsga2.hpp"
#include "sim/sweep/store_output.hpp"
#include "sim/sweep/sweep_results.hpp"

namespace lnsim {
namespace {

class SearchRun {
 public:
  SearchRun(const SweepSpec& spec, const Document& document, const ShippedFiles& files, const SweepRunOptions& options,
            const std::filesystem::path& store)
      : spec_(spec),
        document_(document),
        files_(files),
        options_(options),
        store_(store),
        id_(sweep_id(document, options.version)),
        inputs_(DesignEvaluator(spec, document.file, files, options.version).inputs_hash()),
        output_(store, id_, spec, inputs_),
        nsga_(values_of(spec), spec.search->population, spec.search->seed) {
    columns_.axes = spec.axis_names();
    columns_.metrics = metric_names();
    for (const std::string& name : spec.search->objectives) {
      objectives_.push_back(columns_.column(name, "/search/objectives"));
    }
    progress_.size = std::min(spec.search->evaluations, spec.grid_size());
  }

  SweepProgress run(const std::function<void(const SweepProgress&)>& progress) {
    // What no design could do without is bad input, and leaves nothing behind.
    (void)DesignEvaluator(spec_, document_.file, files_, options_.version).design(0);
    DesignStore(store_, DesignStore::Mode::kWrite).begin(id_, spec_, inputs_);
    while (progress_.done < progress_.size && !stopped()) {
      std::vector<std::uint64_t> numbers;
      for (const Genome& genome : nsga_.ask(progress_.size - progress_.done)) numbers.push_back(place_of(genome));
      if (numbers.empty()) break;
      evaluate(numbers, progress);
      if (stopped()) break;
      tell(numbers);
      progress_.done += numbers.size();
    }
    return progress_;
  }

 private:
  static std::vector<std::uint64_t> values_of(const SweepSpec& spec) {
    std::vector<std::uint64_t> values;
    for (const SweepAxes& axes : spec.axes) values.push_back(axes.size());
    return values;
  }

  [[nodiscard]] bool stopped() const { return options_.stop != nullptr && *options_.stop; }

  /// The first axis is the slowest, as values_at() has it.
  [[nodiscard]] std::uint64_t place_of(const Genome& genome) const {
    std::uint64_t place = 0;
    for (std::size_t i = 0; i < genome.size(); ++i) place = place * spec_.axes[i].size() + genome[i];
    return place;
  }

  /// Those that have no row yet.
  void evaluate(const std::vector<std::uint64_t>& numbers, const std::function<void(const SweepProgress&)>& progress) {
    std::vector<std::uint64_t> missing;
    {
      // Closed before processes are forked: none may share it.
      const DesignStore store(store_, DesignStore::Mode::kRead);
      for (const std::uint64_t number : numbers) {
        const auto row = store.row(id_, number);
        if (!row || (options_.again && row->status == DesignStatus::kFailed)) missing.push_back(number);
      }
    }
    if (missing.empty()) return;
    SweepRunOptions options = options_;
    options.numbers = &missing;
    const SweepProgress before = progress_;
    const std::uint64_t there = numbers.size() - missing.size();
    const SweepProgress end = run_sweep(spec_, document_, files_, options, output_, [&](const SweepProgress& now) {
      if (progress) progress({before.done + there + now.done, before.failed + now.failed, before.size});
    });
    progress_.failed += end.failed;
    if (end.done < end.size) progress_.done += there + end.done;  // it was stopped
  }

  void tell(const std::vector<std::uint64_t>& numbers) {
    const DesignStore store(store_, DesignStore::Mode::kRead);
    std::vector<Fitness> fitness;
    for (const std::uint64_t number : numbers) {
      const auto row = store.row(id_, number);
      LNSIM_CHECK(row.has_value(), "design " + std::to_string(number) + " has no row after its evaluation");
      Fitness& one = fitness.emplace_back();
      if (row->status != DesignStatus::kDone) continue;
      one.feasible = meets_constraints(spec_, columns_, *row);
      for (const std::size_t column : objectives_) one.costs.push_back(cost_of(columns_, *row, column));
      if (!one.feasible) one.costs.clear();
    }
    nsga_.tell(fitness);
  }

  const SweepSpec& spec_;
  const Document& document_;
  const ShippedFiles& files_;
  const SweepRunOptions& options_;
  std::filesystem::path store_;
  std::string id_, inputs_;
  StoreOutput output_;
  Nsga2 nsga_;
  SweepResults columns_;  ///< names alone
  std::vector<std::size_t> objectives_;
  SweepProgress progress_;
};

}  // namespace

SweepProgress run_search(const SweepSpec& spec, const Document& document, const ShippedFiles& files,
                         const SweepRunOptions& options, const std::filesystem::path& store,
                         const std::function<void(const SweepProgress&)>& progress) {
  return SearchRun(spec, document, files, options, store).run(progress);
}

}  // namespace lnsim
