// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/merge.hpp"

#include <cstring>

#include "sim/support/error.hpp"
#include "sim/sweep/design.hpp"
#include "sim/sweep/design_store.hpp"
#include "sim/sweep/shard_file.hpp"
#include "sim/sweep/shard_output.hpp"

namespace lnsim {
namespace {

namespace fs = std::filesystem;

bool same_bits(const std::vector<double>& x, const std::vector<double>& y) {
  return x.size() == y.size() && std::memcmp(x.data(), y.data(), x.size() * sizeof(double)) == 0;
}

class Merge {
 public:
  Merge(const ShardHeader& header, const SweepSpec& spec, const std::string& spec_file, const ShippedFiles& files,
        const fs::path& store)
      : header_(header),
        spec_(spec),
        evaluator_(spec, spec_file, files, header.version),
        store_(store, DesignStore::Mode::kWrite) {
    store_.begin(header_.sweep, spec_, evaluator_.inputs_hash());
    done_ = store_.finished(header_.sweep, spec_.size(), true);
  }

  /// All rows or, if one is wrong, none: throws InputError.
  void take(const std::vector<ShardRow>& rows, const std::string& file) {
    for (const ShardRow& row : rows) check(row, file);
    for (const ShardRow& row : rows) {
      if (done_[row.design.number]) continue;
      store_.put(header_.sweep, row.design, row.key);
      done_[row.design.number] = row.design.status != DesignStatus::kFailed;
    }
  }

  void find_missing(MergeResult& result) const {
    const std::vector<bool> there = store_.finished(header_.sweep, spec_.size(), false);
    for (std::uint64_t number = 0; number < there.size(); ++number) {
      if (there[number]) continue;
      const bool begins = number == 0 || there[number - 1];
      if (begins && result.missing_ranges.size() < kMissingRanges) result.missing_ranges.emplace_back(number, number);
      if (result.missing_ranges.back().second + 1 == number) result.missing_ranges.back().second = number;
      ++result.missing;
    }
  }

 private:
  /// The figures are those of that design, as far as can be seen without evaluating it again.
  void check(const ShardRow& row, const std::string& file) {
    if (row.design.status != DesignStatus::kDone) return;
    const std::string design = "design " + std::to_string(row.design.number);
    if (evaluator_.design(row.design.number).key != row.key) {
      throw InputError(file, design, "figures of other inputs", "the inputs as they are here and now");
    }
    const auto known = store_.find(row.key);
    if (known && !same_bits(*known, row.design.metrics)) {
      throw InputError(file, design, "other figures than the store's", "equal ones: the inputs are equal");
    }
  }

  const ShardHeader& header_;
  const SweepSpec& spec_;
  DesignEvaluator evaluator_;
  DesignStore store_;
  std::vector<bool> done_;  ///< or excluded
};

}  // namespace

MergeResult merge_shards(const fs::path& folder, const ShardHeader& header, const SweepSpec& spec,
                         const std::string& spec_file, const ShippedFiles& files, const fs::path& store, bool parts) {
  const std::vector<std::string> names = shard_files(folder);
  Merge merge(header, spec, spec_file, files, store);
  MergeResult result;
  const auto try_taking = [&](const fs::path& path, const auto& read) {
    try {
      merge.take(read(), path.string());
    } catch (const InputError& error) {
      result.skipped.emplace_back(error.what());
    }
  };
  for (const std::string& name : names) {
    const fs::path path = folder / name;
    try_taking(path, [&] { return read_shard_file(path, header, spec); });
  }
  if (parts) {
    for (const SweepShard& shard : shards_with_parts(folder)) {
      ShardHeader own = header;
      own.shard = shard;
      try_taking(folder / ("parts of " + shard_file_name(shard)), [&] {
        std::vector<ShardRow> rows;
        for (auto& [number, row] : ShardOutput(folder, own, spec).rows()) rows.push_back(row);
        return rows;
      });
    }
  }
  merge.find_missing(result);
  return result;
}

}  // namespace lnsim
