// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

namespace lnsim {

/// One thing that is wrong in an input. All four are plain text; empty parts are left out of the message.
struct InputProblem {
  std::string file;      ///< file name as the user gave it, or an option such as "--batch"
  std::string where;     ///< JSON pointer ("/pe/lanes"), "line 3, column 5", or empty
  std::string value;     ///< what was found
  std::string expected;  ///< what would have been accepted
};

/// Bad input: the run does not start (exit code 2). Collects every problem that was found, one line each, as
/// "pe32.json: /pe/lanes: 0, expected 1..1024". Control characters and malformed UTF-8 in the parts are escaped, so a
/// line break in what() always separates two problems.
class InputError : public std::exception {
 public:
  InputError(std::string file, std::string where, std::string value, std::string expected);
  /// Throws std::logic_error if `problems` is empty.
  explicit InputError(std::vector<InputProblem> problems);

  [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }
  [[nodiscard]] const std::vector<InputProblem>& problems() const noexcept { return problems_; }

 private:
  std::vector<InputProblem> problems_;
  std::string message_;
};

/// A law of the machine or a check of its results failed (exit code 1): the program or its data is wrong, not its use.
class SimulationError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace lnsim

/// Throws lnsim::SimulationError(message) unless the condition holds, in every build type. The message is only
/// evaluated on failure.
#define LNSIM_CHECK(condition, message)                        \
  do {                                                         \
    if (!(condition)) throw ::lnsim::SimulationError(message); \
  } while (false)
