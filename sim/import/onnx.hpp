// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "sim/import/import_result.hpp"

namespace lnsim {

struct OnnxOptions {
  std::string name;                           ///< of the network
  std::map<std::string, std::uint64_t> dims;  ///< sizes that the file leaves open, by the name that it gives them, or
                                              ///< "INPUT:AXIS" where it gives none; "*" for all others
  std::optional<std::uint64_t> batch;         ///< of the network; the file's where it has one
  bool allow_unknown = false;                 ///< pass over operators that are not known, and list them
};

/// Reads an ONNX model (operators as ONNX 1.12, opset 17, and before have them) as a network. The first axis of the
/// inputs is the batch; weights may be initializers or constants, inside the file or outside, which is never opened:
/// only their sizes matter. Reshapes and transpositions are views while layers can read them so, else move layers. What
/// cannot be known from an inference graph is noted: whether norms were folded away, which constants are trained.
/// Throws InputError that names the node for what is not known or does not fit.
[[nodiscard]] ImportResult import_onnx(std::string_view bytes, const std::string& file, const OnnxOptions& options);

}  // namespace lnsim
