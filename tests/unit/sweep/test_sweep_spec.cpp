// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/sweep_spec.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "sim/support/error.hpp"

using namespace lnsim;
using Catch::Contains;

namespace {

const std::vector<std::string> kMetrics{"energy_j", "area_mm2"};

SweepSpec whole_spec(const std::string& rest) {
  return read_sweep(parse_json(R"({"schema": "lnsim.sweep/1", "name": "test", )" + rest + "}", "sweep.json"), kMetrics);
}

std::string spec_complaint(const std::string& rest) {
  try {
    (void)whole_spec(rest);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

const std::string kLanes = R"({"at": "/accelerator/pe/lanes", "values": [8, 16]})";

}  // namespace

TEST_CASE("the first axis is the slowest", "[sweep]") {
  const SweepSpec spec =
      whole_spec(R"("axes": [)" + kLanes + R"(, {"name": "batch", "at": "/batch", "values": [1, 2, 4]}])");
  CHECK(spec.axis_names() == std::vector<std::string>{"lanes", "batch"});
  CHECK(spec.size() == 6);
  CHECK(spec.values_at(0) == std::vector<Json>{8, 1});
  CHECK(spec.values_at(2) == std::vector<Json>{8, 4});
  CHECK(spec.values_at(5) == std::vector<Json>{16, 4});
}

TEST_CASE("ranges have their ends, and whole numbers stay whole", "[sweep]") {
  const auto values = [](const std::string& range) {
    return Json(whole_spec(R"("axes": [{"at": "/batch", )" + range + "}]").axes[0].zipped[0].values).dump();
  };
  CHECK(values(R"("range": {"from": 2, "to": 8, "step": 3})") == "[2,5,8]");
  CHECK(values(R"("range": {"from": 0.1, "to": 0.3, "step": 0.1})").substr(0, 9) == "[0.1,0.2,");
  CHECK(values(R"("range": {"from": 1, "to": 3})") == "[1,2,3]");
  CHECK(values(R"("log_range": {"from": 8, "to": 64})") == "[8,16,32,64]");
  CHECK(values(R"("log_range": {"from": 1, "to": 900, "factor": 10})") == "[1,10,100]");
}

TEST_CASE("zipped axes move together", "[sweep]") {
  const SweepSpec spec =
      whole_spec(R"("axes": [{"zip": [{"at": "/a/x", "values": [1, 2]}, {"at": "/a/y", "values": [3, 4]}]},
                                     {"at": "/z", "values": [5]}])");
  CHECK(spec.size() == 2);
  CHECK(spec.values_at(1) == std::vector<Json>{2, 4, 5});
  CHECK(spec.axis_pointers() == std::vector<std::string>{"/a/x", "/a/y", "/z"});
}

TEST_CASE("a random part of the grid has each design at most once, and is the same for a seed", "[sweep]") {
  const std::string axes = R"("axes": [{"name": "a", "at": "/a/a", "range": {"from": 1, "to": 37}},
                                       {"name": "b", "at": "/a/b", "range": {"from": 1, "to": 41}}])";
  const auto places = [&](std::uint64_t samples, std::uint64_t seed) {
    const SweepSpec spec = whole_spec(axes + R"(, "random": {"samples": )" + std::to_string(samples) + R"(, "seed": )" +
                                      std::to_string(seed) + "}");
    CHECK(spec.size() == samples);
    std::vector<std::uint64_t> result;
    for (std::uint64_t i = 0; i < samples; ++i) result.push_back(spec.place(i));
    return result;
  };
  const auto all = places(37 * 41, 1);
  CHECK(std::set<std::uint64_t>(all.begin(), all.end()).size() == all.size());
  CHECK(*std::max_element(all.begin(), all.end()) == 37 * 41 - 1);
  CHECK(places(100, 5) == places(100, 5));
  CHECK(places(100, 5) != places(100, 6));
  // A longer draw goes on with a shorter one.
  const auto longer = places(200, 5);
  CHECK(std::vector<std::uint64_t>(longer.begin(), longer.begin() + 100) == places(100, 5));
}

TEST_CASE("wrong sweeps are named", "[sweep]") {
  CHECK_THAT(spec_complaint(R"("axes": [])"), Contains("/axes"));
  CHECK_THAT(spec_complaint(R"("axes": [{"at": "/a"}])"),
             Contains("/axes/0: 0 of them, expected one of values, range and log_range"));
  CHECK_THAT(spec_complaint(R"("axes": [{"at": "/a", "values": []}])"), Contains("/axes/0/values"));
  CHECK_THAT(spec_complaint(R"("axes": [{"at": "a", "values": [1]}])"), Contains("/axes/0/at"));
  CHECK_THAT(spec_complaint(R"("axes": [{"name": "no name", "at": "/a", "values": [1]}])"), Contains("/axes/0/name"));
  CHECK_THAT(spec_complaint(R"("axes": [{"at": "/a", "values": [1]}, {"at": "/b/a", "values": [1]}])"),
             Contains("names that differ"));
  CHECK_THAT(spec_complaint(R"("axes": [{"name": "energy_j", "at": "/a", "values": [1]}])"), Contains("no metric has"));
  CHECK_THAT(spec_complaint(R"("axes": [{"zip": [{"at": "/a", "values": [1]}, {"at": "/b", "values": [1, 2]}]}])"),
             Contains("/axes/0/zip/1: 2 values, expected 1"));
  CHECK_THAT(spec_complaint(R"("axes": [)" + kLanes + R"(], "constraints": ["lanes <"])"),
             Contains("/constraints/0: lanes <, expected column 8"));
  CHECK_THAT(spec_complaint(R"("axes": [)" + kLanes + R"(], "constraints": ["lane > 1"])"), Contains("\"lanes\""));
  CHECK_THAT(spec_complaint(R"("axes": [)" + kLanes + R"(], "random": {"samples": 3})"),
             Contains("at most the grid's 2"));
  CHECK_THAT(spec_complaint(R"("axes": [{"at": "/a", "range": {"from": 1, "to": 1e9}}])"), Contains("/axes/0"));
  const std::string many = R"({"name": "N", "at": "/a/N", "range": {"from": 1, "to": 60000}})";
  std::string axes;
  for (const char* name : {"x", "y", "z"}) {
    std::string axis = many;
    while (axis.find('N') != std::string::npos) axis.replace(axis.find('N'), 1, name);
    axes += (axes.empty() ? "" : ", ") + axis;
  }
  CHECK_THAT(spec_complaint("\"axes\": [" + axes + "]"), Contains("more than 2^40 designs"));
}
