// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lnsim {

/// What the dictionary in front of a .npy file's data says.
struct NpyHeader {
  std::string descr;  ///< "<f4"
  bool fortran_order = false;
  std::uint64_t elements = 1;  ///< product of the shape
};

/// Parses the Python literal {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }, strictly: these three keys,
/// each once, in any order. Throws InputError (file, "header", ...).
[[nodiscard]] NpyHeader parse_npy_header(std::string_view text, const std::string& file);

}  // namespace lnsim
