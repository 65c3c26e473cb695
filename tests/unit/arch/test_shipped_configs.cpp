// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <filesystem>
#include <map>

#include "sim/arch/accelerator.hpp"
#include "sim/arch/scheme.hpp"
#include "tests/unit/arch/arch_support.hpp"

using namespace lnsim;
using lnsim::test::json_of;

namespace {

const std::filesystem::path kConfigs = std::filesystem::path(LNSIM_SOURCE_DIR) / "configs";

/// Documents of a folder by file name without extension.
std::map<std::string, Document> documents(const char* kind) {
  std::map<std::string, Document> result;
  for (const auto& entry : std::filesystem::directory_iterator(kConfigs / kind)) {
    if (entry.path().extension() == ".json") result[entry.path().stem().string()] = read_json_file(entry.path());
  }
  return result;
}

Scheme shipped(const std::string& name) { return read_scheme(read_json_file(kConfigs / "schemes" / (name + ".json"))); }

}  // namespace

TEST_CASE("every shipped scheme is named as its file, resolved in full, and legal at 32 elements", "[arch]") {
  const auto files = documents("schemes");
  CHECK(files.size() >= 9);
  for (const auto& [name, document] : files) {
    INFO(name);
    const Scheme scheme = read_scheme(document);
    CHECK(scheme.name == name);
    CHECK_FALSE(scheme.source.empty());
    CHECK(write_scheme(scheme) == document.root);
    CHECK_NOTHROW(check_scheme(scheme, 32, name));
    CHECK_NOTHROW(check_scheme(scheme, 256, name));
  }
}

TEST_CASE("every shipped accelerator is named as its file and written in full", "[arch]") {
  for (const auto& [name, document] : documents("accelerators")) {
    INFO(name);
    const Accelerator accelerator = read_accelerator(document);
    CHECK(accelerator.name == name);
    CHECK_FALSE(accelerator.source.empty());
    CHECK(write_accelerator(accelerator) == document.root);
  }
}

TEST_CASE("the shipped default accelerator has the defaults of the code", "[arch]") {
  const Document document = read_json_file(kConfigs / "accelerators" / "lns_madam.json");
  const Accelerator read = read_accelerator(document);
  Accelerator defaults;
  defaults.name = read.name;
  defaults.description = read.description;
  defaults.source = read.source;
  CHECK(write_accelerator(defaults) == document.root);
}

TEST_CASE("shipped schemes have the formats and optimizers of the table", "[arch]") {
  struct Row {
    const char *name, *weight, *gradient, *update;
    unsigned psum_bits;
    Optimizer cnn, transformer;
  };
  const auto sgd = Optimizer::kSgdMomentum;
  const auto adam = Optimizer::kAdam;
  const auto madam = Optimizer::kMadam;
  const Row rows[] = {
      {"lns8", "lns(8,8,zero_code)", "lns(8,8,zero_code)", "lns(16,2048,zero_code)", 24, madam, madam},
      {"lns8_g5", "lns(8,8,zero_code)", "lns(5,1,zero_code)", "lns(16,2048,zero_code)", 24, madam, madam},
      {"int8", "int8", "int8", "fp32", 24, sgd, adam},
      {"fp8", "fp8_e4m3", "fp8_e5m2", "fp32", 32, sgd, adam},
      {"fp8_fx24", "fp8_e4m3", "fp8_e5m2", "fp32", 24, sgd, adam},
      {"fp16", "fp16", "fp16", "fp32", 32, sgd, adam},
      {"bf16", "bf16", "bf16", "fp32", 32, sgd, adam},
      {"fp32", "fp32", "fp32", "", 32, sgd, adam},
      {"fp32_madam", "fp32", "fp32", "", 32, madam, madam},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const Scheme scheme = shipped(row.name);
    CHECK(scheme.weight->name() == row.weight);
    CHECK(scheme.activation->name() == row.weight);
    CHECK(scheme.gradient->name() == row.gradient);
    CHECK(scheme.weight_gradient->name() == row.gradient);
    CHECK((scheme.update ? scheme.update->name() : "") == row.update);
    CHECK(scheme.vector->name() == "bf16");
    CHECK(scheme.optimizer_cnn == row.cnn);
    CHECK(scheme.optimizer_transformer == row.transformer);
    const auto unit = numerics::make_dot_unit(dot_spec(scheme.dot_product, scheme.weight, scheme.gradient, 32));
    CHECK(unit->psum_bits() == row.psum_bits);
  }
}

TEST_CASE("the shipped LNS unit is the one of the design", "[arch]") {
  const Json unit = write_scheme(shipped("lns8"))["dot_product"];
  CHECK(unit == json_of(R"({"conversion": {"structure": "per_element", "lut_entries": 8, "fraction_bits": 8,
    "tree_fraction_bits": 0}, "sign_split": true,
    "accumulator": {"type": "fixed", "bits": 24, "guard": 6, "rounding": "floor"}})"));
}
