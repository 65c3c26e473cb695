// SPDX-License-Identifier: Apache-2.0
#include "sim/report/html/page.hpp"

#include <string_view>

#include "sim/report/html/assets.hpp"
#include "sim/report/html/view.hpp"

namespace lnsim::report {
namespace {

constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="lnsim">
<title>lnsim report</title>
<style>
)";

constexpr std::string_view kBody = R"(</style>
</head>
<body>
<a class="skip" href="#content">Skip to the results</a>
<main id="content"><noscript><p>This report draws itself with JavaScript, without any network access. The same numbers
are in report.json or comparison.json, and in layers.csv.</p></noscript></main>
)";

/// JSON that may stand in a script element: no "<" can end it.
std::string script_data(const Json& json) {
  std::string text;
  for (const char letter : json.dump()) {
    if (letter == '<') {
      text += "\\u003c";
    } else {
      text += letter;
    }
  }
  return text;
}

}  // namespace

std::string html_page(const Document& document, const std::vector<carbon::Grid>& grids) {
  const Json view = page_view(document, grids);
  std::string page(kHead);
  page += page_style();
  page += kBody;
  page += "<script type=\"application/json\" id=\"data\">" + script_data(view) + "</script>\n";
  page += "<script>/* Apache ECharts 6.1.0, Apache License 2.0, with zrender (BSD-3-Clause) */\n";
  page += charting_library();
  page += "</script>\n<script>\n";
  for (const std::string_view script : page_scripts()) page += script;
  page += "</script>\n</body>\n</html>\n";
  return page;
}

}  // namespace lnsim::report
