// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "energy/primitive.hpp"
#include "energy/sram.hpp"

namespace lnsim::energy {

/// A number with its unit and origin. The reader insists on unit, year and source.
struct Quantity {
  double value = 0;
  std::string unit;
  double node_nm = 0;    ///< 0: not bound to a node
  double voltage_v = 0;  ///< supply at which it holds; 0: any
  int year = 0;
  std::string trust;  ///< A primary file read, B secondary text, C derived or assumed, D recalled
  std::string source;
};

/// Energy of what the banked DRAM model counts, apart. A value may be 0 where its source says which other one contains
/// it.
struct BankedDramPrice {
  Quantity read;        ///< pJ/bit, without activates
  Quantity write;       ///< pJ/bit, without activates
  Quantity activate;    ///< with its precharge, pJ per KiB of row
  Quantity refresh;     ///< all banks of a rank of a channel, nJ
  Quantity background;  ///< a rank of a channel, mW
};

/// Energy of a DRAM access, device and I/O, per bit (pJ/bit).
struct DramPrice {
  std::string type;  ///< as in the accelerator ("LPDDR4X-4266")
  Quantity read;     ///< of everything, activates and background included
  Quantity write;
  std::optional<BankedDramPrice> banked;
};

/// Everything that turns a bill into joules, square millimetres and watts.
struct Technology {
  std::string name;
  std::string description;
  double node_nm = 0;
  double voltage_v = 0;
  double temperature_c = 0;
  Quantity clock;  ///< default clock, MHz
  LogicPrices logic;
  SramTable sram;
  Quantity clock_tree;  ///< energy of clock buffers and wires relative to the flip-flops that they drive
  Quantity threshold;   ///< of the delay law, V
  Quantity alpha;       ///< exponent of the delay law
  Quantity wire;        ///< fJ per transition, bit and millimetre
  std::vector<DramPrice> dram;

  [[nodiscard]] double clock_hz() const { return clock.value * 1e6; }
  /// Index of the memory in `dram`; throws InputError naming the known ones.
  [[nodiscard]] std::size_t dram_index(std::string_view type) const;
};

/// Reads configs/technology/<name>.json and the files that it names (relative to it); prices come at the technology's
/// node and supply. Throws InputError: a missing unit, source or primitive, an unknown primitive or factor, a negative
/// price, widths out of order, a supply outside of a scaling set's range, one memory hierarchy from two sources without
/// a reason.
[[nodiscard]] Technology read_technology(const std::filesystem::path& path);

}  // namespace lnsim::energy
