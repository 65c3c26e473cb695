// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/network.hpp"

#include "sim/support/text.hpp"
#include "sim/workload/graph.hpp"
#include "sim/workload/size_check.hpp"

namespace lnsim {

void check_network(const Network& network) { check_sizes(network, build_graph(network), network.batch); }

std::uint64_t parameter_count(const Network& network) {
  std::uint64_t count = 0;
  const auto add = [&](const Layer& layer, std::uint64_t repeat) {
    const LayerSizes sizes = sizes_of(layer.op);
    count = checked_add(count, checked_mul(checked_add(sizes.weights, sizes.parameters), repeat));
  };
  for (const Entry& entry : network.entries) {
    for (const Layer& layer : entry.layers) add(layer, entry.repeat);
  }
  for (const Layer& layer : network.head) add(layer, 1);
  return count;
}

std::uint64_t forward_macs(const Network& network, std::uint64_t batch) {
  std::uint64_t macs = 0;
  for (const Entry& entry : network.entries) {
    for (const Layer& layer : entry.layers) {
      macs = checked_add(macs, checked_mul(checked_mul(sizes_of(layer.op).macs, entry.repeat), batch));
    }
  }
  return macs;
}

std::string full_name(const Entry& entry, const Layer& layer) {
  return entry.block ? entry.name + "." + layer.name : layer.name;
}

}  // namespace lnsim
