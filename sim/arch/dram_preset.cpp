// SPDX-License-Identifier: Apache-2.0
#include "sim/arch/dram_preset.hpp"

#include <utility>

#include "sim/arch/dram_describe.hpp"
#include "sim/support/error.hpp"

namespace lnsim {

template <class V>
void describe(DramPreset& p, V& v) {
  v.tag("schema", "lnsim.dram/1", "kind of file");
  v.field("name", p.name, {.min = 1, .max = 200, .required = true}, "name");
  v.field("description", p.description, {.max = 10000}, "what it is");
  v.object("dram", p.dram, {.required = true}, "the dram object of an accelerator");
}

void check(const DramPreset& p, Problems& problems) {
  if (!p.dram.banked) problems.add("/dram/banked", "missing", "an object with organisation and timing");
}

DramPreset read_dram_preset(const Document& document) { return read_object<DramPreset>(document); }
Json dram_preset_schema() { return schema_of<DramPreset>("lnsim dram"); }

Document with_dram_preset(Document accelerator, const ShippedFiles& files) {
  if (!accelerator.root.is_object()) return accelerator;
  const auto found = accelerator.root.find("dram");
  if (found == accelerator.root.end() || !found->is_object() || !found->contains("preset")) return accelerator;
  Json own = std::move(*found);
  const Json name = own["preset"];
  // Anything but a name is for the accelerator's own checks.
  if (name.is_string()) {
    const std::string place = accelerator.file + ": /dram/preset";
    Document file = read_json_file(files.find("dram", name.get<std::string>(), place));
    (void)read_dram_preset(file);
    own.erase("preset");
    Json merged = std::move(file.root["dram"]);
    merged.merge_patch(own);
    own = std::move(merged);
  }
  *found = std::move(own);
  return accelerator;
}

}  // namespace lnsim
