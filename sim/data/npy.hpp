// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace lnsim {

/// Values of a NumPy .npy file (format versions 1 to 3): little-endian f2, f4 or f8 in C order, any shape of
/// `expected_elements` elements in all. Throws InputError for anything else: a missing or truncated file, bytes behind
/// the data, another element type (object arrays above all: they would execute code elsewhere), Fortran order, a shape
/// whose product overflows, another number of elements, NaN and infinities.
[[nodiscard]] std::vector<double> read_npy(const std::filesystem::path& path, std::uint64_t expected_elements);

}  // namespace lnsim
