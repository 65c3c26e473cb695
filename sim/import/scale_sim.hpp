// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/import/import_result.hpp"

namespace lnsim {

struct ScaleSimOptions {
  std::string name;           ///< of the network
  bool same_padding = false;  ///< pad convolutions so that outputs are inputs over the stride, rounded up
  std::uint64_t batch = 1;
};

/// Reads a topology of SCALE-Sim, with as many MACs as it counts: the number of outputs is
/// rounded up. (Samajdar et al., ISPASS 2020; versions 1 to 3.) Lines are convolutions (name, IFMAP height and
/// width, filter height and width, channels, filters, stride) or GEMMs (name, M, N, K). The format has no padding, no
/// batch, and does not say how layers connect: each layer reads a tensor from outside, and all but the first get a
/// gradient of it. A name that holds "DP" makes a convolution depthwise; a sparsity N:M is noted and computed densely.
/// Lines of GEMMs become linear layers of M rows. Throws InputError with the line and column of what is wrong.
[[nodiscard]] ImportResult import_scale_sim(std::string_view text, const std::string& file,
                                            const ScaleSimOptions& options);

/// The forward convolutions, linear layers and matrix products of a network as a topology of convolutions. Padding is
/// added to the IFMAP; a product of M x K and K x N is a filter of 1 x K over an IFMAP of M x K, as SCALE-Sim's own
/// files have it.
[[nodiscard]] ExportResult export_scale_sim(const Network& network);

/// Every GEMM of a training iteration as a topology of GEMMs, a line per shape, with how often it runs per iteration in
/// a column that SCALE-Sim passes over.
[[nodiscard]] ExportResult export_scale_sim_gemms(const Network& network, std::uint64_t batch);

}  // namespace lnsim
