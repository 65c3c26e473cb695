// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace lnsim {

/// 128-bit integer for products of 64-bit sizes; both supported compilers have it as an extension.
__extension__ typedef unsigned __int128 Uint128;

}  // namespace lnsim
