// SPDX-License-Identifier: Apache-2.0
#include "sim/accumulation/analysis.hpp"

#include <algorithm>
#include <map>

namespace lnsim {
namespace {

numerics::Accumulation sum_of(const AccumulationOptions& options, std::uint64_t length, bool chunked) {
  numerics::Accumulation sum;
  sum.product_mantissa = options.product_mantissa;
  sum.length = length;
  if (chunked) sum.chunk = options.chunk;
  sum.non_zero_ratio = options.non_zero_ratio;
  return sum;
}

LeastMantissa least(const AccumulationOptions& options, std::uint64_t length, bool chunked) {
  const numerics::Accumulation sum = sum_of(options, length, chunked);
  LeastMantissa result;
  result.bits = numerics::least_mantissa(sum);
  result.kept = numerics::retention(sum, result.bits);
  if (!options.measurement) return result;
  RetentionExperiment experiment;
  experiment.sum = sum;
  experiment.accumulator.exponent = options.measurement->exponent;
  experiment.accumulator.mantissa = result.bits;
  experiment.accumulator.rounding = options.measurement->rounding;
  experiment.trials = options.measurement->trials;
  experiment.seed = options.measurement->seed;
  result.measured = measure_retention(experiment);
  return result;
}

struct Answers {
  LeastMantissa plain;
  LeastMantissa chunked;
};

/// Answers by length: networks repeat few lengths many times.
class AnswerTable {
 public:
  explicit AnswerTable(const AccumulationOptions& options) : options_(options) {}

  const Answers& of(std::uint64_t length) {
    const auto found = answers_.find(length);
    if (found != answers_.end()) return found->second;
    const Answers answers{least(options_, length, false), least(options_, length, true)};
    return answers_.emplace(length, answers).first->second;
  }

 private:
  const AccumulationOptions& options_;
  std::map<std::uint64_t, Answers> answers_;
};

/// Rows of one pass without answers, in the order of their first GEMM.
std::vector<AccumulationRow> rows_of(const LayerPass& pass) {
  std::vector<AccumulationRow> rows;
  for (const Gemm& gemm : pass.gemms) {
    const auto same = std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.length == gemm.k; });
    if (same != rows.end()) {
      same->gemms += gemm.count();
      continue;
    }
    AccumulationRow row;
    row.layer = pass.layer;
    row.pass = pass.kind;
    row.repeat = pass.repeat;
    row.gemms = gemm.count();
    row.length = gemm.k;
    rows.push_back(row);
  }
  return rows;
}

}  // namespace

AccumulationAnalysis analyse_accumulation(const std::vector<LayerPass>& passes, const AccumulationOptions& options) {
  AccumulationAnalysis result;
  result.options = options;
  AnswerTable answers(options);
  unsigned widest = 0;
  for (const LayerPass& pass : passes) {
    for (AccumulationRow& row : rows_of(pass)) {
      const Answers& answer = answers.of(row.length);
      row.plain = answer.plain;
      row.chunked = answer.chunked;
      widest = std::max(widest, row.plain.bits);
      result.rows.push_back(std::move(row));
    }
  }
  for (unsigned bits = 1; bits <= widest; ++bits) {
    result.knees.push_back({bits, numerics::knee_length(sum_of(options, 1, false), bits),
                            numerics::knee_length(sum_of(options, 1, true), bits)});
  }
  return result;
}

}  // namespace lnsim
