// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace lnsim {

/// Rows out of columns: places[k] points to `rows` neighbouring codes (containers of 1, 2, 4 or 8 bytes), null for zero
/// codes; code r of place k becomes code k of the row at out + r * out_stride (bytes). Writes `count` codes of each
/// row.
void transpose_codes(const std::byte* const* places, std::size_t count, std::size_t rows, unsigned container_bytes,
                     std::byte* out, std::size_t out_stride);

}  // namespace lnsim
