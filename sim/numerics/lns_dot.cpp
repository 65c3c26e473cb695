// SPDX-License-Identifier: Apache-2.0
#include "sim/numerics/lns_dot.hpp"

#include <vector>

#include "sim/numerics/lns_datapath.hpp"
#include "sim/numerics/lns_kernel.hpp"

namespace lnsim::numerics {
namespace {

class LnsDotUnit final : public DotUnit {
 public:
  explicit LnsDotUnit(const DotSpec& spec)
      : spec_(spec),
        path_(make_lns_datapath(spec)),
        accumulator_(spec.accumulator, spec.vector_size, static_cast<int>(path_.lsb)),
        plan_(make_lns_kernel_plan(path_, spec.vector_size, *accumulator_.fixed_range())) {
    spec_.accumulator.fixed->guard = path_.guard;
    if (!spec_.tree_exact) spec_.tree_fraction_bits = spec.tree_fraction_bits.value_or(0);
    plan_.block_scaled = spec.a->block() != nullptr;
    plan_.mode = spec.accumulator.fixed->rounding;
  }

  [[nodiscard]] const DotSpec& spec() const override { return spec_; }

  std::uint64_t accumulate(const GroupBlock& block, Psum* psums, std::size_t psum_stride) const override {
    return lns_accumulate(plan_, *this, block, psums, psum_stride);
  }

  std::uint64_t accumulate_reference(const GroupBlock& block, Psum* psums, std::size_t psum_stride) const override {
    std::vector<std::int64_t> bins(path_.constants.size());
    std::uint64_t saturations = 0;
    for (unsigned row = 0; row < block.rows; ++row) {
      for (unsigned lane = 0; lane < block.lanes; ++lane) {
        const std::int64_t sum = group_sum(block, row, lane, bins);
        const GroupRounding rounding =
            plan_.block_scaled ? scaled_rounding(path_.rounding, plan_.mode, block.a_scales[lane], block.b_scales[row])
                               : path_.rounding;
        saturations += accumulator_.add_fixed(psums[row * psum_stride + lane], rounding.apply(sum)) ? 1U : 0U;
      }
    }
    return saturations;
  }

  [[nodiscard]] std::int64_t accumulator_integer(const Psum& psum) const override { return accumulator_.integer(psum); }
  [[nodiscard]] Exact exact(const Psum& psum) const override { return accumulator_.exact(psum); }
  [[nodiscard]] double log2_unit() const override {
    return -static_cast<double>(path_.full_scale) / static_cast<double>(path_.gamma());
  }
  [[nodiscard]] unsigned psum_bits() const override { return accumulator_.bits(); }

 private:
  /// T of one output: steps 1 to 4 of the definition, in its order.
  [[nodiscard]] std::int64_t group_sum(const GroupBlock& block, unsigned row, unsigned lane,
                                       std::vector<std::int64_t>& bins) const {
    const LnsFormat& format_a = *path_.a.format;
    const LnsFormat& format_b = *path_.b.format;
    bins.assign(bins.size(), 0);
    std::int64_t tree = 0;
    for (unsigned element = 0; element < block.elements; ++element) {
      const Code a = load_code(block.a, lane * block.a_stride + element, format_a.container_bytes());
      const Code b = load_code(block.b, row * block.b_stride + element, format_b.container_bytes());
      if (format_a.is_zero(a) || format_b.is_zero(b)) continue;
      const std::int64_t p = path_.a.exponent(a) + path_.b.exponent(b);
      const std::int64_t input = path_.tree_input(p);
      std::int64_t& sum = path_.per_element ? tree : bins[path_.bin(p)];
      sum += format_a.negative(a) != format_b.negative(b) ? -input : input;
    }
    if (path_.per_element) return tree;
    std::int64_t total = 0;
    for (std::size_t i = 0; i < bins.size(); ++i) total += bins[i] * path_.constants[i];
    return total;
  }

  DotSpec spec_;
  LnsDatapath path_;
  ChunkedAccumulator accumulator_;
  LnsKernelPlan plan_;
};

}  // namespace

std::unique_ptr<DotUnit> make_lns_dot_unit(const DotSpec& spec) { return std::make_unique<LnsDotUnit>(spec); }

}  // namespace lnsim::numerics
