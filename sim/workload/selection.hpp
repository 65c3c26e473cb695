// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/workload/pass.hpp"

namespace lnsim {

/// Which passes are simulated.
struct PassSelection {
  bool forward = true;
  bool input_grad = true;   ///< input_grad_a, input_grad_b and gradient adds included
  bool weight_grad = true;  ///< bias gradients and gradient accumulation included
  bool update = true;

  [[nodiscard]] bool has(PassKind kind) const;
};

/// "forward,input_grad,weight_grad,update" in any order; throws InputError naming `option` for an unknown, repeated or
/// missing name.
[[nodiscard]] PassSelection parse_passes(std::string_view list, const std::string& option);

/// Whether `text` matches a pattern in which "*" stands for any characters and "?" for one.
[[nodiscard]] bool matches(std::string_view pattern, std::string_view text);

/// Layer names and patterns, separated by commas; empty: all layers.
class LayerSelection {
 public:
  LayerSelection() = default;
  explicit LayerSelection(std::string_view list);

  [[nodiscard]] bool has(std::string_view layer) const;
  /// Throws InputError naming `option` if a pattern matches none of the names.
  void check(const std::vector<std::string>& names, const std::string& option) const;

 private:
  std::vector<std::string> patterns_;
};

}  // namespace lnsim
