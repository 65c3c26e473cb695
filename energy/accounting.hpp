// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "energy/components/components.hpp"
#include "energy/technology.hpp"
#include "sim/trace/trace.hpp"

namespace lnsim::energy {

/// Nested sets of components; each contains the one before.
enum class Scope : std::uint8_t {
  kDatapath,  ///< lanes, operand registers, collector
  kPe,        ///< and buffers A and B, PPU
  kChip,      ///< and everything else but the DRAM
  kChipDram,
  kCount,
};
inline constexpr std::size_t kScopes = static_cast<std::size_t>(Scope::kCount);
[[nodiscard]] std::string_view scope_name(Scope scope);
/// The smallest scope that contains the component.
[[nodiscard]] Scope scope_of(std::string_view component);

/// Energy of one entry, executed once. Indexed as components().
struct EntryEnergy {
  std::vector<double> dynamic_j;  ///< counts x price
  std::vector<double> leakage_j;  ///< leakage power x time
  std::vector<double> energy_j;   ///< both
  /// The clock tree's energy by the component whose flip-flops it drives; they add up, in order, to its dynamic_j.
  std::vector<double> clock_tree_j;
  double seconds = 0;
};

/// Energy of an iteration. Totals are sums over entries x repeat in the order of the entries; energy_j is the sum over
/// components in their order, so parts add up to the total to the last bit. A scope contains what its components draw
/// from the clock tree.
struct EnergyReport {
  std::vector<EntryEnergy> entries;
  std::vector<double> dynamic_j;  ///< per component, all entries x repeat
  std::vector<double> leakage_j;
  std::vector<double> energy_j;      ///< dynamic + leakage
  std::vector<double> clock_tree_j;  ///< per component that it drives
  std::vector<double> area_mm2;      ///< per component
  std::vector<double> leakage_w;     ///< per component
  double total_j = 0;                ///< scope chip_dram
  std::array<double, kScopes> scope_j{};
  double chip_area_mm2 = 0;
  double seconds = 0;
  std::uint64_t cycles = 0;
  std::uint64_t macs = 0;
  std::optional<double> fastest_clock_hz;  ///< that the machine allows; empty: the technology has no delays
  std::string clock_limit;                 ///< what keeps it from a faster one
  double power_w = 0;                      ///< mean over the iteration, scope chip_dram; 0 without time
  double peak_power_w = 0;                 ///< mean of the entry with the most, scope chip_dram
  double edp_js = 0;                       ///< energy-delay product of the iteration, scope chip_dram
  double tops = 0;                         ///< 2 x useful MACs / time
  double tops_per_mm2 = 0;                 ///< the same over the chip's area
  std::optional<double> tops_per_w;        ///< 2 x useful MACs / energy of scope chip; empty without energy
  std::optional<double> pj_per_mac;        ///< scope chip over useful MACs; empty without MACs
};

/// What the optimizers of a network family are: the scheme's for weights; SGD or Adam for FP32 parameters.
struct Optimizers {
  Optimizer weights = Optimizer::kSgdMomentum;
  Optimizer parameters = Optimizer::kSgdMomentum;
};
/// family: "cnn" or "transformer"; throws std::invalid_argument for another one.
[[nodiscard]] Optimizers optimizers_of(const Scheme& scheme, const std::string& family);

/// Prices a trace. Prices are built once per distinct set of formats. clock_hz > 0.
/// Throws InputError for a format or a memory without price, OverflowError if cycles or MACs exceed 64 bits.
[[nodiscard]] EnergyReport price(std::span<const TraceEntry> entries, const Accelerator& accelerator,
                                 const Scheme& scheme, const Technology& technology, double clock_hz,
                                 const Optimizers& optimizers);

/// Energy of single entries on one machine under one scheme: for searches that price many. Prices are built once per
/// distinct set of formats. May be used by several threads at once.
class EntryPricer {
 public:
  /// As price(); the technology must outlive the pricer.
  EntryPricer(const Accelerator& accelerator, const Scheme& scheme, const Technology& technology, double clock_hz,
              const Optimizers& optimizers);
  ~EntryPricer();
  /// Scope chip_dram, executed once, in joules; the same sum as price() forms. Never falls when a count or the cycles
  /// grow.
  [[nodiscard]] double energy_j(const TraceEntry& entry) const;
  [[nodiscard]] double seconds(const TraceEntry& entry) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// One line of `explain`: an item of an action's bill (or of a component's hardware, where action is "hardware").
struct BillLine {
  std::string component;
  std::string action;
  std::string part;
  std::string primitive;
  double width = 0;           ///< bits
  double extent = 0;          ///< bytes of an SRAM macro, millimetres of a wire; otherwise 0
  double count = 0;           ///< uses per action; hardware: instances
  double activity = 1;        ///< relative to fresh random data
  double unit_energy_fj = 0;  ///< one use, activity included
  double energy_fj = 0;       ///< count x unit_energy_fj
  double area_um2 = 0;        ///< hardware lines
  double leakage_nw = 0;      ///< hardware lines
  std::string source;         ///< of the primitive's price
  std::string why;            ///< of count and activity
};

/// Bills of every action (formats of the forward pass, or of `formats`) and of the hardware of every component, in the
/// order of the actions. The lines of an action add up, in order, to the price that accounting charges.
[[nodiscard]] std::vector<BillLine> explain(const Accelerator& accelerator, const Scheme& scheme,
                                            const Technology& technology, const Optimizers& optimizers,
                                            const PassFormats& formats = {}, PassKind pass = PassKind::kForward);

}  // namespace lnsim::energy
