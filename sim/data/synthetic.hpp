// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "sim/workload/pass.hpp"

namespace lnsim {

enum class DistributionKind : std::uint8_t {
  kNormal,     ///< scale * N(0, 1)
  kRelu,       ///< scale * max(0, N(0, 1)): half zeros, as behind a ReLU
  kLogNormal,  ///< scale * random sign * e^N(0, 1): the wide range of gradients
};

struct Distribution {
  DistributionKind kind = DistributionKind::kNormal;
  double scale = 1.0;
};

/// The distribution of a tensor by its role. Weights (and parameters): normal, standard deviation elements^(-1/4),
/// which is 1 / sqrt(fan-in) of a square matrix and the same in every pass. Activations: ReLU of a normal. Gradients:
/// log-normal around 2^-8 with random sign. Masks and indices have no values: std::invalid_argument.
[[nodiscard]] Distribution usual_distribution(const Tensor& tensor);

/// Values of a tensor made from a seed. Element i depends on seed, layer, tensor name, distribution and i alone, in
/// whatever order parts are asked for: each block of 1024 elements has its own xoshiro256** generator, seeded by
/// SplitMix64 from stream_seed and the block's number. N(0, 1) is next_normal, e^x is portable_exp; a sign is the top
/// bit of one further draw. Nothing depends on the mathematical library.
class SyntheticTensor {
 public:
  SyntheticTensor(std::uint64_t seed, std::string_view layer, std::string_view tensor,
                  const Distribution& distribution);

  /// Elements [first, first + out.size()).
  void fill(std::uint64_t first, std::span<double> out) const;

 private:
  static constexpr std::uint64_t kBlockElements = 1024;

  std::uint64_t seed_;
  Distribution distribution_;
};

}  // namespace lnsim
