// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstring>

namespace lnsim::systemc {

/// memcpy of an operand vector, or a link word of them. A block does it every cycle, and a call costs more than the 32
/// bytes it copies, so the usual sizes are copied in place.
inline void copy_vector(std::byte* to, const std::byte* from, std::size_t bytes) {
  switch (bytes) {
    case 16: std::memcpy(to, from, 16); return;
    case 32: std::memcpy(to, from, 32); return;
    case 64: std::memcpy(to, from, 64); return;
    case 128: std::memcpy(to, from, 128); return;
    default: std::memcpy(to, from, bytes);
  }
}

/// One code in its container of 1, 2 or 4 bytes.
inline void copy_code(std::byte* to, const std::byte* from, unsigned container) {
  switch (container) {
    case 1: *to = *from; return;
    case 2: std::memcpy(to, from, 2); return;
    default: std::memcpy(to, from, 4);
  }
}

}  // namespace lnsim::systemc
