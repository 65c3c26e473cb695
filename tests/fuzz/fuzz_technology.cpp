// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include "energy/scaling.hpp"
#include "energy/technology.hpp"
#include "tests/fuzz/fuzz_target.hpp"

// The files that it names are the shipped ones, beside it.
void lnsim::fuzz::read_input(std::string_view input) {
  namespace fs = std::filesystem;
  const fs::path path = input_file(input, "technology/input.json");
  static const bool copied = [&] {
    fs::copy(fs::path(LNSIM_SOURCE_DIR) / "configs" / "technology", path.parent_path(),
             fs::copy_options::recursive | fs::copy_options::skip_existing);
    return true;
  }();
  (void)copied;
  (void)energy::read_technology(path);
}
