// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/commands.hpp"

#include <array>

namespace lnsim::cli {
namespace {

constexpr std::array kCommands = {
    Command{"simulate", "one training iteration of a network under one scheme: cycles, energy, carbon", run_simulate},
    Command{"compare", "the same iteration under several schemes, side by side", run_compare},
    Command{"sweep", "thousands of designs: axes, constraints, a store that resumes, Pareto fronts", run_sweep_command},
    Command{"energy", "price a stored trace again, with another technology, grid or run", run_energy},
    Command{"report", "the HTML page of a stored report, comparison, training or accumulator analysis", run_report},
    Command{"train", "train a small network on the bit-true arithmetic: accuracy beside energy and carbon", run_train},
    Command{"accum", "how wide the accumulator of each GEMM of a network must be", run_accum},
    Command{"study", "the best LNS base and width for weights, activations and gradients, as a scheme", run_study},
    Command{"explain", "the bill of primitives and the price of each action of a machine, or of one unit", run_explain},
    Command{"numerics", "evaluate the arithmetic alone, from a file of requests", run_numerics},
    Command{"import", "make a workload file from an ONNX model, a SCALE-Sim topology or Timeloop problems", run_import},
    Command{"export", "write a workload as a SCALE-Sim topology or as Timeloop problems", run_export},
    Command{"validate", "check files against their rules, without running", run_validate},
};

}  // namespace

std::span<const Command> commands() { return kCommands; }

}  // namespace lnsim::cli
