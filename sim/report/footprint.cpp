// SPDX-License-Identifier: Apache-2.0
#include "sim/report/footprint.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "sim/report/numbers.hpp"
#include "sim/support/error.hpp"
#include "sim/support/text.hpp"

namespace lnsim::report {
namespace {

constexpr std::uint64_t kFp32Bytes = 4;

/// Elements of a size, in bytes, rounded up.
std::uint64_t bytes_of(std::uint64_t elements, ElementSize size) {
  const std::uint64_t total = checked_mul(elements, size.units());
  return total / ElementSize::kUnitsPerByte + (total % ElementSize::kUnitsPerByte != 0 ? 1 : 0);
}

std::uint64_t sum_of(std::initializer_list<std::uint64_t> parts) {
  std::uint64_t sum = 0;
  for (const std::uint64_t part : parts) sum = checked_add(sum, part);
  return sum;
}

std::uint64_t total_at(const CapacityQuestion& q, std::uint64_t batch) {
  return footprint_bytes(q.elements_at(batch), q.scheme, q.family, q.micro_batches).total();
}

/// The largest batch below q.batch that fits; 0 if none does.
std::uint64_t largest_batch(const CapacityQuestion& q) {
  std::uint64_t fits = 0;
  std::uint64_t too_many = q.batch;
  while (too_many - fits > 1) {
    const std::uint64_t middle = fits + (too_many - fits) / 2;
    (total_at(q, middle) <= q.capacity_bytes ? fits : too_many) = middle;
  }
  return fits;
}

/// "saved activation layer1.0.conv1 (102.8 MB)"
std::string largest_tensor(const FootprintElements& elements, const Scheme& scheme) {
  std::vector<std::pair<std::uint64_t, std::string>> tensors;
  const auto add = [&](const NamedTensor& tensor, const std::string& what, ElementSize size) {
    tensors.emplace_back(bytes_of(tensor.elements, size), what + " " + tensor.name);
  };
  add(elements.largest_saved, "saved activation", element_size(*scheme.activation));
  add(elements.largest_gradient, "gradient", element_size(*scheme.gradient));
  add(elements.largest_weight, "weight",
      std::max(element_size(*scheme.weight), ElementSize(32U)));  // its states are FP32
  const auto largest =
      *std::max_element(tensors.begin(), tensors.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return largest.second + " of " + bytes_text(largest.first);
}

}  // namespace

std::uint64_t FootprintBytes::total() const { return sum_of({weights, optimizer, activations, gradients}); }

std::uint64_t FootprintBytes::model_state() const { return sum_of({weights, optimizer, weight_gradients}); }

FootprintBytes footprint_bytes(const FootprintElements& e, const Scheme& scheme, const std::string& family,
                               std::uint64_t micro_batches) {
  FootprintBytes bytes;
  const std::uint64_t fp32_weights = sum_of({e.parameters, e.head_parameters, e.running_statistics});
  bytes.weights =
      sum_of({bytes_of(e.weights, element_size(*scheme.weight)), bytes_of(e.head_weights, element_size(*scheme.weight)),
              checked_mul(fp32_weights, kFp32Bytes)});
  const unsigned states = optimizer_states(scheme.optimizer(family));
  const unsigned parameter_states =
      optimizer_states(family == "transformer" ? Optimizer::kAdam : Optimizer::kSgdMomentum);
  bytes.optimizer = sum_of({checked_mul(e.weights, states * kFp32Bytes),
                            scheme.update ? bytes_of(e.weights, scheme.update->bits()) : 0,
                            checked_mul(e.parameters, parameter_states * kFp32Bytes)});
  bytes.activations = sum_of({bytes_of(e.saved_activations, element_size(*scheme.activation)),
                              checked_mul(e.saved_parameters, kFp32Bytes), bytes_of(e.saved_bits, 1)});
  bytes.weight_gradients = checked_mul(e.parameters, kFp32Bytes);
  if (micro_batches > 1) {
    bytes.weight_gradients = sum_of({bytes.weight_gradients, bytes_of(e.weights, scheme.accumulation->bits()),
                                     bytes_of(e.largest_weight.elements, scheme.weight_gradient->bits())});
  } else {
    bytes.weight_gradients = sum_of({bytes.weight_gradients, bytes_of(e.weights, scheme.weight_gradient->bits())});
  }
  bytes.gradients = sum_of({bytes.weight_gradients, bytes_of(e.peak_gradients, element_size(*scheme.gradient))});
  if (scheme.block_scaled()) {
    // While a layer's weight gradient is in work, its operands are there a second time, in blocks along the batch.
    bytes.activations =
        sum_of({bytes.activations, bytes_of(e.largest_saved.elements, element_size(*scheme.activation))});
    bytes.gradients = sum_of({bytes.gradients, bytes_of(e.largest_gradient.elements, element_size(*scheme.gradient))});
  }
  return bytes;
}

std::uint64_t chips_needed(const FootprintBytes& bytes, std::uint64_t capacity_bytes) {
  const std::uint64_t total = std::max<std::uint64_t>(1, bytes.total());
  return total / capacity_bytes + (total % capacity_bytes != 0 ? 1 : 0);
}

void check_capacity(const CapacityQuestion& q) {
  const FootprintElements elements = q.elements_at(q.batch);
  const FootprintBytes bytes = footprint_bytes(elements, q.scheme, q.family, q.micro_batches);
  if (bytes.total() <= q.capacity_bytes) return;
  const std::uint64_t fits = largest_batch(q);
  const std::string advice =
      fits > 0 ? "a batch of at most " + std::to_string(fits) : "a smaller network, as no batch fits";
  throw InputError("--batch", "",
                   std::to_string(q.batch) + " under " + q.scheme.name + " needs " + bytes_text(bytes.total()) +
                       " of DRAM (weights " + bytes_text(bytes.weights) + ", optimizer " + bytes_text(bytes.optimizer) +
                       ", activations " + bytes_text(bytes.activations) + ", gradients " + bytes_text(bytes.gradients) +
                       "; largest tensor: " + largest_tensor(elements, q.scheme) + "), the machine has " +
                       bytes_text(q.capacity_bytes),
                   advice + ", or --allow-oversubscription, which reports the chips needed (" +
                       std::to_string(chips_needed(bytes, q.capacity_bytes)) + ")");
}

}  // namespace lnsim::report
