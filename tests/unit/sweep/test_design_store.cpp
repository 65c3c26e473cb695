// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/design_store.hpp"

#include <catch2/catch.hpp>
#include <fstream>

#include "sim/support/error.hpp"
#include "sim/sweep/design.hpp"
#include "sim/sweep/sweep_results.hpp"
#include "tests/unit/support/scratch_folder.hpp"

using namespace lnsim;
using Catch::Contains;

namespace {

SweepSpec small_spec() {
  return read_sweep(parse_json(R"({"schema": "lnsim.sweep/1", "name": "small", "axes": [
      {"name": "lanes", "at": "/accelerator/pe/lanes", "values": [8, 16, 32]},
      {"name": "kind", "at": "/scheme", "values": ["lns8", "fp8"]}], "constraints": ["area_mm2 <= 5"]})",
                               "small.json"),
                    metric_names());
}

std::size_t place_of(const std::string& metric) {
  const auto names = metric_names();
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), metric) - names.begin());
}

StoredDesign done(std::uint64_t number, double energy, double area) {
  const SweepSpec spec = small_spec();
  StoredDesign design;
  design.number = number;
  design.values = spec.values_at(number);
  design.metrics.assign(metric_names().size(), 1.0);
  design.metrics[place_of("energy_j")] = energy;
  design.metrics[place_of("area_mm2")] = area;
  return design;
}

struct Store {
  test::ScratchFolder folder;
  std::filesystem::path path = folder.path() / "x.sqlite";
  SweepSpec spec = small_spec();
  Store() {
    DesignStore store(path, DesignStore::Mode::kWrite);
    store.begin("id", spec, "inputs");
  }
};

}  // namespace

TEST_CASE("what is put is found, by key and by number", "[sweep]") {
  const Store s;
  DesignStore store(s.path, DesignStore::Mode::kWrite);
  CHECK_FALSE(store.find("key"));
  const StoredDesign design = done(2, 0.1, 3.0);
  store.put("id", design, "key");
  CHECK(store.find("key") == design.metrics);
  CHECK(store.finished("id", 6, false) == std::vector<bool>{false, false, true, false, false, false});
  CHECK(store.finished("other", 2, false) == std::vector<bool>{false, false});
  std::size_t rows = 0;
  store.each("id", [&](const StoredDesign& row) {
    ++rows;
    CHECK(row.number == 2);
    CHECK(row.values == std::vector<Json>{16, "lns8"});
    CHECK(row.metrics == design.metrics);
  });
  CHECK(rows == 1);
}

TEST_CASE("designs of equal inputs share their figures", "[sweep]") {
  const Store s;
  DesignStore store(s.path, DesignStore::Mode::kWrite);
  store.put("id", done(0, 0.1, 3.0), "key");
  StoredDesign same = done(1, 0.0, 0.0);
  same.metrics.clear();
  store.put("id", same, "key");
  std::vector<double> energies;
  store.each("id", [&](const StoredDesign& row) { energies.push_back(row.metrics[place_of("energy_j")]); });
  CHECK(energies == std::vector<double>{0.1, 0.1});
}

TEST_CASE("failed designs keep their error, and may be asked for again", "[sweep]") {
  const Store s;
  DesignStore store(s.path, DesignStore::Mode::kWrite);
  StoredDesign bad = done(3, 0.0, 0.0);
  bad.metrics.clear();
  bad.status = DesignStatus::kFailed;
  bad.error = "too large";
  store.put("id", bad, "");
  CHECK(store.finished("id", 6, false)[3]);
  CHECK_FALSE(store.finished("id", 6, true)[3]);
  const SweepResults results = sweep_results(store, "id", s.spec);
  REQUIRE(results.failed.size() == 1);
  CHECK(results.failed[0].error == "too large");
  store.put("id", done(3, 1.0, 1.0), "key");
  CHECK(sweep_results(store, "id", s.spec).failed.empty());
}

TEST_CASE("results meet the constraints, and fronts and bests look the right way", "[sweep]") {
  const Store s;
  DesignStore store(s.path, DesignStore::Mode::kWrite);
  const double figures[6][2] = {{3, 1}, {2, 2}, {1, 6}, {2, 3}, {1, 4}, {3, 1}};
  for (std::uint64_t i = 0; i < 6; ++i)
    store.put("id", done(i, figures[i][0], figures[i][1]), "key" + std::to_string(i));
  const SweepResults results = sweep_results(store, "id", s.spec);
  CHECK(results.designs.size() == 5);  // the third has 6 mm2
  CHECK(results.excluded == 1);
  const std::size_t energy = results.column("energy_j", "");
  const std::size_t area = results.column("area_mm2", "");
  const auto numbers = [&](const std::vector<std::size_t>& indices) {
    std::vector<std::uint64_t> list;
    for (const std::size_t i : indices) list.push_back(results.designs[i].number);
    return list;
  };
  // Designs 0 and 5 are equal: both stay.
  CHECK(numbers(pareto_front(results, {energy, area})) == std::vector<std::uint64_t>{4, 1, 0, 5});
  CHECK(numbers(best_designs(results, energy, 2)) == std::vector<std::uint64_t>{4, 1});
  CHECK(numbers(best_designs(results, results.column("lanes", ""), 1)) == std::vector<std::uint64_t>{0});
  CHECK_THROWS_WITH(results.column("energy", "--top"), Contains("energy_j"));
}

TEST_CASE("more is better for some metrics", "[sweep]") {
  CHECK(more_is_better("tops_per_w"));
  CHECK(more_is_better("snr_db"));
  CHECK(more_is_better("utilization"));
  CHECK_FALSE(more_is_better("energy_j"));
  CHECK_FALSE(more_is_better("seconds"));
}

TEST_CASE("queries read the designs and nothing else", "[sweep]") {
  const Store s;
  {
    DesignStore store(s.path, DesignStore::Mode::kWrite);
    store.put("id", done(0, 0.5, 3.0), "key");
    store.put("id", done(3, 0.25, 3.0), "key3");
  }
  const auto query = [&](const std::string& sql) {
    return DesignStore(s.path, DesignStore::Mode::kRead).query("id", sql, 0.3);
  };
  const QueryResult result = query("SELECT number, lanes, kind, energy_j, error FROM designs ORDER BY energy_j;");
  CHECK(result.columns == std::vector<std::string>{"number", "lanes", "kind", "energy_j", "error"});
  REQUIRE(result.rows.size() == 2);
  CHECK(result.rows[0] == std::vector<std::optional<std::string>>{"3", "16", "fp8", "0.25", std::nullopt});
  CHECK(result.numeric == std::vector<bool>{true, true, false, true, true});
  for (const char* sql :
       {"DELETE FROM rows", "INSERT INTO rows VALUES(1,1,1,1,1,1)", "DROP TABLE rows", "PRAGMA user_version = 7",
        "ATTACH '/tmp/x' AS x", "SELECT 1; SELECT 2", "", "SELECT load_extension('x')", "nonsense", "CREATE TABLE x(a)",
        "UPDATE rows SET status = 1", "VACUUM INTO '/tmp/x'",
        "WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x) SELECT max(n) FROM x"}) {
    INFO(sql);
    CHECK_THROWS_AS(query(sql), InputError);
  }
  CHECK(query("SELECT count(*) FROM designs").rows[0][0] == "2");
}

TEST_CASE("files that are no store are refused", "[sweep]") {
  const test::ScratchFolder folder;
  const auto path = folder.path() / "x.sqlite";
  CHECK_THROWS_AS(DesignStore(path, DesignStore::Mode::kRead), InputError);
  std::ofstream(path)
      << "this is not a database, and longer than a header of one hundred bytes has to be to be looked at closely";
  CHECK_THROWS_AS(DesignStore(path, DesignStore::Mode::kRead), InputError);
  CHECK_THROWS_AS(DesignStore(path, DesignStore::Mode::kWrite), InputError);
  CHECK_THROWS_AS(DesignStore(folder.path() / "none" / "x.sqlite", DesignStore::Mode::kWrite), InputError);
}
