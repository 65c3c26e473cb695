// SPDX-License-Identifier: Apache-2.0
#include "sim/support/problems.hpp"

#include <utility>

#include "sim/support/json.hpp"

namespace lnsim {
namespace {

constexpr std::size_t kMostKept = 20;  // a wrong field in each of 100,000 layers should not scroll the first one away

}  // namespace

void Problems::add(std::string_view pointer_suffix, std::string value, std::string expected) {
  ++count_;
  if (kept_.size() == kMostKept) return;
  kept_.push_back({file_, pointer_ + std::string(pointer_suffix), std::move(value), std::move(expected)});
}

void Problems::throw_if_any() const {
  if (empty()) return;
  std::vector<InputProblem> all = kept_;
  if (count_ > all.size())
    all.push_back({file_, "", "and " + std::to_string(count_ - all.size()) + " more problems", ""});
  throw InputError(std::move(all));
}

Problems::Scope::Scope(Problems& problems, std::string_view key)
    : problems_(problems), length_(problems.pointer_.size()) {
  problems.pointer_ = pointer_to(problems.pointer_, key);
}

Problems::Scope::Scope(Problems& problems, std::size_t index) : problems_(problems), length_(problems.pointer_.size()) {
  problems.pointer_ = pointer_to(problems.pointer_, index);
}

}  // namespace lnsim
