// SPDX-License-Identifier: Apache-2.0
#include "sim/support/error.hpp"

#include <utility>

#include "sim/support/text.hpp"

namespace lnsim {
namespace {

std::string line_of(const InputProblem& problem) {
  std::string line = escape_terminal(problem.file);
  for (const std::string* part : {&problem.where, &problem.value}) {
    if (part->empty()) continue;
    if (!line.empty()) line += ": ";
    line += escape_terminal(*part);
  }
  if (!problem.expected.empty()) {
    line += problem.value.empty() ? ": expected " : ", expected ";
    line += escape_terminal(problem.expected);
  }
  return line;
}

}  // namespace

InputError::InputError(std::string file, std::string where, std::string value, std::string expected)
    : InputError(
          std::vector<InputProblem>{{std::move(file), std::move(where), std::move(value), std::move(expected)}}) {}

InputError::InputError(std::vector<InputProblem> problems) : problems_(std::move(problems)) {
  if (problems_.empty()) throw std::logic_error("InputError without a problem");
  for (const InputProblem& problem : problems_) {
    if (!message_.empty()) message_ += '\n';
    message_ += line_of(problem);
  }
}

}  // namespace lnsim
