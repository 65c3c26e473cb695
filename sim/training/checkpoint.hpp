// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace lnsim::training {

/// Writes the state of a run to a file that a reader sees whole or not at all. `run`: text that says which run it is;
/// kept with the state, and protected with it by a CRC-32.
void write_checkpoint(const std::filesystem::path& path, std::string_view run, std::string_view state);

/// The state, if the file holds one of this run. Throws InputError for a file that is no checkpoint, was cut or
/// damaged, or belongs to another run (the message says in what the runs differ).
[[nodiscard]] std::string read_checkpoint(const std::filesystem::path& path, std::string_view run);

}  // namespace lnsim::training
