// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/arch/pass_config.hpp"
#include "sim/support/json.hpp"
#include "sim/workload/pass.hpp"

namespace lnsim {

/// The sides of a GEMM: out[m][n] = sum over k of a[m][k] * b[n][k].
enum class Side : std::uint8_t { kM, kN };
enum class Dim : std::uint8_t { kM, kN, kK };

struct TileSize {
  std::uint64_t m = 0, n = 0, k = 0;
  friend bool operator==(const TileSize&, const TileSize&) = default;
};

/// Global-buffer banks given to the tiles of operand A, of operand B, and to outputs with partial sums.
struct BankSplit {
  std::uint64_t a = 0, b = 0, out = 0;
  friend bool operator==(const BankSplit&, const BankSplit&) = default;
};

/// How one GEMM runs on the machine. DRAM level: loops over tiles in `order`, slowest first; global-buffer level: the
/// tile, split over PE rows (operand A) and PE columns (operand B) in equal slices of whole lane groups and row chunks;
/// PE level: blocks of A rows kept in buffer A while all B rows of the slice stream past.
struct GemmMapping {
  Side operand_a = Side::kM;  ///< the side whose rows go to the lanes
  std::array<Dim, 3> order{Dim::kN, Dim::kM, Dim::kK};
  TileSize tile;
  BankSplit banks;
  std::uint64_t block = 0;  ///< A rows per PE block, a multiple of the lanes (or all rows of the slice)
  friend bool operator==(const GemmMapping&, const GemmMapping&) = default;
};

/// Parts of a mapping that a file pins; what is absent is chosen by the heuristic.
struct MappingPin {
  std::optional<Side> operand_a;
  std::optional<std::array<Dim, 3>> order;
  std::optional<std::uint64_t> m, n, k;
  std::optional<BankSplit> banks;
  std::optional<std::uint64_t> block;
};

/// A mapping file ("lnsim.mapping/1"): the first rule that matches a layer name (glob) and pass applies.
struct MappingRule {
  std::string layer = "*";
  std::optional<std::string> pass;
  MappingPin pin;
};
using MappingRules = std::vector<MappingRule>;

[[nodiscard]] MappingRules read_mapping(const Document& document);
[[nodiscard]] Json write_mapping(const GemmMapping& mapping);
/// What a pin fixes, as a rule of a mapping file without layer and pass.
[[nodiscard]] Json write_pin(const MappingPin& pin);
[[nodiscard]] Json mapping_schema();
/// The pin of the first rule for this layer and pass; empty if none matches.
[[nodiscard]] MappingPin find_pin(const MappingRules& rules, const std::string& layer, PassKind pass);
/// True if `text` matches a pattern with * and ?.
[[nodiscard]] bool glob_match(const std::string& pattern, const std::string& text);

/// Sizes of a GEMM in the machine's terms: rows of operand A, rows of operand B, k, and tiles of each.
struct MachineTile {
  std::uint64_t a_rows = 0, b_rows = 0, k = 0;
};
[[nodiscard]] MachineTile machine_tile(const GemmMapping& mapping);
[[nodiscard]] MachineTile machine_size(const Gemm& gemm, Side operand_a);
[[nodiscard]] const OperandView& operand_a_view(const Gemm& gemm, Side operand_a);
[[nodiscard]] const OperandView& operand_b_view(const Gemm& gemm, Side operand_a);

/// The configuration of a pass whose operand A is that side; in `config` operand A is the M side.
[[nodiscard]] PassConfig oriented(const PassConfig& config, Side operand_a);

/// `config`: operand A is the M side, whatever the mapping says. Throws InputError (naming `where`, the level, the
/// tensor and the bytes) unless the mapping fits the machine.
void check_mapping(const Gemm& gemm, const GemmMapping& mapping, const PassConfig& config, const std::string& where);

/// The default mapping: a small fixed set of candidates under closed-form estimates of compute, stream and DRAM time.
/// Deterministic. `config`: operand A is the M side. Throws InputError if nothing fits.
[[nodiscard]] GemmMapping heuristic_mapping(const Gemm& gemm, const PassConfig& config, const MappingPin& pin,
                                            const std::string& where);

/// DRAM bursts that a tile touches, each once, and their bytes in the global buffer.
[[nodiscard]] std::uint64_t tile_bursts(const OperandView& view, std::uint64_t row_begin, std::uint64_t row_end,
                                        std::uint64_t k_begin, std::uint64_t k_end, ElementSize element,
                                        std::uint64_t burst_bytes);

}  // namespace lnsim
