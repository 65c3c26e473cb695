// SPDX-License-Identifier: Apache-2.0
#include "sim/accumulation/operand_sums.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "sim/accumulation/scheme_analysis.hpp"
#include "sim/workload/lower.hpp"

using namespace lnsim;

namespace {

constexpr Distribution kNormal{DistributionKind::kNormal, 1.0};
constexpr Distribution kRelu{DistributionKind::kRelu, 1.0};

Scheme shipped(const std::string& name) {
  return read_scheme(read_json_file(std::string(LNSIM_SOURCE_DIR) + "/configs/schemes/" + name + ".json"));
}

numerics::DotSpec spec_of(const Scheme& scheme, unsigned vector_size = 16) {
  return dot_spec(scheme.dot_product, scheme.weight, scheme.activation, vector_size);
}

UnitMeasurement measured(const OperandSums& sums, numerics::DotSpec spec,
                         const numerics::AccumulatorSpec& accumulator) {
  spec.accumulator = accumulator;
  return sums.measure(*numerics::make_dot_unit(spec));
}

std::vector<LayerPass> passes_of(const std::string& workload) {
  const Network network =
      read_network(read_json_file(std::string(LNSIM_SOURCE_DIR) + "/workloads/" + workload + ".json"));
  LowerOptions options;
  options.passes = parse_passes("forward,input_grad,weight_grad", "");
  return lower(network, options);
}

}  // namespace

TEST_CASE("integer sums in a wide accumulator are exact", "[accumulation]") {
  const numerics::DotSpec spec = spec_of(shipped("int8"));
  const UnitMeasurement m = OperandSums(spec, kNormal, kRelu, 1000, 64, 1).measure(*numerics::make_dot_unit(spec));
  CHECK(m.kept.vrr == 1.0);
  CHECK(m.kept.half_width == 0.0);
  CHECK(std::isinf(m.snr_db));
  CHECK(m.kept.saturations == 0);
}

TEST_CASE("operands with block scales lie in blocks along each sum", "[accumulation]") {
  for (const char* name : {"mxint8", "mxfp8", "nvfp4", "block_lns6"}) {
    INFO(name);
    const numerics::DotSpec spec = spec_of(shipped(name));
    const OperandSums sums(spec, kNormal, kRelu, 1000, 64, 1);
    const UnitMeasurement m = sums.measure(*numerics::make_dot_unit(spec));
    CHECK(m.kept.saturations == 0);
    CHECK(m.kept.vrr == Approx(1.0).epsilon(0.02));
    CHECK(m.snr_db > (std::string(name) == "block_lns6" ? 30.0 : 100.0));
    CHECK(sums.non_zero_ratio() > 0.3);
    CHECK(sums.non_zero_ratio() < 0.51);
    const numerics::AccumulatorSpec least = least_accumulator(sums, spec);
    CHECK(keeps_enough(measured(sums, spec, least), measure_widest(sums, spec).measured));
    if (least.floating) CHECK(least.floating->mantissa < 12);
  }
}

TEST_CASE("the sparsity is that of the distributions", "[accumulation]") {
  const numerics::DotSpec spec = spec_of(shipped("lns8"));
  CHECK(OperandSums(spec, kNormal, kRelu, 1000, 64, 1).non_zero_ratio() == Approx(0.5).margin(0.01));
  CHECK(OperandSums(spec, kRelu, kRelu, 1000, 64, 1).non_zero_ratio() == Approx(0.25).margin(0.01));
}

TEST_CASE("a seed gives the same sums, another one others", "[accumulation]") {
  const numerics::DotSpec spec = spec_of(shipped("lns8"));
  const auto unit = numerics::make_dot_unit(spec);
  const auto vrr = [&](std::uint64_t seed) {
    return OperandSums(spec, kNormal, kRelu, 100, 32, seed).measure(*unit).kept.vrr;
  };
  CHECK(vrr(3) == vrr(3));
  CHECK(vrr(3) != vrr(4));
}

TEST_CASE("the least mantissa is enough, and one bit less is not", "[accumulation]") {
  const numerics::DotSpec spec = spec_of(shipped("fp8"), 1);
  unsigned before = 0;  // a longer sum needs no less
  for (const std::uint64_t k : {16U, 512U, 16384U}) {
    const OperandSums sums(spec, kNormal, kNormal, k, 128, 1);
    numerics::AccumulatorSpec least = least_accumulator(sums, spec);
    const unsigned bits = least.floating->mantissa;
    const UnitMeasurement widest = measure_widest(sums, spec).measured;
    CHECK(keeps_enough(measured(sums, spec, least), widest));
    --least.floating->mantissa;
    CHECK_FALSE(keeps_enough(measured(sums, spec, least), widest));
    CHECK(bits >= before);
    before = bits;
  }
}

TEST_CASE("truncation needs more mantissa than rounding", "[accumulation]") {
  numerics::DotSpec spec = spec_of(shipped("fp8"), 1);
  const OperandSums sums(spec, kNormal, kNormal, 1024, 128, 1);
  const unsigned nearest = least_accumulator(sums, spec).floating->mantissa;
  spec.accumulator.floating->rounding = numerics::Rounding::kTowardZero;
  CHECK(least_accumulator(sums, spec).floating->mantissa >= nearest + 4);
}

TEST_CASE("guard bits of a fixed accumulator hold what the sums reach", "[accumulation]") {
  const numerics::DotSpec spec = spec_of(shipped("lns8"));
  // Without a sign the sums grow with their length.
  const OperandSums sums(spec, kRelu, kRelu, 4096, 64, 1);
  CHECK(sums.largest_partial() > 4.0);
  numerics::AccumulatorSpec least = least_accumulator(sums, spec);
  CHECK(std::exp2(*least.fixed->guard) >= sums.largest_partial());
  const UnitMeasurement widest = measure_widest(sums, spec).measured;
  CHECK(keeps_enough(measured(sums, spec, least), widest));
  numerics::AccumulatorSpec narrow = least;
  --narrow.fixed->bits;
  CHECK_FALSE(keeps_enough(measured(sums, spec, narrow), widest));
  narrow = least;
  --*narrow.fixed->guard;
  CHECK(measured(sums, spec, narrow).kept.saturations > 0);
}

TEST_CASE("the accumulator for a network serves each of its GEMMs", "[accumulation]") {
  for (const char* name : {"lns8", "fp8", "int8"}) {
    INFO(name);
    const Scheme scheme = shipped(name);
    const std::vector<LayerPass> passes = passes_of("lenet");
    SchemeAnalysisOptions options;
    options.trials = 32;
    const SchemeAnalysis analysis = analyse_scheme(passes, scheme, options);
    const numerics::AccumulatorSpec chosen = auto_accumulator(passes, scheme, options);
    Scheme tailored = scheme;
    tailored.dot_product.accumulator = chosen;
    const SchemeAnalysis served = analyse_scheme(passes, tailored, options);
    for (std::size_t i = 0; i < served.rows.size(); ++i) {
      INFO(served.rows[i].layer << " " << pass_name(served.rows[i].pass));
      CHECK(served.rows[i].own.kept.saturations == 0);
      CHECK(served.rows[i].own.kept.vrr == Approx(analysis.rows[i].own.kept.vrr).epsilon(0.011));
    }
    const auto width = [](const numerics::AccumulatorSpec& spec) {
      return spec.fixed ? spec.fixed->bits : spec.floating->mantissa;
    };
    CHECK(width(chosen) < width(scheme.dot_product.accumulator));
    for (const SchemeAccumulation& row : analysis.rows) CHECK(width(row.least) <= width(analysis.widest));
  }
}

TEST_CASE("an analysis has a row per pass and length, as the prediction has", "[accumulation]") {
  const std::vector<LayerPass> passes = passes_of("resnet_digits");
  SchemeAnalysisOptions options;
  options.trials = 32;
  const SchemeAnalysis analysis = analyse_scheme(passes, shipped("lns8"), options);
  std::size_t rows = 0;
  for (const LayerPass& pass : passes) {
    std::vector<std::uint64_t> lengths;
    for (const Gemm& gemm : pass.gemms) lengths.push_back(gemm.k);
    std::sort(lengths.begin(), lengths.end());
    rows += static_cast<std::size_t>(std::unique(lengths.begin(), lengths.end()) - lengths.begin());
  }
  CHECK(analysis.rows.size() == rows);
}
