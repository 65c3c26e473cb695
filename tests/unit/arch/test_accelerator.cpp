// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "sim/arch/accelerator.hpp"
#include "tests/unit/arch/arch_support.hpp"

using namespace lnsim;
using lnsim::test::contains;
using lnsim::test::input_error;
using lnsim::test::json_of;

namespace {

constexpr const char* kSmallMachine = R"({"schema": "lnsim.accelerator/1", "name": "small"})";

std::string machine_error_with(const char* pointer, std::string_view value) {
  Json json = json_of(kSmallMachine);
  json[Json::json_pointer(pointer)] = json_of(value);
  return input_error([&] { (void)read_accelerator({"a.json", json}); });
}

}  // namespace

TEST_CASE("an accelerator needs a name only, written, it reads back equal", "[arch]") {
  const Accelerator accelerator = read_accelerator({"a.json", json_of(kSmallMachine)});
  CHECK(accelerator.pe.lanes == 32);
  CHECK(accelerator.pes() == 1);
  CHECK_FALSE(accelerator.clock_mhz);
  const Json written = write_accelerator(accelerator);
  CHECK(write_accelerator(read_accelerator({"", written})) == written);
}

TEST_CASE("a pinned clock and other values survive the round trip", "[arch]") {
  Accelerator accelerator;
  accelerator.name = "other";
  accelerator.clock_mhz = 812.5;
  accelerator.pe_array = {2, 3};
  accelerator.dram.latency_ns = 0.1;
  const Accelerator back = read_accelerator({"", write_accelerator(accelerator)});
  CHECK(back.clock_mhz == 812.5);
  CHECK(back.pes() == 6);
  CHECK(back.dram.latency_ns == 0.1);
}

TEST_CASE("bad accelerators are input errors with file and pointer", "[arch]") {
  CHECK(contains(machine_error_with("/pe", R"({"lanes": 0})"), "a.json: /pe/lanes: 0, expected 1..1024"));
  CHECK(contains(machine_error_with("/pe", R"({"lane": 4})"), "\"lanes\""));
  CHECK(contains(machine_error_with("/pe", R"({"lanes": 1.5})"), "/pe/lanes: 1.5"));
  CHECK(contains(machine_error_with("/pe", R"({"lanes": "4"})"), "/pe/lanes"));
  CHECK(contains(machine_error_with("/queue_depth", "1"), "/queue_depth: 1"));
  CHECK(contains(machine_error_with("/dram", R"({"model": "magic"})"), "/dram/model"));
  CHECK(contains(machine_error_with("/dram", R"({"burst_bytes": 48})"), "/global_buffer/word_bytes: 128"));
  CHECK(contains(machine_error_with("/global_buffer", R"({"banks": 7})"), "/global_buffer/bytes"));
  CHECK(contains(machine_error_with("/clock_mhz", "0"), "/clock_mhz"));
  CHECK(contains(machine_error_with("/schema", R"("lnsim.scheme/1")"), "/schema"));
}
