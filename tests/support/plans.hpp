// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <string>
#include <vector>

#include "sim/schedule/pass_plan.hpp"
#include "sim/workload/gemm_lowering.hpp"

namespace lnsim::test {

/// The shipped schemes whose codes the data plane computes with: those without block scales.
inline const std::vector<std::string>& data_scheme_names() {
  static const std::vector<std::string> names = {"lns8", "lns8_g5", "int8", "fp8",       "fp8_fx24",
                                                 "fp16", "bf16",    "fp32", "fp32_madam"};
  return names;
}

/// All shipped schemes.
inline const std::vector<std::string>& scheme_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all = data_scheme_names();
    for (const char* block : {"mxfp8", "mxfp6", "mxfp4", "mxint8", "nvfp4", "block_lns6"}) all.emplace_back(block);
    return all;
  }();
  return names;
}

inline const Scheme& shipped_scheme(const std::string& name) {
  static std::map<std::string, Scheme> schemes;
  const auto found = schemes.find(name);
  if (found != schemes.end()) return found->second;
  const std::string file = std::string(LNSIM_SOURCE_DIR) + "/configs/schemes/" + name + ".json";
  return schemes.emplace(name, read_scheme(read_json_file(file))).first->second;
}

inline Accelerator default_machine() {
  return read_accelerator(read_json_file(std::string(LNSIM_SOURCE_DIR) + "/configs/accelerators/lns_madam.json"));
}

/// The default machine with ports, links, memory and bandwidth beyond any need: only the PE's own rates are left.
inline Accelerator ample_machine() {
  Accelerator machine = default_machine();
  machine.global_buffer.bytes = 64U << 20U;
  machine.global_buffer.word_bytes = 8192;
  machine.network.link_bytes = 8192;
  machine.transposer.bytes_per_cycle = 8192;
  machine.dram.bandwidth_bytes_per_second = 1000000000000000;
  machine.dram.latency_ns = 0;
  machine.queue_depth = 64;
  return machine;
}

/// out[m][n] of one plain GEMM: the forward pass of a linear layer on n rows.
inline LayerPass gemm_pass(std::uint64_t m, std::uint64_t n, std::uint64_t k) {
  LayerPass pass = linear_forward(Linear{k, m, n, false, ""}, 1);
  pass.layer = "gemm";
  return pass;
}

/// The machine with a vector size that the scheme's blocks allow: groups are parts of blocks, or whole blocks.
inline Accelerator with_blocks(Accelerator machine, const std::string& scheme) {
  if (shipped_scheme(scheme).block_scaled()) machine.pe.vector_size = std::bit_ceil(machine.pe.vector_size);
  return machine;
}

inline PassPlan plan_of(const LayerPass& pass, const Accelerator& machine, const std::string& scheme = "lns8",
                        const MappingPin& pin = {}) {
  PlanContext context;
  context.accelerator = machine;
  context.scheme = shipped_scheme(scheme);
  context.family = "cnn";
  context.clock_hz = 400000000;
  context.rules.push_back({"*", std::nullopt, pin});
  return plan_pass(pass, context);
}

}  // namespace lnsim::test
