// SPDX-License-Identifier: Apache-2.0
// IDX (LeCun, "The MNIST database of handwritten digits"): big-endian magic 0x0000TTDD, TT the type (8: unsigned byte),
// DD the number of dimensions, then the dimensions, then the values.
#include <algorithm>

#include "sim/support/error.hpp"
#include "sim/training/dataset.hpp"

namespace lnsim::training {
namespace {

constexpr std::size_t kMostIdxBytes = std::size_t{1} << 30U;
constexpr std::uint64_t kMostSide = 4096;  // pixels

struct Idx {
  std::vector<std::uint64_t> dimensions;
  std::string bytes;  ///< of the values
};

/// The file of that name, or of that name with ".gz".
std::filesystem::path find_file(const std::filesystem::path& folder, const std::string& name) {
  std::error_code error;
  const std::filesystem::path plain = folder / name;
  if (std::filesystem::exists(plain, error)) return plain;
  const std::filesystem::path packed = folder / (name + ".gz");
  if (std::filesystem::exists(packed, error)) return packed;
  throw InputError(folder.string(), "", "no " + name + " or " + name + ".gz", "a folder with the four IDX files");
}

Idx read_file(const std::filesystem::path& path, unsigned dimensions) {
  Idx idx;
  std::string text = read_maybe_gzip(path, kMostIdxBytes);
  const auto word = [&](std::size_t i) {
    std::uint64_t value = 0;
    for (std::size_t byte = 4 * i; byte < 4 * i + 4; ++byte) {
      value = value << 8U | static_cast<unsigned char>(text[byte]);
    }
    return value;
  };
  const std::size_t head = 4 * (std::size_t{1} + dimensions);
  const std::string wanted = "IDX of unsigned bytes in " + std::to_string(dimensions) + " dimensions";
  if (text.size() < head) throw InputError(path.string(), "", std::to_string(text.size()) + " bytes", wanted);
  if (word(0) != (0x0800U | dimensions)) throw InputError(path.string(), "byte 0", std::to_string(word(0)), wanted);
  std::uint64_t values = 1;
  for (unsigned d = 0; d < dimensions; ++d) {
    const std::uint64_t size = word(1 + d);
    if (size == 0 || (d > 0 && size > kMostSide) || size > kMostIdxBytes / values) {
      throw InputError(path.string(), "byte " + std::to_string(4 * (1 + d)), std::to_string(size), "a size above 0");
    }
    values *= size;
    idx.dimensions.push_back(size);
  }
  if (text.size() != head + values) {
    throw InputError(path.string(), "", std::to_string(text.size() - head) + " values",
                     std::to_string(values) + ", as its dimensions say");
  }
  idx.bytes = text.substr(head);
  return idx;
}

Samples read_samples(const std::filesystem::path& folder, const std::string& part, Dataset& dataset) {
  const std::filesystem::path images_file = find_file(folder, part + "-images-idx3-ubyte");
  const std::filesystem::path labels_file = find_file(folder, part + "-labels-idx1-ubyte");
  const Idx images = read_file(images_file, 3);
  const Idx labels = read_file(labels_file, 1);
  if (images.dimensions[0] != labels.dimensions[0]) {
    throw InputError(labels_file.string(), "", std::to_string(labels.dimensions[0]) + " labels",
                     std::to_string(images.dimensions[0]) + ", one for each image");
  }
  if (dataset.classes > 0 && (images.dimensions[1] != dataset.height || images.dimensions[2] != dataset.width)) {
    throw InputError(images_file.string(), "", "images of another size", "that of the training images");
  }
  dataset.height = images.dimensions[1];
  dataset.width = images.dimensions[2];
  Samples samples;
  for (const char byte : images.bytes) samples.values.push_back(static_cast<unsigned char>(byte));
  for (const char byte : labels.bytes) samples.labels.push_back(static_cast<unsigned char>(byte));
  dataset.classes =
      std::max<std::uint64_t>(dataset.classes, 1U + *std::max_element(samples.labels.begin(), samples.labels.end()));
  return samples;
}

}  // namespace

Dataset read_idx(const std::filesystem::path& folder) {
  Dataset dataset;
  dataset.train = read_samples(folder, "train", dataset);
  dataset.test = read_samples(folder, "t10k", dataset);
  normalise(dataset);
  return dataset;
}

}  // namespace lnsim::training
