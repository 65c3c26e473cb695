// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lnsim::training {

/// Labelled samples side by side, each height x width x channels values, channels fastest.
struct Samples {
  std::vector<float> values;
  std::vector<std::uint16_t> labels;
  [[nodiscard]] std::size_t size() const { return labels.size(); }
};

/// A task of classification. Values are normalised: mean 0 and standard deviation 1 over all training values.
struct Dataset {
  std::string name;
  std::uint64_t height = 1;
  std::uint64_t width = 1;
  std::uint64_t channels = 1;
  std::uint64_t classes = 0;
  Samples train;
  Samples test;
  [[nodiscard]] std::uint64_t features() const { return height * width * channels; }
};

/// A kind of data set that can be read.
struct DatasetKind {
  std::string_view name;
  std::string_view text;   ///< what it is, for help and docs
  std::string_view usual;  ///< where it lies: below a root of the shipped files, or absolute; "": nowhere
  /// Throws InputError for files that are missing, truncated, damaged, or hold something else.
  Dataset (*read)(const std::filesystem::path& path);
};

/// Every kind, in a fixed order.
[[nodiscard]] std::span<const DatasetKind> dataset_kinds();

/// "KIND" (at its usual place) or "KIND:PATH". `roots`: of the shipped files. Throws InputError.
[[nodiscard]] Dataset read_dataset(const std::string& text, std::span<const std::filesystem::path> roots);

// Readers of the kinds.
[[nodiscard]] Dataset read_idx(const std::filesystem::path& folder);
[[nodiscard]] Dataset read_cifar10(const std::filesystem::path& folder);
[[nodiscard]] Dataset read_digits(const std::filesystem::path& file);
[[nodiscard]] Dataset make_synthetic(const std::filesystem::path& none);

/// The bytes of a file, decompressed if it is gzip. Throws InputError if it cannot be read, is damaged or ends early,
/// or holds more than most_bytes.
[[nodiscard]] std::string read_maybe_gzip(const std::filesystem::path& path, std::size_t most_bytes);

/// Shifts and scales all values by what the training values have.
void normalise(Dataset& dataset);

}  // namespace lnsim::training
