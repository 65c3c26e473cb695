// SPDX-License-Identifier: Apache-2.0
#include "sim/data/synthetic.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "sim/data/random.hpp"

namespace lnsim {
namespace {

template <DistributionKind kKind>
double next_value(double scale, Xoshiro256& random) {
  const double normal = next_normal(random);
  if constexpr (kKind == DistributionKind::kNormal) return scale * normal;
  if constexpr (kKind == DistributionKind::kRelu) return scale * (normal > 0.0 ? normal : 0.0);
  const double magnitude = scale * portable_exp(normal);
  return random.next() >> 63U != 0 ? -magnitude : magnitude;
}

/// Values [skipped, skipped + out.size()) of one block.
template <DistributionKind kKind>
void fill_block(double scale, std::uint64_t seed, std::uint64_t skipped, std::span<double> out) {
  Xoshiro256 random(seed);
  for (std::uint64_t i = 0; i < skipped; ++i) (void)next_value<kKind>(scale, random);
  for (double& value : out) value = next_value<kKind>(scale, random);
}

}  // namespace

Distribution usual_distribution(const Tensor& tensor) {
  switch (tensor.role) {
    case Role::kWeight:
    case Role::kParameter:
      return {DistributionKind::kNormal, 1.0 / std::sqrt(std::sqrt(static_cast<double>(tensor.elements)))};
    case Role::kActivation: return {DistributionKind::kRelu, 1.0};
    case Role::kGradient:
    case Role::kWeightGradient: return {DistributionKind::kLogNormal, 0x1.0p-8};
    case Role::kMask:
    case Role::kIndex: break;
  }
  throw std::invalid_argument("masks and indices have no values");
}

SyntheticTensor::SyntheticTensor(std::uint64_t seed, std::string_view layer, std::string_view tensor,
                                 const Distribution& distribution)
    : seed_(stream_seed(seed, layer, tensor)), distribution_(distribution) {}

void SyntheticTensor::fill(std::uint64_t first, std::span<double> out) const {
  while (!out.empty()) {
    const std::uint64_t skipped = first % kBlockElements;
    const std::uint64_t seed = SplitMix64(seed_ ^ (first / kBlockElements)).next();
    const auto part = out.first(std::min<std::size_t>(out.size(), kBlockElements - skipped));
    switch (distribution_.kind) {
      case DistributionKind::kNormal:
        fill_block<DistributionKind::kNormal>(distribution_.scale, seed, skipped, part);
        break;
      case DistributionKind::kRelu:
        fill_block<DistributionKind::kRelu>(distribution_.scale, seed, skipped, part);
        break;
      case DistributionKind::kLogNormal:
        fill_block<DistributionKind::kLogNormal>(distribution_.scale, seed, skipped, part);
        break;
    }
    first += part.size();
    out = out.subspan(part.size());
  }
}

}  // namespace lnsim
