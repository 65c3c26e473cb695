// SPDX-License-Identifier: Apache-2.0
#include "sim/fast/gemm_blocks.hpp"

namespace lnsim::fast {

void GemmBlocks::visit_memory_side(StateVisitor& state) const {
  dram.visit(state);
  buffer.visit(state);
  dma.visit(state);
  claims.visit(state);
}

void GemmBlocks::visit_compute_side(StateVisitor& state) const {
  a.visit(state);
  b.visit(state);
  preload.visit(state);
  drain.visit(state);
  for (Lanes& pe : pes) pe.visit(state);
}

void GemmBlocks::forget_past(Cycle margin) const {
  for (RegionSpace& region : buffer.space) region.forget_past();
  dma.forget_past();
  a.forget_past();
  b.forget_past();
  preload.forget_past();
  for (Lanes& pe : pes) pe.forget_past(margin);
}

}  // namespace lnsim::fast
