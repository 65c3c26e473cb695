// SPDX-License-Identifier: Apache-2.0
#include "sim/report/html/assets.hpp"

#include <cstddef>

// The assembler copies the files (GNU as: .incbin), found below the folder of the project; the build lists them as
// dependencies of this file. g++ 12 has no #embed.
// NOLINTBEGIN
#define LNSIM_EMBED(symbol, file)                                                                            \
  asm(".pushsection .rodata\n"                                                                               \
      ".balign 16\n"                                                                                         \
      ".global " #symbol "_begin\n.hidden " #symbol                                                          \
      "_begin\n"                                                                                             \
      ".global " #symbol "_end\n.hidden " #symbol "_end\n" #symbol "_begin:\n.incbin \"" file "\"\n" #symbol \
      "_end:\n.byte 0\n"                                                                                     \
      ".popsection\n");                                                                                      \
  extern "C" {                                                                                               \
  extern const char symbol##_begin[] __attribute__((visibility("hidden")));                                  \
  extern const char symbol##_end[] __attribute__((visibility("hidden")));                                    \
  }                                                                                                          \
  static_assert(true)
// NOLINTEND

LNSIM_EMBED(lnsim_asset_echarts, "third_party/echarts/echarts.min.js");
LNSIM_EMBED(lnsim_asset_style, "sim/report/html/page.css");
LNSIM_EMBED(lnsim_asset_core, "sim/report/html/core.js");
LNSIM_EMBED(lnsim_asset_energy, "sim/report/html/energy.js");
LNSIM_EMBED(lnsim_asset_layers, "sim/report/html/layers.js");
LNSIM_EMBED(lnsim_asset_carbon, "sim/report/html/carbon.js");
LNSIM_EMBED(lnsim_asset_training, "sim/report/html/training.js");
LNSIM_EMBED(lnsim_asset_accumulation, "sim/report/html/accumulation.js");
LNSIM_EMBED(lnsim_asset_sweep, "sim/report/html/sweep.js");
LNSIM_EMBED(lnsim_asset_main, "sim/report/html/main.js");

namespace lnsim::report {
namespace {

std::string_view between(const char* begin, const char* end) { return {begin, static_cast<std::size_t>(end - begin)}; }

}  // namespace

std::string_view page_style() { return between(lnsim_asset_style_begin, lnsim_asset_style_end); }

std::string_view charting_library() { return between(lnsim_asset_echarts_begin, lnsim_asset_echarts_end); }

std::vector<std::string_view> page_scripts() {
  return {
      between(lnsim_asset_core_begin, lnsim_asset_core_end),
      between(lnsim_asset_energy_begin, lnsim_asset_energy_end),
      between(lnsim_asset_layers_begin, lnsim_asset_layers_end),
      between(lnsim_asset_carbon_begin, lnsim_asset_carbon_end),
      between(lnsim_asset_training_begin, lnsim_asset_training_end),
      between(lnsim_asset_accumulation_begin, lnsim_asset_accumulation_end),
      between(lnsim_asset_sweep_begin, lnsim_asset_sweep_end),
      between(lnsim_asset_main_begin, lnsim_asset_main_end),
  };
}

}  // namespace lnsim::report
