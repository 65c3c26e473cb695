// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

namespace lnsim::report {

/// The page's files, embedded into the program when it is built.
[[nodiscard]] std::string_view page_style();
/// Apache ECharts (third_party/echarts).
[[nodiscard]] std::string_view charting_library();
/// The page's own scripts, in the order in which they run.
[[nodiscard]] std::vector<std::string_view> page_scripts();

}  // namespace lnsim::report
