// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <utility>
#include <vector>

#include "sim/arch/scheme.hpp"
#include "sim/numerics/block_format.hpp"
#include "sim/numerics/lns.hpp"
#include "sim/support/describe.hpp"
#include "sim/support/text.hpp"

namespace lnsim {
namespace {

constexpr std::array<std::pair<std::string_view, numerics::ZeroMode>, 2> kZeroModes{
    {{"zero_code", numerics::ZeroMode::kZeroCode}, {"min_code", numerics::ZeroMode::kMinCode}}};

/// {"type": "block_lns", "bits", "gamma", "offset_bits"}
struct BlockLnsJson {
  unsigned bits = 8;
  unsigned gamma = 8;
  unsigned offset_bits = 4;
};

/// {"type": "lns", "bits", "gamma", "zero"}
struct LnsJson {
  unsigned bits = 8;
  unsigned gamma = 8;
  numerics::ZeroMode zero = numerics::ZeroMode::kZeroCode;
};

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const numerics::FormatPtr& format : numerics::named_formats()) names.push_back(format->name());
  for (const numerics::BlockFormatPtr& format : numerics::named_block_formats()) names.push_back(format->name());
  return names;
}

numerics::FormatPtr read_named(const Json& json, const std::string& file, const std::string& pointer) {
  const auto& name = json.get_ref<const std::string&>();
  if (numerics::FormatPtr format = numerics::find_format(name)) return format;
  if (const numerics::BlockFormatPtr format = numerics::find_block_format(name)) return numerics::block_scaled(format);
  const std::vector<std::string> names = format_names();
  const std::vector<std::string_view> views(names.begin(), names.end());
  throw InputError(file, pointer, brief_json(json), suggestion(name, views) + " or {\"type\": \"lns\", ...}");
}

}  // namespace

template <class V>
void describe(LnsJson& p, V& v) {
  v.tag("type", "lns", "logarithmic number system");
  v.field("bits", p.bits, {.min = 2, .max = 16, .required = true}, "bits of a code, with its sign");
  v.field("gamma", p.gamma, {.min = 1, .max = 32768, .required = true}, "steps per octave, a power of two");
  v.choice("zero", p.zero, kZeroModes, "whether exponent code 0 is zero or the smallest magnitude");
}

template <class V>
void describe(BlockLnsJson& p, V& v) {
  v.tag("type", "block_lns", "LNS with an offset in octaves per 32 elements");
  v.field("bits", p.bits, {.min = 2, .max = 16, .required = true}, "bits of a code, with its sign");
  v.field("gamma", p.gamma, {.min = 1, .max = 32768, .required = true}, "steps per octave, a power of two");
  v.field("offset_bits", p.offset_bits, {.min = 1, .max = 8, .required = true}, "bits of a block's offset");
}

numerics::FormatPtr read_format(const Json& json, const std::string& file, const std::string& pointer) {
  if (json.is_string()) return read_named(json, file, pointer);
  if (!json.is_object()) {
    throw InputError(file, pointer, brief_json(json), R"(a format: a name ("int8") or {"type": "lns", ...})");
  }
  const bool block = json.contains("type") && json["type"] == "block_lns";
  try {
    if (block) {
      const auto lns = read_object<BlockLnsJson>(json, file, pointer);
      return numerics::block_scaled(numerics::make_block_lns(lns.bits, lns.gamma, lns.offset_bits));
    }
    const auto lns = read_object<LnsJson>(json, file, pointer);
    return numerics::make_lns(lns.bits, lns.gamma, lns.zero);
  } catch (const numerics::SpecError& error) {
    throw InputError(file, pointer, brief_json(json), std::string("a format that exists (") + error.what() + ")");
  }
}

Json write_format(const numerics::Format& format) {
  const auto* const lns = dynamic_cast<const numerics::LnsFormat*>(&format);
  if (lns == nullptr) return format.name();
  if (format.block()) {
    return write_object(BlockLnsJson{lns->bits(), lns->gamma(), format.block()->scale_bits()});
  }
  return write_object(LnsJson{lns->bits(), lns->gamma(), lns->zero_mode()});
}

}  // namespace lnsim
