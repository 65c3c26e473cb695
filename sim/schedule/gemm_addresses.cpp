// SPDX-License-Identifier: Apache-2.0
// Where the transfers of a GEMM pass lie in DRAM (docs/machine.md, B2).
#include <algorithm>

#include "sim/schedule/gemm_schedule.hpp"

namespace lnsim {
namespace {

/// floor(offset * size / burst size), modulo 2^64: a shift may go down.
std::uint64_t whole_bursts(std::int64_t offset, ElementSize element, std::uint64_t burst_bytes) {
  const std::int64_t moved = offset * static_cast<std::int64_t>(element.units());
  const auto size = static_cast<std::int64_t>(burst_bytes * ElementSize::kUnitsPerByte);
  return static_cast<std::uint64_t>(moved >= 0 ? moved / size : -((-moved + size - 1) / size));
}

}  // namespace

// A tensor that several operands share is as wide as the widest of them.
void GemmSchedule::lay_out_tensors() {
  layout_ = DramLayout(config_.accelerator.dram.burst_bytes);
  std::vector<ElementSize> sizes(pass_.tensors.size());
  const auto use = [&](std::size_t tensor, ElementSize size) { sizes[tensor] = std::max(sizes[tensor], size); };
  for (std::size_t i = 0; i < pass_.gemms.size(); ++i) {
    const bool m = mappings_[i].operand_a == Side::kM;
    use(pass_.gemms[i].a.tensor, m ? config_.a_size() : config_.b_size());
    use(pass_.gemms[i].b.tensor, m ? config_.b_size() : config_.a_size());
    use(pass_.gemms[i].out.tensor, config_.out_size());
  }
  for (const StreamUse& fill : pass_.zero_fills) use(fill.tensor, config_.out_size());
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    tensor_bases_.push_back(layout_.append(sizes[i].bytes(pass_.tensors[i].elements)));
  }
}

BurstList GemmSchedule::load_addresses(const Step& step, bool is_a) const {
  const Side side = mapping(step).operand_a;
  const OperandView& view = is_a ? operand_a_view(gemm(step), side) : operand_b_view(gemm(step), side);
  const std::uint64_t shift =
      whole_bursts(is_a ? step.a_offset : step.b_offset, is_a ? config_.a_size() : config_.b_size(),
                   config_.accelerator.dram.burst_bytes);
  return {is_a ? step.a->ranges : step.b->ranges, tensor_bases_[view.tensor] + shift};
}

BurstList GemmSchedule::output_addresses(const Step& step, std::vector<BurstRange> ranges) const {
  if (!banked()) return {};
  const std::uint64_t shift = whole_bursts(step.out_offset, config_.out_size(), config_.accelerator.dram.burst_bytes);
  return burst_list(std::move(ranges), tensor_bases_[gemm(step).out.tensor] + shift);
}

// A tile keeps its place from its first spill on.
BurstList GemmSchedule::partial_sum_addresses(const Step& step, std::uint64_t bursts) {
  const auto [place, fresh] =
      partial_sum_bases_.try_emplace({step.gemm, step.out_offset, step.a_begin, step.b_begin}, 0);
  if (fresh) place->second = layout_.append(bursts * config_.accelerator.dram.burst_bytes);
  return burst_list({{place->second, bursts}}, 0);
}

BurstList GemmSchedule::appended_addresses(std::uint64_t bursts) {
  return burst_list({{layout_.append(bursts * config_.accelerator.dram.burst_bytes), bursts}}, 0);
}

}  // namespace lnsim
