// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "energy/primitive.hpp"
#include "energy/technology.hpp"

namespace lnsim::energy {

/// One line of a bill: a primitive at a width, how often an action uses it and how many of it there are.
struct BillItem {
  std::string_view part;  ///< stage or part of the component ("adder_tree")
  Primitive primitive = Primitive::kAdder;
  double width = 0;      ///< bits
  double count = 0;      ///< uses per action
  double activity = 1;   ///< energy of a use relative to fresh random data
  double instances = 0;  ///< instances in the hardware that performs the action: area and leakage
  double extent = 0;     ///< bytes of an SRAM macro, millimetres of a wire, index of a DRAM; otherwise unused
  std::string_view why;  ///< where count and activity come from, if they are not the plain structure
};

/// How a use differs from the plain one: count uses, one instance each, random data.
struct Use {
  double activity = 1;
  double area = 1;  ///< instances relative to uses
  std::string_view why = {};
};

class Bill {
 public:
  /// `count` uses per action of as many instances.
  void add(std::string_view part, Primitive primitive, double width, double count = 1, const Use& use = {});
  /// An access of an SRAM macro, a wire or a DRAM; no area (memories and wires are listed as hardware).
  void add_extent(std::string_view part, Primitive primitive, double width, double extent, double count,
                  const Use& use = {});
  /// Hardware without an action of its own: area and leakage only.
  void add_hardware(std::string_view part, Primitive primitive, double width, double instances, double extent = 0);
  /// Another bill, `times` per action and in as many copies.
  void append(const Bill& other, double times = 1);
  /// The same with counts and copies apart.
  void append(const Bill& other, double times, double copies);

  std::vector<BillItem> items;
};

/// Price of one use (with its activity) and one instance of the item.
[[nodiscard]] Price price_of(const BillItem& item, const Technology& technology);
/// Where the unit price of an item comes from.
[[nodiscard]] std::string_view source_of(const BillItem& item, const Technology& technology);

/// Sum over the items in order: energy of one action (fJ), area (um2) and leakage (nW) of the hardware.
[[nodiscard]] Price price_of(const Bill& bill, const Technology& technology);
/// The part of price_of(bill).energy_fj that flip-flops spend: what a clock tree drives.
[[nodiscard]] double register_energy_fj(const Bill& bill, const Technology& technology);

}  // namespace lnsim::energy
