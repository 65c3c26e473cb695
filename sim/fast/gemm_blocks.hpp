// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>

#include "sim/fast/dma.hpp"
#include "sim/fast/global_buffer.hpp"

namespace lnsim::fast {

/// The blocks of the machine on the GEMMs of a pass.
struct GemmBlocks {
  const GemmSchedule& schedule;
  Dram& dram;
  BufferState& buffer;
  Dma& dma;
  OperandPort &a, &b;
  PreloadPort& preload;
  OutputClaims& claims;
  NetworkDrain& drain;
  std::deque<Lanes>& pes;

  /// Forgets what came so early that it decides nothing any more, so that it does not tell two states apart. margin:
  /// more than any constant that is added to a time before it is compared.
  void forget_past(Cycle margin) const;
  void visit(StateVisitor& state) const {
    visit_memory_side(state);
    visit_compute_side(state);
  }
  void visit_memory_side(StateVisitor& state) const;
  /// The ports, the PEs and the drain link.
  void visit_compute_side(StateVisitor& state) const;
};

}  // namespace lnsim::fast
