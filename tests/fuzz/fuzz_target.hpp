// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace lnsim::fuzz {

/// Gives a reader an input that nobody vouches for, and uses what it read. May throw InputError, OverflowError and
/// SpecError, by which readers refuse; anything else, and any claim that does not hold, is a finding. Defined once per
/// fuzzer.
void read_input(std::string_view input);

/// A file that holds the input, for readers that take a path. The same one for every input of a process.
[[nodiscard]] std::string input_file(std::string_view input, const std::string& name = "input");

/// Ends the process unless the claim holds.
void require(bool claim, const char* text);

/// Runs read_input() and takes refusals for what they are. Returns whether the input was taken.
bool run_input(std::string_view input);

}  // namespace lnsim::fuzz
