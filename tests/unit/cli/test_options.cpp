// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "sim/cli/common_options.hpp"
#include "sim/cli/options.hpp"
#include "sim/support/error.hpp"

using lnsim::cli::CommonOptions;
using lnsim::cli::Options;

namespace {

/// All shared options, parsed from words.
struct Everything {
  CommonOptions common;
  Options options{"test [options]", "A test."};

  Everything() {
    add_data_dir_option(options, common);
    options.group("Machine");
    add_workload_option(options, common);
    add_machine_options(options, common);
    add_scheme_option(options, common);
    add_pricing_options(options, common);
    add_training_options(options, common);
    add_jobs_option(options, common);
    add_output_options(options, common);
  }

  std::string complaint(const std::vector<std::string>& words) {
    try {
      (void)options.parse(words);
    } catch (const lnsim::InputError& error) {
      return error.what();
    }
    return {};
  }
};

}  // namespace

TEST_CASE_METHOD(Everything, "options that are not given keep their defaults", "[options]") {
  CHECK(options.parse({}));
  CHECK(common.workload == "resnet50");
  CHECK_FALSE(common.batch);
  CHECK(common.passes.size() == 4);
  CHECK_FALSE(common.data);
}

TEST_CASE_METHOD(Everything, "options of every sort are read", "[options]") {
  CHECK(options.parse({"--workload", "lenet", "--batch=32", "--passes", "forward,update", "--data", "--seed",
                       "18446744073709551615", "--format", "json"}));
  CHECK(common.workload == "lenet");
  CHECK(common.batch.value_or(0) == 32);
  CHECK(common.passes == std::vector<std::string>{"forward", "update"});
  CHECK(common.data);
  CHECK(common.seed == 18446744073709551615U);
  CHECK(common.format == "json");
}

TEST_CASE_METHOD(Everything, "numbers out of range name the option and the range", "[options]") {
  CHECK(complaint({"--batch", "0"}) == "--batch: 0, expected a whole number 1..16777216");
  CHECK(complaint({"--batch", "-1"}) == "--batch: -1, expected a whole number 1..16777216");
  CHECK(complaint({"--batch", "1.5"}) == "--batch: 1.5, expected a whole number 1..16777216");
  CHECK(complaint({"--batch", "99999999999999999999"}) ==
        "--batch: 99999999999999999999, expected a whole number 1..16777216");
  CHECK(complaint({"--batch", "3x"}) == "--batch: 3x, expected a whole number 1..16777216");
}

TEST_CASE_METHOD(Everything, "unknown names suggest the nearest known one", "[options]") {
  CHECK(complaint({"--format", "jsno"}) == "--format: \"jsno\", expected \"json\"");
  CHECK(complaint({"--passes", "forward,inputgrad"}) == "--passes: \"inputgrad\", expected \"input_grad\"");
  CHECK(complaint({"--bacth", "3"}) == "unknown option \"--bacth\", expected --batch");
}

TEST_CASE_METHOD(Everything, "lists have no empty words", "[options]") {
  CHECK(complaint({"--passes", "forward,,update"}) ==
        "--passes: \"forward,,update\", expected words separated by single commas");
  CHECK(complaint({"--layers", "a,"}) == "--layers: \"a,\", expected words separated by single commas");
}

TEST_CASE_METHOD(Everything, "stray words, repeated options and missing values are refused", "[options]") {
  CHECK(complaint({"resnet50"}) == "unexpected word \"resnet50\", expected options only");
  CHECK(complaint({"--batch", "1", "--batch", "2"}).find("--batch") != std::string::npos);
  CHECK(complaint({"--batch"}).find("--batch") != std::string::npos);
  CHECK(complaint({"--data=yes"}).find("--data") != std::string::npos);
}

TEST_CASE_METHOD(Everything, "help is asked for with either word and shows every default", "[options]") {
  CHECK_FALSE(options.parse({"--batch", "0", "-h"}));
  CHECK_FALSE(options.parse({"--help"}));
  const std::string help = options.help();
  for (const char* part : {"Usage: lnsim test [options]", "A test.", "--workload NAME|FILE", "(default resnet50)",
                           "(default forward,input_grad,weight_grad,update)", "--data "}) {
    INFO(part);
    CHECK(help.find(part) != std::string::npos);
  }
}

TEST_CASE("words that are not options are collected where they are wanted", "[options]") {
  std::vector<std::string> files;
  bool flag = false;
  Options options("test FILE...", "");
  options.flag("flag", flag, "a switch");
  options.operands(files);
  CHECK(options.parse({"a.json", "--flag", "b.json", "--", "--flag", "-h"}));
  CHECK(flag);
  CHECK(files == std::vector<std::string>{"a.json", "b.json", "--flag", "-h"});
}
