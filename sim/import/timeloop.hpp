// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/import/import_result.hpp"

namespace lnsim {

/// A file and its text.
struct NamedText {
  std::string name;
  std::string text;
};

/// Reads Timeloop problems (Parashar et al., ISPASS 2019), a layer per file: version 0.1 with the sizes beside the
/// shape or without one (its CNN shape), 0.2 and 0.3 with data-spaces and an instance, 0.4 with data_spaces; keys with
/// hyphens or underscores. A problem is a convolution where two ranks of an input are sums of an output position and a
/// tap, a linear layer where it is a GEMM with a data space that is called a weight, else a matmul. The sizes say
/// neither padding nor how layers connect: each layer reads tensors from outside. Throws InputError with line and
/// column.
[[nodiscard]] ImportResult import_timeloop(const std::vector<NamedText>& files, const std::string& name);

/// The forward convolutions, linear layers and matrix products of a network as problems of version 0.4, a file each,
/// for `batch` samples.
struct TimeloopExport {
  std::vector<NamedText> files;           ///< "03_conv2.yaml"
  std::vector<std::string> left_out;      ///< layers that the format has no words for
  std::vector<std::string> approximated;  ///< layers that it says in another way
};
[[nodiscard]] TimeloopExport export_timeloop(const Network& network, std::uint64_t batch);

}  // namespace lnsim
