// SPDX-License-Identifier: Apache-2.0
#include "sim/numerics/format.hpp"

#include <cstring>

#include "sim/numerics/block_format.hpp"

namespace lnsim::numerics {
namespace {

template <typename Container>
Code load_as(const std::byte* codes, std::size_t i) {
  Container code;
  std::memcpy(&code, codes + i * sizeof(Container), sizeof(Container));
  return code;
}

template <typename Container>
void store_as(std::byte* codes, std::size_t i, Code code) {
  const auto value = static_cast<Container>(code);
  std::memcpy(codes + i * sizeof(Container), &value, sizeof(Container));
}

}  // namespace

Code load_code(const std::byte* codes, std::size_t i, unsigned container_bytes) {
  if (container_bytes == 1) return load_as<std::uint8_t>(codes, i);
  if (container_bytes == 2) return load_as<std::uint16_t>(codes, i);
  return load_as<std::uint32_t>(codes, i);
}

void store_code(std::byte* codes, std::size_t i, unsigned container_bytes, Code code) {
  if (container_bytes == 1) return store_as<std::uint8_t>(codes, i, code);
  if (container_bytes == 2) return store_as<std::uint16_t>(codes, i, code);
  store_as<std::uint32_t>(codes, i, code);
}

std::string Format::name() const { return block_ ? block_->name() : own_name(); }

std::uint64_t Format::quantize(std::span<const double> x, double scale, std::byte* codes) const {
  std::uint64_t clipped = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const Encoded encoded = encode(x[i], scale);
    store_code(codes, i, container_bytes(), encoded.code);
    clipped += encoded.clipped ? 1U : 0U;
  }
  return clipped;
}

}  // namespace lnsim::numerics
