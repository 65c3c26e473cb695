// SPDX-License-Identifier: Apache-2.0
#include "sim/mapping/mapping.hpp"

#include <algorithm>
#include <utility>

#include "sim/mapping/burst_pattern.hpp"
#include "sim/support/describe.hpp"

namespace lnsim {
namespace {

constexpr std::array<std::pair<std::string_view, Side>, 2> kSides{{{"m", Side::kM}, {"n", Side::kN}}};

struct TilePin {
  std::optional<std::uint64_t> m, n, k;
};

struct LevelPin {
  std::optional<std::string> order;
  std::optional<TilePin> tile;
  std::optional<BankSplit> banks;
  std::optional<std::uint64_t> block;
};

struct RuleFile {
  std::string layer = "*";
  std::optional<std::string> pass;
  std::optional<Side> operand_a;
  std::optional<LevelPin> dram;
  std::optional<LevelPin> global_buffer;
  std::optional<LevelPin> pe;
};

struct MappingFile {
  bool reproducible = true;
  std::vector<RuleFile> gemms;
};

constexpr double kMaxSize = 1e18;

std::array<Dim, 3> parse_order(const std::string& order) {
  std::array<Dim, 3> dims{};
  for (std::size_t i = 0; i < 3; ++i) dims[i] = order[i] == 'm' ? Dim::kM : order[i] == 'n' ? Dim::kN : Dim::kK;
  return dims;
}

std::string order_text(const std::array<Dim, 3>& order) {
  std::string text;
  for (const Dim dim : order) text += dim == Dim::kM ? 'm' : dim == Dim::kN ? 'n' : 'k';
  return text;
}

}  // namespace

template <class V>
void describe(TilePin& p, V& v) {
  v.field("m", p.m, {.min = 1, .max = kMaxSize}, "rows of M");
  v.field("n", p.n, {.min = 1, .max = kMaxSize}, "rows of N");
  v.field("k", p.k, {.min = 1, .max = kMaxSize}, "elements of K: a multiple of vector_size, or all");
}

template <class V>
void describe(BankSplit& p, V& v) {
  v.field("a", p.a, {.min = 1, .max = 1024, .required = true}, "banks for tiles of operand A");
  v.field("b", p.b, {.min = 1, .max = 1024, .required = true}, "banks for tiles of operand B");
  v.field("out", p.out, {.min = 1, .max = 1024, .required = true}, "banks for outputs and partial sums");
}

template <class V>
void describe(LevelPin& p, V& v) {
  v.field("order", p.order, {.min = 3, .max = 3}, "dram: loops over tiles, slowest first, e.g. \"nmk\"");
  v.object("tile", p.tile, "global_buffer: tile sizes");
  v.object("banks", p.banks, "global_buffer: banks per stream");
  v.field("block", p.block, {.min = 1, .max = kMaxSize}, "pe: rows of operand A kept in buffer A");
}

template <class V>
void describe(RuleFile& p, V& v) {
  v.field("layer", p.layer, {.min = 1, .max = 1000}, "layer name or glob");
  v.field("pass", p.pass, {.min = 1, .max = 100}, "pass name; absent: all");
  v.choice("operand_a", p.operand_a, kSides, "the side whose rows go to the lanes");
  v.object("dram", p.dram, "loops over global-buffer tiles");
  v.object("global_buffer", p.global_buffer, "tiles");
  v.object("pe", p.pe, "blocks");
}

template <class V>
void describe(MappingFile& p, V& v) {
  v.tag("schema", "lnsim.mapping/1", "kind of file");
  v.field("reproducible", p.reproducible,
          "false: found by a search that time ended, so another run of it may find another");
  v.list("gemms", p.gemms, {.max = 100000, .required = true}, "rules; the first that matches applies");
}

void check(const RuleFile& p, Problems& problems) {
  if (p.dram && p.dram->order) {
    std::string sorted = *p.dram->order;
    std::sort(sorted.begin(), sorted.end());
    if (sorted != "kmn") problems.add("/dram/order", "\"" + *p.dram->order + "\"", "a permutation of \"mnk\"");
  }
}

MappingRules read_mapping(const Document& document) {
  const auto file = read_object<MappingFile>(document);
  MappingRules rules;
  for (const RuleFile& rule : file.gemms) {
    MappingRule out{rule.layer, rule.pass, {}};
    out.pin.operand_a = rule.operand_a;
    if (rule.dram && rule.dram->order) out.pin.order = parse_order(*rule.dram->order);
    if (rule.global_buffer && rule.global_buffer->tile) {
      out.pin.m = rule.global_buffer->tile->m;
      out.pin.n = rule.global_buffer->tile->n;
      out.pin.k = rule.global_buffer->tile->k;
    }
    if (rule.global_buffer) out.pin.banks = rule.global_buffer->banks;
    if (rule.pe) out.pin.block = rule.pe->block;
    rules.push_back(std::move(out));
  }
  return rules;
}

Json write_mapping(const GemmMapping& mapping) {
  Json json;
  json["operand_a"] = mapping.operand_a == Side::kM ? "m" : "n";
  json["dram"]["order"] = order_text(mapping.order);
  json["global_buffer"]["tile"] = {{"m", mapping.tile.m}, {"n", mapping.tile.n}, {"k", mapping.tile.k}};
  json["global_buffer"]["banks"] = {{"a", mapping.banks.a}, {"b", mapping.banks.b}, {"out", mapping.banks.out}};
  json["pe"]["block"] = mapping.block;
  return json;
}

Json write_pin(const MappingPin& pin) {
  Json json = Json::object();
  if (pin.operand_a) json["operand_a"] = *pin.operand_a == Side::kM ? "m" : "n";
  if (pin.order) json["dram"]["order"] = order_text(*pin.order);
  if (pin.m) json["global_buffer"]["tile"]["m"] = *pin.m;
  if (pin.n) json["global_buffer"]["tile"]["n"] = *pin.n;
  if (pin.k) json["global_buffer"]["tile"]["k"] = *pin.k;
  if (pin.banks) {
    json["global_buffer"]["banks"] = {{"a", pin.banks->a}, {"b", pin.banks->b}, {"out", pin.banks->out}};
  }
  if (pin.block) json["pe"]["block"] = *pin.block;
  return json;
}

Json mapping_schema() { return schema_of<MappingFile>("lnsim mapping"); }

bool glob_match(const std::string& pattern, const std::string& text) {
  std::size_t p = 0, t = 0, star = std::string::npos, mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t]) && pattern[p] != '*') {
      ++p, ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (star != std::string::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

MappingPin find_pin(const MappingRules& rules, const std::string& layer, PassKind pass) {
  for (const MappingRule& rule : rules) {
    if (glob_match(rule.layer, layer) && (!rule.pass || *rule.pass == pass_name(pass))) return rule.pin;
  }
  return {};
}

MachineTile machine_tile(const GemmMapping& mapping) {
  const bool m = mapping.operand_a == Side::kM;
  return {m ? mapping.tile.m : mapping.tile.n, m ? mapping.tile.n : mapping.tile.m, mapping.tile.k};
}

MachineTile machine_size(const Gemm& gemm, Side operand_a) {
  const bool m = operand_a == Side::kM;
  return {m ? gemm.m : gemm.n, m ? gemm.n : gemm.m, gemm.k};
}

const OperandView& operand_a_view(const Gemm& gemm, Side operand_a) { return operand_a == Side::kM ? gemm.a : gemm.b; }
const OperandView& operand_b_view(const Gemm& gemm, Side operand_a) { return operand_a == Side::kM ? gemm.b : gemm.a; }

PassConfig oriented(const PassConfig& config, Side operand_a) {
  return operand_a == Side::kM ? config : config.swapped();
}

std::uint64_t tile_bursts(const OperandView& view, std::uint64_t row_begin, std::uint64_t row_end,
                          std::uint64_t k_begin, std::uint64_t k_end, ElementSize element, std::uint64_t burst_bytes) {
  return BurstPattern(touched(view, row_begin, row_end, k_begin, k_end), element, burst_bytes).total();
}

}  // namespace lnsim
