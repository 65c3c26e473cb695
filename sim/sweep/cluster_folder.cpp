// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/cluster_folder.hpp"

#include <system_error>
#include <utility>

#include "sim/support/describe.hpp"
#include "sim/support/error.hpp"
#include "sim/support/files.hpp"
#include "sim/sweep/design.hpp"
#include "sim/sweep/sweep_run.hpp"

namespace lnsim {

template <class V>
void describe(SweepManifest& p, V& v) {
  constexpr double kMostShards = 1U << 24U;
  v.tag("schema", "lnsim.sweep_manifest/1", "kind of file");
  v.field("sweep", p.sweep, {.min = 1, .max = 100, .required = true}, "hash of the sweep and the model's version");
  v.field("version", p.version, {.min = 1, .max = 200, .required = true}, "of the model");
  v.field("spec_file", p.spec_file, {.required = true}, "the sweep's file, as the user named it");
  v.field("shards", p.shards, {.min = 1, .max = kMostShards, .required = true}, "shares of the designs");
  v.values("first_keys", p.first_keys, {.required = true}, "per shard: hash of its first design's inputs");
}

namespace {

namespace fs = std::filesystem;

constexpr const char* kManifest = "manifest.json";
constexpr const char* kSpec = "sweep.json";

std::string key_of(DesignEvaluator& evaluator, std::uint64_t number) {
  try {
    return evaluator.design(number).key;
  } catch (const std::exception&) {
    return "";  // a row with its error
  }
}

Json manifest_json(const SweepManifest& manifest) {
  return {{"schema", "lnsim.sweep_manifest/1"}, {"sweep", manifest.sweep},   {"version", manifest.version},
          {"spec_file", manifest.spec_file},    {"shards", manifest.shards}, {"first_keys", manifest.first_keys}};
}

}  // namespace

std::optional<ClusterSweep> read_cluster_folder(const fs::path& folder, const std::string& version) {
  const fs::path path = folder / kManifest;
  std::error_code error;
  if (!fs::exists(path, error)) return std::nullopt;
  ClusterSweep sweep;
  sweep.manifest = read_object<SweepManifest>(read_json_file(path));
  if (sweep.manifest.first_keys.size() != sweep.manifest.shards) {
    throw InputError(path.string(), "/first_keys", std::to_string(sweep.manifest.first_keys.size()),
                     "one per shard, " + std::to_string(sweep.manifest.shards));
  }
  if (sweep.manifest.version != version) {
    throw InputError(path.string(), "/version", sweep.manifest.version, version + ", this program's");
  }
  sweep.document = read_json_file(folder / kSpec);
  if (sweep_id(sweep.document, version) != sweep.manifest.sweep) {
    throw InputError((folder / kSpec).string(), "", "not the sweep of the manifest", "the file as it was written");
  }
  sweep.document.file = sweep.manifest.spec_file;
  return sweep;
}

SweepManifest make_manifest(const SweepSpec& spec, const Document& document, const ShippedFiles& files,
                            const std::string& version, std::uint64_t shards) {
  DesignEvaluator evaluator(spec, document.file, files, version);
  (void)evaluator.design(0);
  SweepManifest manifest{sweep_id(document, version), version, document.file, shards, {}};
  for (std::uint64_t index = 1; index <= shards; ++index) {
    manifest.first_keys.push_back(key_of(evaluator, SweepShard{index, shards}.first(spec.size())));
  }
  return manifest;
}

void make_cluster_folder(const fs::path& folder, const SweepManifest& manifest, const Document& document,
                         const ClusterJob& job) {
  const fs::path path = folder / kManifest;
  std::error_code error;
  const bool there = fs::exists(path, error);
  if (there && read_json_file(path).root != manifest_json(manifest)) {
    throw InputError(path.string(), "", "another sweep, version, number of shards, or other inputs",
                     "a new folder, or the one of this sweep as it was");
  }
  fs::create_directories(folder / "logs", error);
  if (error) throw InputError((folder / "logs").string(), "", error.message(), "a folder that can be written");
  if (!there) write_file_atomically(folder / kSpec, dump_json(document.root));
  for (const ClusterScript& script : cluster_scripts(job)) {
    write_file_atomically(folder / script.file, script.text);
    fs::permissions(folder / script.file, fs::perms::owner_exec, fs::perm_options::add, error);
  }
  if (there) return;
  write_file_atomically(path, dump_json(manifest_json(manifest)));
  constexpr auto kRead = fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read;
  for (const char* name : {kManifest, kSpec}) fs::permissions(folder / name, kRead, error);
}

void check_shard(const SweepManifest& manifest, const SweepShard& shard, const SweepSpec& spec,
                 const ShippedFiles& files, const std::string& folder) {
  if (shard.of != manifest.shards) {
    throw InputError("--shard", "", std::to_string(shard.index) + "/" + std::to_string(shard.of),
                     std::to_string(manifest.shards) + " shards, as the manifest of " + folder);
  }
  DesignEvaluator evaluator(spec, manifest.spec_file, files, manifest.version);
  if (key_of(evaluator, shard.first(spec.size())) != manifest.first_keys[shard.index - 1]) {
    throw InputError((fs::path(folder) / kManifest).string(), "/first_keys/" + std::to_string(shard.index - 1),
                     "other inputs than when it was written", "the files that the sweep names, as they were");
  }
}

}  // namespace lnsim
