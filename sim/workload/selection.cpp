// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/selection.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "sim/support/error.hpp"
#include "sim/support/text.hpp"

namespace lnsim {
namespace {

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> items;
  while (true) {
    const std::size_t comma = list.find(',');
    items.emplace_back(list.substr(0, comma));
    if (comma == std::string_view::npos) return items;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace

bool PassSelection::has(PassKind kind) const {
  switch (kind) {
    case PassKind::kForward: return forward;
    case PassKind::kInputGrad:
    case PassKind::kInputGradA:
    case PassKind::kInputGradB: return input_grad;
    case PassKind::kWeightGrad:
    case PassKind::kGradientAccumulate: return weight_grad;
    case PassKind::kUpdate: return update;
  }
  return false;
}

PassSelection parse_passes(std::string_view list, const std::string& option) {
  static constexpr std::array<std::pair<std::string_view, bool PassSelection::*>, 4> kPasses = {
      {{"forward", &PassSelection::forward},
       {"input_grad", &PassSelection::input_grad},
       {"weight_grad", &PassSelection::weight_grad},
       {"update", &PassSelection::update}}};
  PassSelection selection{false, false, false, false};
  for (const std::string& name : split(list)) {
    const auto known =
        std::find_if(kPasses.begin(), kPasses.end(), [&](const auto& pass) { return pass.first == name; });
    if (known == kPasses.end()) {
      std::vector<std::string_view> names;
      for (const auto& pass : kPasses) names.push_back(pass.first);
      throw InputError(option, "", in_quotes(name), suggestion(name, names));
    }
    if (selection.*known->second) throw InputError(option, "", in_quotes(name) + " twice", "each pass once");
    selection.*known->second = true;
  }
  return selection;
}

bool matches(std::string_view pattern, std::string_view text) {
  // Greedy with one way back: on a mismatch the last "*" takes one more character.
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

LayerSelection::LayerSelection(std::string_view list) {
  if (!list.empty()) patterns_ = split(list);
}

bool LayerSelection::has(std::string_view layer) const {
  return patterns_.empty() || std::any_of(patterns_.begin(), patterns_.end(),
                                          [&](const std::string& pattern) { return matches(pattern, layer); });
}

void LayerSelection::check(const std::vector<std::string>& names, const std::string& option) const {
  for (const std::string& pattern : patterns_) {
    const bool met =
        std::any_of(names.begin(), names.end(), [&](const std::string& name) { return matches(pattern, name); });
    if (met) continue;
    const std::string near = nearest(pattern, names);
    const std::string example = in_quotes(names.empty() ? "conv1" : names.front());
    throw InputError(option, "", in_quotes(pattern),
                     near.empty() ? "names of layers, such as " + example : in_quotes(near));
  }
}

}  // namespace lnsim
