// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sim/support/error.hpp"
#include "sim/workload/lower.hpp"
#include "sim/workload/network.hpp"

namespace lnsim::test {

inline Network shipped(const std::string& name) {
  return read_network(read_json_file(std::string(LNSIM_SOURCE_DIR) + "/workloads/" + name + ".json"));
}

/// A network whose "layers" are given as JSON text.
inline Network network_of(const std::string& layers, const std::string& more = "") {
  return read_network(parse_json(R"({"schema": "lnsim.workload/1", "name": "n", "family": "cnn", "batch": 2, )" + more +
                                     R"("layers": [)" + layers + "]}",
                                 "n.json"));
}

/// The message with which the layers are refused, or "" if they are not.
inline std::string refusal(const std::string& layers, const std::string& more = "") {
  try {
    (void)network_of(layers, more);
    return "";
  } catch (const InputError& error) {
    return error.what();
  }
}

/// The pass of this kind and layer name; throws if there is not exactly one.
inline LayerPass find_pass(const std::vector<LayerPass>& passes, const std::string& layer, PassKind kind) {
  const LayerPass* found = nullptr;
  for (const LayerPass& pass : passes) {
    if (pass.layer != layer || pass.kind != kind) continue;
    if (found != nullptr) throw std::logic_error("two passes of " + layer);
    found = &pass;
  }
  if (found == nullptr) throw std::logic_error("no such pass of " + layer);
  return *found;
}

}  // namespace lnsim::test
