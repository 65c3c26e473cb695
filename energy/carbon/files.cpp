// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <fstream>

#include "energy/carbon/carbon.hpp"
#include "sim/support/describe.hpp"
#include "sim/support/describe_schema.hpp"
#include "sim/support/error.hpp"
#include "sim/support/text.hpp"

namespace lnsim::carbon {
namespace {

constexpr std::string_view kHeader = "region,name,g_per_kwh,year,source,kind";

/// Cells of one CSV line; quoted cells may hold commas, a doubled quote is a quote.
std::vector<std::string> split_csv(std::string_view line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      cells.back() += '"';
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  return cells;
}

Grid read_grid(const std::string& line, const std::string& file, std::size_t number) {
  const std::string where = "line " + std::to_string(number);
  const std::vector<std::string> cells = split_csv(line);
  if (cells.size() != 6) throw InputError(file, where, std::to_string(cells.size()) + " cells", std::string(kHeader));
  Grid grid{cells[0], cells[1], 0, cells[3], cells[4], cells[5]};
  const char* const end = cells[2].data() + cells[2].size();
  const auto [stop, error] = std::from_chars(cells[2].data(), end, grid.g_per_kwh);
  if (error != std::errc() || stop != end || !std::isfinite(grid.g_per_kwh) || grid.g_per_kwh < 0.0) {
    throw InputError(file, where, "g_per_kwh " + cells[2], "a number >= 0");
  }
  if (grid.source.empty()) throw InputError(file, where, "no source", "where the number comes from");
  return grid;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

struct RunFile {
  TrainingRun run;
  std::optional<double> epochs_low;
  std::optional<double> epochs_high;
};
template <class V>
void describe(RunFile& p, V& v) {
  v.tag("schema", "lnsim.run/1", "kind of file");
  v.field("name", p.run.name, {.min = 1, .required = true}, "name");
  v.field("description", p.run.description, "what the run trains");
  v.field("samples", p.run.samples, {.min = 0, .required = true, .unit = "samples", .min_exclusive = true},
          "samples per epoch");
  v.field("epochs", p.run.epochs, {.min = 0, .required = true, .unit = "epochs", .min_exclusive = true},
          "passes over the samples");
  v.field("epochs_low", p.epochs_low, {.min = 0, .unit = "epochs", .min_exclusive = true},
          "the fewest that recipes take: the low end of the carbon of a run");
  v.field("epochs_high", p.epochs_high, {.min = 0, .unit = "epochs", .min_exclusive = true}, "the most");
  v.field("batch", p.run.batch, {.min = 1, .unit = "samples"}, "batch of the published recipe, for information");
  v.field("source", p.run.source, {.min = 1, .required = true}, "where the numbers come from");
}
void check(const RunFile& p, Problems& problems) {
  const std::string epochs = format_double(p.run.epochs);
  if (p.epochs_low && *p.epochs_low > p.run.epochs) {
    problems.add("/epochs_low", format_double(*p.epochs_low), "at most the " + epochs + " epochs");
  }
  if (p.epochs_high && *p.epochs_high < p.run.epochs) {
    problems.add("/epochs_high", format_double(*p.epochs_high), "at least the " + epochs + " epochs");
  }
}

struct PueEntry {
  Pue pue;
};
template <class V>
void describe(PueEntry& p, V& v) {
  v.field("who", p.pue.who, {.min = 1, .required = true}, "facility or survey");
  v.field("pue", p.pue.value, {.min = 1, .max = 10, .required = true}, "facility energy over IT energy");
  v.field("year", p.pue.year, {.min = 1980, .max = 2100, .required = true}, "year of the figure");
  v.field("source", p.pue.source, {.min = 1, .required = true}, "where the number comes from");
}

struct PueFile {
  std::string description;
  std::uint64_t usual = 0;
  std::vector<PueEntry> values;
};
template <class V>
void describe(PueFile& p, V& v) {
  v.tag("schema", "lnsim.pue/1", "kind of file");
  v.field("description", p.description, "what it is");
  v.field("default", p.usual, {.min = 0, .required = true}, "index of the value used if none is named");
  v.list("values", p.values, {.min = 1, .max = 1000, .required = true}, "published values");
}
void check(const PueFile& p, Problems& problems) {
  if (p.usual >= p.values.size()) problems.add("/default", std::to_string(p.usual), "an index of values");
}

}  // namespace

std::vector<Grid> read_grids(const std::filesystem::path& path) {
  const std::string file = path.string();
  std::ifstream stream(path);
  if (!stream) throw InputError(file, "", "cannot be read", "a table of grids");
  std::vector<Grid> grids;
  std::size_t number = 0;
  for (std::string line; std::getline(stream, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (++number == 1) {
      if (line != kHeader) throw InputError(file, "line 1", line, std::string(kHeader));
    } else if (!line.empty()) {
      grids.push_back(read_grid(line, file, number));
    }
  }
  if (grids.empty()) throw InputError(file, "", "no grids", std::string(kHeader) + " and rows");
  return grids;
}

const Grid& find_grid(const std::vector<Grid>& grids, std::string_view code_or_name) {
  const std::string wanted = lower(code_or_name);
  std::vector<std::string> known;
  for (const bool by_code : {true, false}) {
    for (const bool countries : {true, false}) {
      for (const Grid& grid : grids) {
        if ((grid.kind == "country") != countries) continue;
        const std::string& text = by_code ? grid.region : grid.name;
        if (lower(text) == wanted) return grid;
        known.push_back(text);
      }
    }
  }
  std::vector<std::string> lowered;
  for (const std::string& text : known) lowered.push_back(lower(text));
  const std::string near = nearest(wanted, lowered);
  const auto place = std::find(lowered.begin(), lowered.end(), near) - lowered.begin();
  const std::string expected = near.empty() ? "a code or name of the grid table, such as \"USA\" or \"Germany\""
                                            : "\"" + known[static_cast<std::size_t>(place)] + "\"";
  throw InputError("--grid", "", "\"" + std::string(code_or_name) + "\"", expected);
}

Grid grid_of(const std::vector<Grid>& grids, const std::string& text) {
  constexpr double kMost = 5000;  // [g/kWh] far above any of the table; definition
  if (text.empty() || text.front() < '0' || text.front() > '9') return find_grid(grids, text);
  const Range range = parse_range("--grid", text, 0, kMost);
  return {"given", "given intensity", range.mid, "", "--grid", "given", range};
}

TrainingRun read_run(const std::filesystem::path& path) {
  const auto file = read_object<RunFile>(read_json_file(path));
  TrainingRun run = file.run;
  if (file.epochs_low || file.epochs_high) {
    run.epochs_range = Range{file.epochs_low.value_or(run.epochs), run.epochs, file.epochs_high.value_or(run.epochs)};
  }
  return run;
}

Json run_schema() { return schema_of<RunFile>("lnsim run"); }

Pue read_default_pue(const std::filesystem::path& path) {
  const auto file = read_object<PueFile>(read_json_file(path));
  Pue usual = file.values[static_cast<std::size_t>(file.usual)].pue;
  Range range{usual.value, usual.value, usual.value};
  for (const PueEntry& entry : file.values) {
    range.low = std::min(range.low, entry.pue.value);
    range.high = std::max(range.high, entry.pue.value);
  }
  usual.range = range;
  return usual;
}

}  // namespace lnsim::carbon
