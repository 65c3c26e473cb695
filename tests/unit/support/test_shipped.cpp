// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cstdlib>

#include "sim/support/files.hpp"
#include "sim/support/shipped.hpp"
#include "tests/unit/support/described_example.hpp"
#include "tests/unit/support/scratch_folder.hpp"

namespace fs = std::filesystem;
using lnsim::ShippedFiles;

namespace {

struct TwoRoots {
  lnsim::test::ScratchFolder folder;
  fs::path first = folder.path() / "first";
  fs::path second = folder.path() / "second";
  ShippedFiles files{{first, second}};

  TwoRoots() {
    fs::create_directories(first / "workloads");
    fs::create_directories(second / "configs" / "schemes");
    fs::create_directories(second / "workloads");
    for (const fs::path& file : {first / "workloads" / "lenet.json", second / "workloads" / "lenet.json",
                                 second / "workloads" / "mlp.json", second / "configs" / "schemes" / "lns8.json"}) {
      lnsim::write_file_atomically(file, "{}");
    }
  }
};

}  // namespace

TEST_CASE_METHOD(TwoRoots, "a shipped file is found by name, in the first root that has it", "[shipped]") {
  CHECK(files.find("workloads", "lenet", "--workload") == first / "workloads" / "lenet.json");
  CHECK(files.find("workloads", "mlp", "--workload") == second / "workloads" / "mlp.json");
  CHECK(files.find("schemes", "lns8", "--scheme") == second / "configs" / "schemes" / "lns8.json");
}

TEST_CASE_METHOD(TwoRoots, "a path is taken as it is", "[shipped]") {
  CHECK(files.find("workloads", "./lenet", "--workload") == "./lenet");
  CHECK(files.find("workloads", "mine.json", "--workload") == "mine.json");
}

TEST_CASE_METHOD(TwoRoots, "an unknown name lists the known ones and the nearest", "[shipped]") {
  CHECK(example::input_error_of([&] { return files.find("workloads", "lent", "--workload"); }) ==
        "--workload: \"lent\", expected \"lenet\"? Known: lenet, mlp; or a file (with \"/\" or \".json\" in its name)");
  CHECK(example::input_error_of([&] { return files.find("grids", "x", "--grid"); }).find("no grids found in") !=
        std::string::npos);
}

TEST_CASE("the option wins over the environment, which wins over the install", "[shipped]") {
  unsetenv("LNSIM_DATA_DIR");
  const auto installed = lnsim::data_roots("", "/source");
  CHECK(installed.back() == "/source");
  CHECK(installed.front().string().ends_with("share/lnsim"));
  setenv("LNSIM_DATA_DIR", "/variable", 1);
  CHECK(lnsim::data_roots("", "/source") == std::vector<fs::path>{"/variable"});
  CHECK(lnsim::data_roots("/option", "/source") == std::vector<fs::path>{"/option"});
  unsetenv("LNSIM_DATA_DIR");
}
