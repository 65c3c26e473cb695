// SPDX-License-Identifier: Apache-2.0
// Both engines give the same answer: random layer passes on random machines, or cases from files.
#include <algorithm>
#include <boost/program_options.hpp>
#include <cstdio>
#include <filesystem>
#include <iostream>

#include "sim/support/files.hpp"
#include "tests/property/equality.hpp"
#include "tests/property/equality_run.hpp"
#include "tests/support/random_pass_case.hpp"

namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;
using lnsim::test::EqualityFailure;
using lnsim::test::EqualityOptions;
using lnsim::test::EqualityReport;

/// Files as named, folders as their *.json in order of name.
std::vector<fs::path> case_files(const std::vector<std::string>& names) {
  std::vector<fs::path> files;
  for (const std::string& name : names) {
    if (!fs::is_directory(name)) {
      files.emplace_back(name);
      continue;
    }
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(name)) {
      if (entry.path().extension() == ".json") found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end());
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

int replay(const std::vector<std::string>& names) {
  int failed = 0;
  const std::vector<fs::path> files = case_files(names);
  for (const fs::path& file : files) {
    const auto result = lnsim::test::check_equality(lnsim::test::read_case(lnsim::read_json_file(file)));
    failed += result.failure ? 1 : 0;
    std::cout << file.string() << ": "
              << result.failure.value_or("equal, " + std::to_string(result.entry.cycles) + " cycles") << "\n";
  }
  std::cout << files.size() << " cases, " << failed << " failed\n";
  return failed == 0 && !files.empty() ? 0 : 1;
}

void print_failure(const EqualityFailure& failure, const std::string& out) {
  std::cout << "seed " << failure.seed << ": " << failure.text << "\n";
  if (!failure.made) return;
  const std::string text = lnsim::dump_json(lnsim::test::write_case(*failure.made));
  if (out.empty()) {
    std::cout << text;
    return;
  }
  fs::create_directories(out);
  const fs::path file = fs::path(out) / ("seed" + std::to_string(failure.seed) + ".json");
  lnsim::write_file_atomically(file, text);
  std::cout << "  written to " << file.string() << "\n";
}

int run(const EqualityOptions& options, const std::string& out, bool coverage) {
  const EqualityReport report = lnsim::test::run_equality(options);
  std::cout << report.coverage.table();
  for (const EqualityFailure& failure : report.failures) print_failure(failure, out);
  const std::string shortfalls = coverage ? report.coverage.shortfalls() : std::string();
  std::cout << shortfalls << report.failures.size() << " failures\n";
  return report.failures.empty() && shortfalls.empty() ? 0 : 1;
}

int print_case(std::uint64_t seed) {
  lnsim::test::Choices choices(seed);
  auto made = lnsim::test::random_pass_case(choices);
  if (!made) return 1;
  made->about = "seed " + std::to_string(seed);
  std::cout << lnsim::dump_json(lnsim::test::write_case(*made));
  return 0;
}

int execute(int argc, char** argv) {
  EqualityOptions options;
  std::string out;
  std::vector<std::string> files;
  std::uint64_t printed = 0;
  po::options_description described("equality: the clocked engine and the one without a clock on the same cases");
  auto add = described.add_options();
  add("help", "this text");
  add("cases", po::value(&options.cases)->default_value(options.cases), "random cases");
  add("seed", po::value(&options.seed)->default_value(options.seed), "seed of the first; case i has seed + i");
  add("jobs", po::value(&options.jobs)->default_value(options.jobs), "processes");
  add("failures", po::value(&options.failures)->default_value(options.failures), "a process stops after so many");
  add("no-shrink", "report failing cases as they were drawn");
  add("coverage", "fail where the cases do not cover enough");
  add("out", po::value(&out), "folder for failing cases (default: printed)");
  add("print", po::value(&printed), "only print the case of this seed");
  add("replay", po::value(&files)->multitoken(), "run case files, or folders of them, instead");
  po::variables_map given;
  po::store(po::parse_command_line(argc, argv, described), given);
  po::notify(given);
  if (given.count("help") != 0) {
    std::cout << described;
    return 0;
  }
  options.shrink = given.count("no-shrink") == 0;
  options.jobs = std::max<std::uint64_t>(options.jobs, 1);
  if (given.count("replay") != 0) return replay(files);
  if (given.count("print") != 0) return print_case(printed);
  return run(options, out, given.count("coverage") != 0);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return execute(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "equality: %s\n", error.what());
    return 2;
  }
}
