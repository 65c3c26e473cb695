// SPDX-License-Identifier: Apache-2.0
#include "sim/systemc/data_run.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>

#include "sim/data/binary64.hpp"
#include "sim/data/code_tensor.hpp"
#include "sim/data/npy.hpp"
#include "sim/data/reference.hpp"
#include "sim/support/error.hpp"
#include "sim/systemc/checker.hpp"
#include "sim/systemc/engine.hpp"

namespace lnsim::systemc {
namespace {

/// Rows of each side that the delayed scale samples. A scale of the iteration before is never exact either.
constexpr std::uint64_t kSampledRows = 64;

numerics::FormatPtr format_of(const PassPlan& plan, std::size_t tensor) {
  const Gemm& gemm = plan.pass.gemms.front();
  if (tensor == gemm.a.tensor) return plan.format_m;
  if (tensor == gemm.b.tensor) return plan.format_n;
  return plan.format_out;
}

CodeTensor make_tensor(const PassPlan& plan, std::size_t index, const DataOptions& options) {
  const Tensor& tensor = plan.pass.tensors[index];
  const numerics::FormatPtr format = format_of(plan, index);
  if (options.tensors) {
    const std::filesystem::path file = *options.tensors / (plan.pass.layer + "." + tensor.name + ".npy");
    if (std::filesystem::exists(file)) return quantise(read_npy(file, tensor.elements), format);
  }
  return quantise(SyntheticTensor(options.seed, plan.pass.layer, tensor.name, usual_distribution(tensor)),
                  tensor.elements, format);
}

/// Every n-th of so many rows, at most kSampledRows of them.
std::vector<std::uint64_t> sample(std::uint64_t rows) {
  const std::uint64_t stride = std::max<std::uint64_t>(1, rows / kSampledRows);
  std::vector<std::uint64_t> chosen;
  for (std::uint64_t row = 0; row < rows && chosen.size() < kSampledRows; row += stride) chosen.push_back(row);
  return chosen;
}

std::vector<double> decoded_row(const OperandView& view, const CodeTensor& tensor, std::uint64_t row, std::uint64_t k) {
  std::vector<double> values(k, 0.0);
  for (std::uint64_t i = 0; i < k; ++i) {
    const auto element = view.element(row, i);
    if (element) values[i] = tensor.value(*element);
  }
  return values;
}

/// Largest |output| of a sample of the outputs of every GEMM of the pass, summed in binary64 over ascending k.
double sampled_max(const LayerPass& pass, const std::vector<CodeTensor>& tensors) {
  double most = 0.0;
  for (const Gemm& gemm : pass.gemms) {
    std::vector<std::vector<double>> a_rows;
    for (const std::uint64_t m : sample(gemm.m))
      a_rows.push_back(decoded_row(gemm.a, tensors[gemm.a.tensor], m, gemm.k));
    for (const std::uint64_t n : sample(gemm.n)) {
      const std::vector<double> b_row = decoded_row(gemm.b, tensors[gemm.b.tensor], n, gemm.k);
      for (const std::vector<double>& a_row : a_rows) {
        double sum = 0.0;
        for (std::uint64_t k = 0; k < gemm.k; ++k) sum += a_row[k] * b_row[k];
        most = std::max(most, std::fabs(sum));
      }
    }
  }
  return most;
}

}  // namespace

TraceEntry simulate_pass_with_data(const PassPlan& plan, const DataOptions& options, const ProgressCallback& progress,
                                   DataSummary* summary) {
  if (plan.pass.gemms.empty()) return simulate_pass(plan, progress);
  if (plan.config.out_bits != plan.format_out->bits()) {
    throw InputError("--data", "", "scale \"two_pass\"", "a scheme with delayed or static scales");
  }
  const LayerPass& pass = plan.pass;
  const Gemm& first = pass.gemms.front();
  const std::size_t out = first.out.tensor;
  std::vector<CodeTensor> tensors;
  for (std::size_t i = 0; i < pass.tensors.size(); ++i) {
    const bool operand = i == first.a.tensor || i == first.b.tensor;
    tensors.push_back(operand ? make_tensor(plan, i, options) : CodeTensor{});
  }
  const double scale_out = output_scale(*plan.format_out, sampled_max(pass, tensors), options.headroom);
  tensors[out] = zeros(pass.tensors[out].elements, plan.format_out, scale_out);
  CodeTensor got = tensors[out];

  const auto begin = std::chrono::steady_clock::now();
  const GemmSchedule schedule = schedule_gemms(plan);
  const bool m = schedule.mapping(schedule.steps().front()).operand_a == Side::kM;
  const CodeTensor& side_m = tensors[first.a.tensor];
  const CodeTensor& side_n = tensors[first.b.tensor];
  const auto vector_size = static_cast<unsigned>(plan.config.accelerator.pe.vector_size);
  numerics::DotSpec spec = plan.dot_spec;
  spec.vector_size = vector_size;
  const auto reference_unit = numerics::make_dot_unit(spec);
  std::swap(spec.a, spec.b);
  const auto swapped_unit = numerics::make_dot_unit(spec);
  const numerics::DotUnit& unit = m ? *reference_unit : *swapped_unit;
  const auto requantizer = numerics::make_requantizer(unit, plan.format_out, m ? side_m.scale : side_n.scale,
                                                      m ? side_n.scale : side_m.scale, scale_out);
  RunData data;
  data.unit = &unit;
  data.requantizer = requantizer.get();
  data.faults = options.faults;
  data.tensors = {(m ? side_m : side_n).codes.data(),
                  (m ? side_n : side_m).codes.data(),
                  got.codes.data(),
                  (m ? side_m : side_n).format->container_bytes(),
                  (m ? side_n : side_m).format->container_bytes(),
                  plan.format_out->container_bytes()};
  const bool full = options.full_reference || options.scalar_reference;
  std::unique_ptr<Checker> checker;
  if (!full) {
    checker =
        std::make_unique<Checker>(schedule, m ? side_m : side_n, m ? side_n : side_m, tensors[out], unit, *requantizer);
    data.checker = checker.get();
  }
  const RunResult run = run_gemms(schedule, &data, progress);
  if (full) {
    const ReferenceCounts expected =
        reference_codes(pass, tensors, *reference_unit, {.scalar = options.scalar_reference});
    compare_codes(got, tensors[out], plan.where());
    LNSIM_CHECK(run.saturations == expected.saturations && run.clipped == expected.clipped,
                plan.where() + ": saturations or clipped codes are not the numerics library's");
  } else {
    checker->finish(got, run.saturations, run.clipped, plan.where());
  }
  if (summary != nullptr) {
    summary->outputs += got.elements();
    summary->saturations += run.saturations;
    summary->clipped += run.clipped;
    summary->activity += run.activity;
    if (checker != nullptr) summary->evaluated += checker->evaluated();
  }
  TraceEntry entry = finish_pass(plan, &schedule, &run, progress);
  if (summary != nullptr) {
    summary->machine_seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }
  return entry;
}

}  // namespace lnsim::systemc
