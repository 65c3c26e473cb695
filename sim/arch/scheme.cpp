// SPDX-License-Identifier: Apache-2.0
#include "sim/arch/scheme.hpp"

#include <array>
#include <stdexcept>
#include <utility>

#include "sim/arch/operand_pairs.hpp"
#include "sim/support/error.hpp"

namespace lnsim {

std::string_view optimizer_name(Optimizer optimizer) {
  static constexpr std::array<std::string_view, 3> kNames = {"madam", "sgd_momentum", "adam"};
  return kNames.at(static_cast<std::size_t>(optimizer));
}

unsigned optimizer_states(Optimizer optimizer) { return optimizer == Optimizer::kAdam ? 2 : 1; }

const numerics::Format& Scheme::format(Role role) const {
  static const numerics::FormatPtr fp32 = numerics::find_format("fp32");
  switch (role) {
    case Role::kWeight: return *weight;
    case Role::kActivation: return *activation;
    case Role::kGradient: return *gradient;
    case Role::kWeightGradient: return *weight_gradient;
    case Role::kParameter: return *fp32;
    case Role::kMask:
    case Role::kIndex: break;
  }
  throw std::invalid_argument("masks and indices have no number format");
}

unsigned Scheme::bits(const Tensor& tensor) const {
  if (tensor.role == Role::kMask) return 1;
  if (tensor.role == Role::kIndex) return tensor.index_bits;
  return format(tensor.role).bits();
}

ElementSize Scheme::size(const Tensor& tensor) const {
  const bool coded = tensor.role != Role::kMask && tensor.role != Role::kIndex;
  return coded ? element_size(format(tensor.role)) : ElementSize(bits(tensor));
}

bool Scheme::block_scaled() const { return weight->block() || activation->block() || gradient->block(); }

Optimizer Scheme::optimizer(const std::string& family) const {
  if (family == "cnn") return optimizer_cnn;
  if (family == "transformer") return optimizer_transformer;
  throw std::invalid_argument("no optimizer for network family " + family);
}

std::vector<OperandPair> operand_pairs(const Scheme& scheme) {
  return {{scheme.weight, scheme.activation},
          {scheme.activation, scheme.activation},
          {scheme.weight, scheme.gradient},
          {scheme.gradient, scheme.activation}};
}

void check_scheme(const Scheme& scheme, std::uint64_t vector_size, const std::string& file) {
  // A chunk length is a multiple of the vector size, so the smallest size asks nothing of it.
  for (const OperandPair& pair : operand_pairs(scheme)) {
    try {
      (void)accumulator_bits(scheme.dot_product, pair.a, pair.b, static_cast<unsigned>(vector_size));
    } catch (const numerics::SpecError& error) {
      throw InputError(file, "/dot_product", pair.a->name() + " x " + pair.b->name(),
                       "a unit that exists at vector size " + std::to_string(vector_size) + " (" + error.what() + ")");
    }
  }
}

void refuse_block_scales(const Scheme& scheme, const std::string& file, const std::string& what) {
  if (!scheme.block_scaled()) return;
  throw InputError(file, "/formats", scheme.weight->name(),
                   "formats without block scales: " + what + " has no codes of them");
}

}  // namespace lnsim
