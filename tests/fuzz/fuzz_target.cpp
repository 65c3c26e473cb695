// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/fuzz_target.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "sim/numerics/format.hpp"
#include "sim/support/error.hpp"
#include "sim/support/text.hpp"

namespace lnsim::fuzz {
namespace {

/// In memory, where there is such a file system: a file is written for every input.
std::filesystem::path scratch() {
  struct Folder {
    Folder() {
      const std::filesystem::path shared = "/dev/shm";
      std::error_code error;
      const bool usable = std::filesystem::is_directory(shared, error) && ::access(shared.c_str(), W_OK) == 0;
      std::string pattern = ((usable ? shared : std::filesystem::temp_directory_path()) / "lnsim-fuzz-XXXXXX").string();
      if (::mkdtemp(pattern.data()) == nullptr) std::abort();
      path = pattern;
    }
    ~Folder() {
      std::error_code ignored;
      std::filesystem::remove_all(path, ignored);
    }
    std::filesystem::path path;
  };
  static const Folder folder;
  return folder.path;
}

}  // namespace

std::string input_file(std::string_view input, const std::string& name) {
  const std::filesystem::path path = scratch() / name;
  std::filesystem::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(input.data(), static_cast<std::streamsize>(input.size()));
  file.close();
  require(file.good(), "the input could be written");
  return path.string();
}

void require(bool claim, const char* text) {
  if (claim) return;
  std::fprintf(stderr, "does not hold: %s\n", text);
  std::abort();
}

bool run_input(std::string_view input) {
  try {
    read_input(input);
    return true;
  } catch (const InputError& error) {
    require(!error.problems().empty(), "a refusal says why");
  } catch (const OverflowError&) {
  } catch (const numerics::SpecError&) {
  }
  return false;
}

}  // namespace lnsim::fuzz
