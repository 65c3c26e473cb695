// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/sweep/stored_design.hpp"
#include "sim/sweep/sweep_spec.hpp"

namespace lnsim {

/// The result of a query, as text.
struct QueryResult {
  std::vector<std::string> columns;
  std::vector<std::vector<std::optional<std::string>>> rows;  ///< empty: NULL
  std::vector<bool> numeric;                                  ///< per column: every value is a number
};

/// A file of evaluated designs (SQLite, write-ahead log). A design's figures are kept under the hash of all that
/// determines them, so that sweeps which share designs share their figures. Several processes may write at a time; each
/// needs an object of its own, made after fork(). What was put is there after a kill at any moment.
class DesignStore {
 public:
  enum class Mode : std::uint8_t { kWrite, kRead };

  /// kWrite makes the file if there is none. Throws InputError for a file that is no store of this version, that cannot
  /// be opened, or that lies on a network file system, whose locks a write-ahead log cannot rely on.
  DesignStore(const std::filesystem::path& path, Mode mode);
  ~DesignStore();
  DesignStore(const DesignStore&) = delete;
  DesignStore& operator=(const DesignStore&) = delete;

  /// Makes the sweep known: its text, axes and metrics. `id`: hash of the spec and the model's version; `inputs`: of
  /// the files that it names. Rows of other inputs are forgotten; figures are kept, under the hash of all that decides
  /// them.
  void begin(const std::string& id, const SweepSpec& spec, const std::string& inputs);
  /// Ids of the sweeps of that name, newest first.
  [[nodiscard]] std::vector<std::string> sweeps(const std::string& name) const;

  /// Designs of the sweep that have a row; `again`: failed ones do not count.
  [[nodiscard]] std::vector<bool> finished(const std::string& id, std::uint64_t size, bool again) const;
  /// The row of a design, if it has one.
  [[nodiscard]] std::optional<StoredDesign> row(const std::string& id, std::uint64_t number) const;
  /// Metrics of a design with that key, if some sweep evaluated it.
  [[nodiscard]] std::optional<std::vector<double>> find(const std::string& key) const;

  /// One step: the design's row and, if it was evaluated, its figures. Throws std::system_error where nothing can be
  /// written (a full disk).
  void put(const std::string& id, const StoredDesign& design, const std::string& key);

  /// Every row of a sweep, by number.
  void each(const std::string& id, const std::function<void(const StoredDesign&)>& visit) const;

  /// Rows of a SELECT over the view `designs` (number, status, error, a column per axis and metric) of a sweep. Nothing
  /// but reading is allowed, for at most `seconds`. Throws InputError for anything else and for what SQLite refuses.
  [[nodiscard]] QueryResult query(const std::string& id, const std::string& sql, double seconds) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lnsim
