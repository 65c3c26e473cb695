// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace lnsim::energy {

/// One single-port SRAM macro.
struct SramPrice {
  double read_pj = 0;  ///< per access of the full width
  double write_pj = 0;
  double leakage_mw = 0;
  double area_mm2 = 0;
  double cycle_ns = 0;
};

/// Macros over capacity and width. Log-log interpolation in both; a macro smaller or narrower than any in the table
/// costs as much as the smallest; beyond the largest capacity or width, the law of the last two points goes on.
struct SramTable {
  struct Column {
    double width = 0;               ///< bits
    std::vector<double> bytes;      ///< ascending
    std::vector<SramPrice> prices;  ///< one per capacity
  };
  std::vector<Column> columns;  ///< ascending widths
  std::string device_type;
  std::string source;
  double voltage_v = 0;
  double temperature_c = 0;
  int year = 0;

  [[nodiscard]] SramPrice at(double bytes, double width) const;
};

/// Reads the rows of one device type of a CACTI table (CSV with a header row). Throws InputError with the line.
[[nodiscard]] std::vector<SramTable::Column> read_sram_columns(const std::filesystem::path& path,
                                                               const std::string& device_type);

/// A memory: banks that can be accessed side by side in a cycle, each a row of macros of at most 512 bit. Below 4 KiB:
/// one register file with a read and a write port.
struct MemoryPlan {
  bool registers = false;
  std::uint64_t word_bits = 0;   ///< bits of a word as used
  std::uint64_t banks = 1;       ///< deep; one is accessed per read or write
  std::uint64_t across = 1;      ///< macros (or one register file) beside each other for a word
  std::uint64_t macro_bits = 0;  ///< width of a macro: a multiple of 64; the rest of the word is padding
  std::uint64_t macro_bytes = 0;
  std::uint64_t depth = 0;  ///< words of a register file

  /// Macros that an access of `bits` <= word_bits touches: padding up to the macro is paid.
  [[nodiscard]] std::uint64_t macros_touched(std::uint64_t bits) const;
};

/// `bytes` of storage in words of `word_bits`; `banks` is the number wanted (2 for simultaneous fill and read). More
/// banks are taken if a macro would exceed 4 MiB.
[[nodiscard]] MemoryPlan plan_memory(std::uint64_t bytes, std::uint64_t word_bits, std::uint64_t banks);

}  // namespace lnsim::energy
