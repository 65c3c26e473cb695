// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/arch/dram_params.hpp"
#include "sim/support/json.hpp"
#include "sim/support/shipped.hpp"

namespace lnsim {

/// A memory that accelerators can name: configs/dram/<name>.json ("lnsim.dram/1").
struct DramPreset {
  std::string name;
  std::string description;
  DramParams dram;
};
/// Throws InputError.
[[nodiscard]] DramPreset read_dram_preset(const Document& document);
[[nodiscard]] Json dram_preset_schema();

/// The accelerator with the fields of the preset that its dram names put in; its own fields win, also single ones of
/// "banked". Unchanged if there is no preset. Throws InputError if there is no such preset or it is not sound.
[[nodiscard]] Document with_dram_preset(Document accelerator, const ShippedFiles& files);

}  // namespace lnsim
