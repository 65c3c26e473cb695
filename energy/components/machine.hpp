// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "energy/components/widths.hpp"
#include "energy/sram.hpp"
#include "energy/technology.hpp"
#include "sim/arch/accelerator.hpp"
#include "sim/trace/trace.hpp"

namespace lnsim::energy {

/// Formats of one pass as the machine's operands see them.
struct PassUnit {
  numerics::FormatPtr a;
  numerics::FormatPtr b;
  numerics::FormatPtr out;
  numerics::FormatPtr code;  ///< what the vector unit decodes and encodes
  bool stochastic = false;   ///< its outputs are gradients, rounded at random
};

/// A machine under a scheme in a technology, with everything that bills share: the hardware is built for the widest of
/// the scheme's formats, a pass pays for its own.
class Machine {
 public:
  /// optimizer: of the scheme's weights; parameter_optimizer: of FP32 norm and bias parameters (SGD or Adam).
  /// The references must outlive the machine. Throws InputError (no price for the DRAM), numerics::SpecError.
  Machine(const Accelerator& accelerator, const Scheme& scheme, const Technology& technology, Optimizer optimizer,
          Optimizer parameter_optimizer);

  /// Not of temporaries: they would be gone before the first bill.
  Machine(const Accelerator&&, const Scheme&, const Technology&, Optimizer, Optimizer) = delete;
  Machine(const Accelerator&, const Scheme&&, const Technology&, Optimizer, Optimizer) = delete;

  /// Formats of an entry; a pass without GEMM gets those of the forward pass. Throws InputError for an unknown format.
  [[nodiscard]] PassUnit pass_unit(const PassFormats& formats, PassKind pass) const;

  const Accelerator& accelerator;
  const Scheme& scheme;
  const Technology& technology;
  Optimizer optimizer;
  Optimizer parameter_optimizer;

  std::uint64_t vector_bits = 0;      ///< widest operand vector, block scales included
  std::uint64_t link_scale_bits = 0;  ///< block scales beside a word of the network
  unsigned code_bits = 0;             ///< widest stored code
  UnitWidths unit;                    ///< the dot-product unit with the largest area among the scheme's operand pairs
  MemoryPlan buffer_a;                ///< two single-port banks: fills while it is read
  MemoryPlan buffer_b;
  MemoryPlan collector;  ///< one lane's partial sums of both banks, registers
  MemoryPlan global_buffer;
  MemoryPlan statistics;      ///< sums and square sums of channels
  std::size_t dram = 0;       ///< index in technology.dram
  double broadcast_mm = 0;    ///< from the B register past all lanes of a PE
  double hop_mm = 0;          ///< side of a PE
  double global_wire_mm = 0;  ///< from a bank of the global buffer to its port

 private:
  void choose_unit();
  void plan_memories();
  void measure_wires();
};

}  // namespace lnsim::energy
