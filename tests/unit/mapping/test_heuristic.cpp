// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/support/machine_cases.hpp"

namespace lnsim {

TEST_CASE("the heuristic's mappings are legal on random passes and machines, or it says that nothing fits") {
  int legal = 0;
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    test::Choices choices(seed);
    const std::string scheme = test::scheme_names()[choices.between(0, test::scheme_names().size() - 1)];
    const Accelerator machine = test::with_blocks(test::random_machine(choices), scheme);
    const LayerPass pass = test::random_small_pass(choices);
    if (pass.gemms.empty()) continue;
    const PassPlan plan = test::plan_of(pass, machine, scheme);
    INFO("seed " << seed << "\n" << test::describe_case(plan, scheme));
    for (const Gemm& gemm : pass.gemms) {
      std::optional<GemmMapping> mapping;
      try {
        mapping = heuristic_mapping(gemm, plan.config, {}, "pass");
      } catch (const InputError&) {
        continue;
      }
      ++legal;
      REQUIRE_NOTHROW(check_mapping(gemm, *mapping, plan.config, "pass"));
      // The schedule sees every tile, the check only some: what passes one must pass the other.
      LayerPass alone = pass;
      alone.gemms = {gemm};
      REQUIRE_NOTHROW(GemmSchedule(alone, {*mapping}, oriented(plan.config, mapping->operand_a), "pass"));
    }
  }
  CHECK(legal >= 1000);
}

TEST_CASE("the heuristic keeps every pin") {
  const PassPlan plan = test::plan_of(test::gemm_pass(200, 300, 400), test::default_machine());
  MappingPin pin;
  pin.operand_a = Side::kN;
  pin.order = std::array<Dim, 3>{Dim::kK, Dim::kN, Dim::kM};
  pin.m = 64;
  pin.n = 96;
  pin.k = 128;
  pin.block = 32;
  pin.banks = BankSplit{2, 2, 3};
  const GemmMapping mapping = heuristic_mapping(plan.pass.gemms[0], plan.config, pin, "pass");
  CHECK(mapping.operand_a == Side::kN);
  CHECK(mapping.order == *pin.order);
  CHECK((mapping.tile == TileSize{64, 96, 128}));
  CHECK(mapping.block == 32);
  CHECK((mapping.banks == *pin.banks));
}

TEST_CASE("the heuristic is deterministic") {
  const PassPlan plan = test::plan_of(test::gemm_pass(200, 300, 400), test::default_machine());
  const GemmMapping mapping = heuristic_mapping(plan.pass.gemms[0], plan.config, {}, "pass");
  CHECK((heuristic_mapping(plan.pass.gemms[0], plan.config, {}, "pass") == mapping));
}

TEST_CASE("a machine without room for any tile is refused") {
  Accelerator machine = test::default_machine();
  machine.pe.buffer_a_bytes = 32 * 32 - 1;  // one lane group short of a byte
  const PassPlan plan = test::plan_of(test::gemm_pass(200, 300, 400), machine);
  CHECK_THROWS_WITH(heuristic_mapping(plan.pass.gemms[0], plan.config, {}, "fc forward"),
                    Catch::Contains("mapping of fc forward"));
}

TEST_CASE("an impossible pin is refused with the rule that it breaks") {
  const PassPlan plan = test::plan_of(test::gemm_pass(200, 300, 400), test::default_machine());
  MappingPin pin;
  pin.k = 33;
  CHECK_THROWS_WITH(heuristic_mapping(plan.pass.gemms[0], plan.config, pin, "fc forward"),
                    Catch::Contains("mapping of fc forward: /global_buffer/tile/k: 33"));
}

TEST_CASE("every pass of resnet50's largest layers maps on the default machine under every scheme") {
  Conv2d conv;
  conv.in_channels = conv.out_channels = 512;
  conv.height = conv.width = 7;
  conv.kernel = {3};
  conv.padding = {1};
  for (const std::string& scheme : test::scheme_names()) {
    for (const LayerPass& pass : {conv_forward(conv, 32), conv_input_grad(conv, 32), conv_weight_grad(conv, 32)}) {
      INFO(scheme << " " << pass_name(pass.kind));
      CHECK_NOTHROW(schedule_gemms(test::plan_of(pass, test::default_machine(), scheme)));
    }
  }
}

}  // namespace lnsim
