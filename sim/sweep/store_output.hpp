// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "sim/sweep/sweep_output.hpp"
#include "sim/sweep/sweep_spec.hpp"

namespace lnsim {

/// Keeps a sweep's rows in a DesignStore. Its functions throw what DesignStore's constructor throws.
class StoreOutput final : public SweepOutput {
 public:
  /// `id`: sweep_id(); `inputs`: DesignEvaluator::inputs_hash(). `spec` must outlive it. Touches no file.
  StoreOutput(std::filesystem::path path, std::string id, const SweepSpec& spec, std::string inputs);
  [[nodiscard]] std::vector<bool> begin(bool again) override;
  [[nodiscard]] std::unique_ptr<DesignSink> open() const override;

 private:
  std::filesystem::path path_;
  std::string id_;
  const SweepSpec& spec_;
  std::string inputs_;
};

}  // namespace lnsim
