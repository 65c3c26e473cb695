// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <fstream>

#include "sim/report/report_json.hpp"
#include "sim/support/error.hpp"
#include "sim/trace/trace_json.hpp"
#include "tests/unit/report/priced.hpp"
#include "tests/unit/support/scratch_folder.hpp"

namespace lnsim::report {
namespace {

Trace reread(const Trace& trace) { return read_trace(parse_json(dump_json(write_trace(trace)), "trace.json")); }

TEST_CASE("A trace reads back to the same trace") {
  for (const Trace& trace : test::lenet_traces()) {
    CHECK(dump_json(write_trace(reread(trace))) == dump_json(write_trace(trace)));
  }
}

TEST_CASE("A trace file leaves counts of 0 out, a report has them all") {
  const Json entry = write_trace(test::lenet_traces().front())["layers"][0];
  const Json whole = write_entry(test::lenet_traces().front().entries[0]);
  std::size_t zeros = 0;
  for (const auto& [component, actions] : whole["counts"].items()) {
    for (const auto& [action, count] : actions.items()) {
      const bool kept = entry["counts"].contains(component) && entry["counts"][component].contains(action);
      INFO(component << "/" << action);
      CHECK(kept == (count != 0));
      if (count == 0) ++zeros;
    }
  }
  CHECK(zeros > 0);
}

TEST_CASE("A trace file reads an entry at a time as it does whole") {
  const lnsim::test::ScratchFolder folder;
  const auto path = folder.path() / "trace.json";
  Json json = write_trace(test::lenet_traces().front());
  std::ofstream(path) << dump_json(json);
  CHECK(dump_json(write_trace(read_trace_file(path))) == dump_json(json));
  json["layers"][1]["surprise"] = 1;
  std::ofstream(path) << dump_json(json);
  CHECK_THROWS_WITH(read_trace_file(path), Catch::Contains("/layers/1/surprise"));
  json["schema"] = "lnsim.report/1";
  std::ofstream(path) << dump_json(json);
  CHECK_THROWS_WITH(read_trace_file(path), Catch::Contains("/schema"));
  json["layers"] = 3;
  json["schema"] = "lnsim.trace/1";
  std::ofstream(path) << dump_json(json);
  CHECK_THROWS_WITH(read_trace_file(path), Catch::Contains("/layers: 3, expected an array"));
}

TEST_CASE("A stored trace is priced to the same report, to the last bit") {
  for (const Trace& trace : test::lenet_traces()) {
    const std::string direct = dump_json(write_report(price_trace(trace, test::pricing()), test::pricing()));
    CHECK(dump_json(write_report(price_trace(reread(trace), test::pricing()), test::pricing())) == direct);
  }
}

TEST_CASE("Repeated pricing with another grid changes carbon alone") {
  const Trace& trace = test::lenet_traces().front();
  Pricing clean = test::pricing();
  clean.grid.g_per_kwh = 38.0;
  const Json before = write_report(price_trace(trace, test::pricing()), test::pricing())["totals"];
  const Json after = write_report(price_trace(trace, clean), clean)["totals"];
  CHECK(after["energy_j"] == before["energy_j"]);
  CHECK(after["carbon"]["operational_g"].get<double>() ==
        Approx(before["carbon"]["operational_g"].get<double>() / 10).epsilon(1e-12));
}

/// The message of reading a trace after one change.
template <class Change>
std::string complaint(Change change) {
  Json json = write_trace(test::lenet_traces().front());
  change(json);
  try {
    (void)read_trace({"trace.json", json});
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST_CASE("A trace that is not sound is refused with its place") {
  const std::string at = "trace.json: ";
  CHECK(complaint([](Json& j) { j["layers"][2]["cycles"] = -1; }).starts_with(at + "/layers/2/cycles: -1"));
  CHECK(complaint([](Json& j) { j["layers"][0]["cycles"] = 1.5; }).starts_with(at + "/layers/0/cycles: 1.5"));
  CHECK(complaint([](Json& j) { j["layers"][0]["pass"] = "forwrad"; }) ==
        at + "/layers/0/pass: \"forwrad\", expected \"forward\"");
  CHECK(complaint([](Json& j) { j["layers"][0]["counts"]["dram"]["read_burst"] = 1; }) ==
        at + "/layers/0/counts/dram/read_burst: no such action, expected \"read_bursts\"");
  CHECK(complaint([](Json& j) { j["layers"][0]["counts"]["lanes"] = 3; }) ==
        at + "/layers/0/counts/lanes: 3, expected an object");
  CHECK(complaint([](Json& j) {
          j["layers"][0]["stalls"]["lanes"]["busy"] = "x";
        }).starts_with(at + "/layers/0/stalls/lanes/busy: \"x\""));
  CHECK(complaint([](Json& j) { j["config"]["family"] = "rnn"; }).starts_with(at + "/config/family: \"rnn\""));
  CHECK(complaint([](Json& j) {
          j["config"]["accelerator"]["pe"]["lanes"] = 0;
        }).starts_with(at + "/config/accelerator: /pe/lanes: 0"));
  CHECK(complaint([](Json& j) { j["layers"] = Json::object(); }).starts_with(at + "/layers: "));
  CHECK(complaint([](Json& j) { j["schema"] = "lnsim.report/1"; }).starts_with(at + "/schema: "));
}

TEST_CASE("A format without a price is refused when the trace is priced") {
  Trace trace = test::lenet_traces().front();
  trace.entries.front().formats.a = "int99";
  CHECK_THROWS_AS(price_trace(trace, test::pricing()), InputError);
}

}  // namespace
}  // namespace lnsim::report
