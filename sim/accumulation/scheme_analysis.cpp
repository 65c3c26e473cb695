// SPDX-License-Identifier: Apache-2.0
#include "sim/accumulation/scheme_analysis.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

namespace lnsim {
namespace {

/// Everything that the sums of a GEMM depend on.
struct SumKind {
  Tensor a, b;  ///< the machine's operands
  std::uint64_t length = 0;
  PassKind pass = PassKind::kForward;
  std::string layer;

  /// Sums of equal keys are equal. Scales of distributions matter to formats without a scale of their own.
  [[nodiscard]] std::tuple<Role, double, Role, double, std::uint64_t> key() const {
    return {a.role, usual_distribution(a).scale, b.role, usual_distribution(b).scale, length};
  }
};

/// One per pass and length, in execution order.
std::vector<SumKind> kinds_of(const std::vector<LayerPass>& passes) {
  std::vector<SumKind> kinds;
  for (const LayerPass& pass : passes) {
    const std::size_t first = kinds.size();
    for (const Gemm& gemm : pass.gemms) {
      const auto same = [&](const SumKind& kind) { return kind.length == gemm.k; };
      if (std::any_of(kinds.begin() + static_cast<std::ptrdiff_t>(first), kinds.end(), same)) continue;
      kinds.push_back({pass.tensors[gemm.a.tensor], pass.tensors[gemm.b.tensor], gemm.k, pass.kind, pass.layer});
    }
  }
  return kinds;
}

numerics::FormatPtr format_of(const Scheme& scheme, Role role) {
  switch (role) {
    case Role::kWeight: return scheme.weight;
    case Role::kActivation: return scheme.activation;
    default: return scheme.gradient;
  }
}

numerics::DotSpec spec_of(const Scheme& scheme, const SumKind& kind, unsigned vector_size) {
  return dot_spec(scheme.dot_product, format_of(scheme, kind.a.role), format_of(scheme, kind.b.role), vector_size);
}

OperandSums sums_of(const numerics::DotSpec& spec, const SumKind& kind, const SchemeAnalysisOptions& options) {
  return {spec, usual_distribution(kind.a), usual_distribution(kind.b), kind.length, options.trials, options.seed};
}

/// The wider of two accumulators of one kind, part by part.
numerics::AccumulatorSpec wider(const numerics::AccumulatorSpec& one, const numerics::AccumulatorSpec& other) {
  numerics::AccumulatorSpec result = one;
  const auto widen_float = [](auto& part, const auto& by) {
    if (part) part->mantissa = std::max(part->mantissa, by->mantissa);
  };
  widen_float(result.floating, other.floating);
  widen_float(result.outer_floating, other.outer_floating);
  if (result.fixed) {
    // Bits below the full-scale product stay where guard bits are added above it.
    const unsigned guard = std::max(one.fixed->guard.value_or(0), other.fixed->guard.value_or(0));
    const auto below = [](const numerics::FixedAccumulator& fixed) { return fixed.bits - fixed.guard.value_or(0); };
    result.fixed->bits = std::max(below(*one.fixed), below(*other.fixed)) + guard;
    if (result.fixed->guard) result.fixed->guard = guard;
  }
  if (result.outer_fixed) result.outer_fixed->bits = std::max(one.outer_fixed->bits, other.outer_fixed->bits);
  return result;
}

}  // namespace

SchemeAnalysis analyse_scheme(const std::vector<LayerPass>& passes, const Scheme& scheme,
                              const SchemeAnalysisOptions& options) {
  SchemeAnalysis result;
  result.scheme = scheme.name;
  result.vector_size = options.vector_size;
  result.trials = options.trials;
  result.seed = options.seed;
  std::map<decltype(SumKind{}.key()), SchemeAccumulation> known;
  for (const SumKind& kind : kinds_of(passes)) {
    const auto [at, fresh] = known.try_emplace(kind.key());
    SchemeAccumulation& row = at->second;
    if (fresh) {
      const numerics::DotSpec spec = spec_of(scheme, kind, options.vector_size);
      const OperandSums sums = sums_of(spec, kind, options);
      row.length = kind.length;
      row.non_zero_ratio = sums.non_zero_ratio();
      row.own = sums.measure(*numerics::make_dot_unit(spec));
      row.least = least_accumulator(sums, spec);
      numerics::DotSpec narrow = spec;
      narrow.accumulator = row.least;
      row.kept = sums.measure(*numerics::make_dot_unit(narrow));
    }
    row.layer = kind.layer;
    row.pass = kind.pass;
    result.widest = result.rows.empty() ? row.least : wider(result.widest, row.least);
    result.rows.push_back(row);
  }
  return result;
}

numerics::AccumulatorSpec auto_accumulator(const std::vector<LayerPass>& passes, const Scheme& scheme,
                                           const SchemeAnalysisOptions& options) {
  std::map<decltype(SumKind{}.key()), SumKind> kinds;
  for (const SumKind& kind : kinds_of(passes)) kinds.try_emplace(kind.key(), kind);
  // The longest sums first: what serves them serves most others.
  std::vector<SumKind> order;
  for (const auto& [key, kind] : kinds) order.push_back(kind);
  std::stable_sort(order.begin(), order.end(), [](const auto& x, const auto& y) { return x.length > y.length; });
  std::optional<numerics::AccumulatorSpec> widest;
  for (const SumKind& kind : order) {
    const numerics::DotSpec spec = spec_of(scheme, kind, options.vector_size);
    const OperandSums sums = sums_of(spec, kind, options);
    const numerics::AccumulatorSpec least = least_accumulator(sums, spec, widest ? &*widest : nullptr);
    widest = widest ? wider(*widest, least) : least;
  }
  return widest.value_or(scheme.dot_product.accumulator);
}

}  // namespace lnsim
