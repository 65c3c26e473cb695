// SPDX-License-Identifier: Apache-2.0
#include "energy/sram.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <map>
#include <sstream>

#include "sim/support/error.hpp"

namespace lnsim::energy {
namespace {

constexpr std::uint64_t kRegisterFileBytes = 4096;     // [byte] below it registers are used; definition
constexpr std::uint64_t kLargestMacroBytes = 4194304;  // [byte] the largest of the table; sram_cacti_45nm.csv, 2017
constexpr std::uint64_t kWidestMacroBits = 512;        // [bit] of a bank; definition
constexpr std::uint64_t kMacroStepBits = 64;           // [bit] widths of the table; sram_cacti_45nm.csv, 2017

std::uint64_t divide_up(std::uint64_t a, std::uint64_t b) { return a / b + (a % b != 0 ? 1 : 0); }

double geometric(double low, double high, double x) { return low * std::pow(high / low, x); }

SramPrice mix(const SramPrice& low, const SramPrice& high, double x) {
  return {geometric(low.read_pj, high.read_pj, x), geometric(low.write_pj, high.write_pj, x),
          geometric(low.leakage_mw, high.leakage_mw, x), geometric(low.area_mm2, high.area_mm2, x),
          geometric(low.cycle_ns, high.cycle_ns, x)};
}

/// Index of the lower neighbour and the position between the two in logarithms; clamped below, extrapolated above.
std::pair<std::size_t, double> locate(const std::vector<double>& grid, double value) {
  if (grid.size() < 2 || value <= grid.front()) return {0, 0.0};
  const auto above = std::lower_bound(grid.begin() + 1, grid.end() - 1, value);
  const auto low = static_cast<std::size_t>(above - grid.begin()) - 1;
  return {low, std::log(value / grid[low]) / std::log(grid[low + 1] / grid[low])};
}

SramPrice in_column(const SramTable::Column& column, double bytes) {
  const auto [low, x] = locate(column.bytes, bytes);
  if (x == 0.0) return column.prices[low];
  return mix(column.prices[low], column.prices[low + 1], x);
}

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream stream(line);
  for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
  return cells;
}

/// One CSV file: header names to columns, with errors that name file and line.
class CsvRow {
 public:
  CsvRow(const std::string& file, std::size_t line, const std::map<std::string, std::size_t>& header,
         std::vector<std::string> cells)
      : file_(file), line_(line), header_(header), cells_(std::move(cells)) {}

  [[nodiscard]] const std::string& text(const std::string& name) const {
    const auto found = header_.find(name);
    if (found == header_.end()) throw InputError(file_, "line 1", "no column " + name, "a column " + name);
    if (found->second >= cells_.size()) throw InputError(file_, where(), "too few cells", "a value of " + name);
    return cells_[found->second];
  }
  [[nodiscard]] double number(const std::string& name) const {
    const std::string& cell = text(name);
    double value = 0;
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    if (error != std::errc() || end != cell.data() + cell.size() || !(value > 0.0) || !std::isfinite(value)) {
      throw InputError(file_, where(), name + " " + cell, "a number > 0");
    }
    return value;
  }

 private:
  [[nodiscard]] std::string where() const { return "line " + std::to_string(line_); }

  const std::string& file_;
  std::size_t line_;
  const std::map<std::string, std::size_t>& header_;
  std::vector<std::string> cells_;
};

void add_row(const CsvRow& row, std::map<double, std::map<double, SramPrice>>& grid) {
  grid[row.number("width_bits")][row.number("capacity_bytes")] = {row.number("read_pj"), row.number("write_pj"),
                                                                  row.number("leak_mw"), row.number("area_mm2"),
                                                                  row.number("cycle_ns")};
}

}  // namespace

std::vector<SramTable::Column> read_sram_columns(const std::filesystem::path& path, const std::string& device_type) {
  std::ifstream stream(path);
  const std::string file = path.string();
  if (!stream) throw InputError(file, "", "cannot be read", "a CACTI table");
  std::map<std::string, std::size_t> header;
  std::map<double, std::map<double, SramPrice>> grid;
  std::size_t number = 0;
  for (std::string line; std::getline(stream, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    std::vector<std::string> cells = split(line);
    if (++number == 1) {
      for (std::size_t i = 0; i < cells.size(); ++i) header.emplace(cells[i], i);
    } else if (!line.empty()) {
      const CsvRow row(file, number, header, std::move(cells));
      if (row.text("device_type") == device_type) add_row(row, grid);
    }
  }
  std::vector<SramTable::Column> columns;
  for (const auto& [width, rows] : grid) {
    SramTable::Column column{width, {}, {}};
    for (const auto& [bytes, price] : rows) {
      column.bytes.push_back(bytes);
      column.prices.push_back(price);
    }
    columns.push_back(std::move(column));
  }
  if (columns.empty()) throw InputError(file, "", device_type, "a device type of the table");
  return columns;
}

SramPrice SramTable::at(double bytes, double width) const {
  std::vector<double> widths;
  for (const Column& column : columns) widths.push_back(column.width);
  const auto [low, x] = locate(widths, width);
  const SramPrice narrow = in_column(columns[low], bytes);
  if (x == 0.0) return narrow;
  return mix(narrow, in_column(columns[low + 1], bytes), x);
}

std::uint64_t MemoryPlan::macros_touched(std::uint64_t bits) const {
  return std::clamp<std::uint64_t>(divide_up(bits, macro_bits), 1, across);
}

MemoryPlan plan_memory(std::uint64_t bytes, std::uint64_t word_bits, std::uint64_t banks) {
  MemoryPlan plan;
  plan.word_bits = word_bits;
  if (bytes < kRegisterFileBytes) {
    plan.registers = true;
    plan.macro_bits = word_bits;
    plan.macro_bytes = bytes;
    plan.depth = std::max<std::uint64_t>(1, divide_up(bytes * 8, word_bits));
    return plan;
  }
  plan.across = divide_up(word_bits, kWidestMacroBits);
  plan.macro_bits = divide_up(divide_up(word_bits, plan.across), kMacroStepBits) * kMacroStepBits;
  plan.banks = std::max<std::uint64_t>(banks, divide_up(bytes, kLargestMacroBytes * plan.across));
  // Padding of the word is storage that exists: a macro has as many rows as the words of its bank.
  const std::uint64_t words = divide_up(divide_up(bytes * 8, word_bits), plan.banks);
  plan.macro_bytes = divide_up(words * plan.macro_bits, 8);
  return plan;
}

}  // namespace lnsim::energy
