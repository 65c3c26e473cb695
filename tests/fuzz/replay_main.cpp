// SPDX-License-Identifier: Apache-2.0
// Gives a reader every file of the folders that are named: seeds, and inputs that once were findings.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/fuzz/fuzz_target.hpp"

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  std::vector<fs::path> files;
  for (int i = 1; i < argc; ++i) {
    if (!fs::exists(argv[i])) continue;
    for (const fs::directory_entry& entry : fs::directory_iterator(argv[i])) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  std::size_t taken = 0;
  for (const fs::path& file : files) {
    std::fprintf(stderr, "%s\n", file.c_str());  // the last one, if it does not come back
    std::ifstream in(file, std::ios::binary);
    taken += lnsim::fuzz::run_input(std::string(std::istreambuf_iterator<char>(in), {})) ? 1U : 0U;
  }
  std::printf("%zu inputs, %zu taken, the others refused\n", files.size(), taken);
  return files.empty() ? 1 : 0;
}
