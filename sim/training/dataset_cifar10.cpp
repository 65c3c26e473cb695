// SPDX-License-Identifier: Apache-2.0
// CIFAR-10, binary version (Krizhevsky 2009, www.cs.toronto.edu/~kriz/cifar.html): records of a label and 3072 bytes,
// channel by channel.
#include <array>

#include "sim/support/error.hpp"
#include "sim/training/dataset.hpp"

namespace lnsim::training {
namespace {

constexpr std::size_t kCifarSide = 32;
constexpr std::size_t kChannels = 3;
constexpr std::size_t kRecord = 1 + kCifarSide * kCifarSide * kChannels;
constexpr unsigned kCifarClasses = 10;

void read_batch(const std::filesystem::path& path, Samples& samples) {
  constexpr std::size_t kMostRecords = 1U << 17U;
  const std::string text = read_maybe_gzip(path, kMostRecords * kRecord);
  if (text.empty() || text.size() % kRecord != 0) {
    throw InputError(path.string(), "", std::to_string(text.size()) + " bytes",
                     "records of " + std::to_string(kRecord) + " bytes");
  }
  for (std::size_t record = 0; record < text.size(); record += kRecord) {
    const auto label = static_cast<unsigned char>(text[record]);
    if (label >= kCifarClasses) {
      throw InputError(path.string(), "byte " + std::to_string(record), std::to_string(label), "a label 0..9");
    }
    samples.labels.push_back(label);
    for (std::size_t pixel = 0; pixel < kCifarSide * kCifarSide; ++pixel) {
      for (std::size_t c = 0; c < kChannels; ++c) {
        samples.values.push_back(static_cast<unsigned char>(text[record + 1 + c * kCifarSide * kCifarSide + pixel]));
      }
    }
  }
}

}  // namespace

Dataset read_cifar10(const std::filesystem::path& folder) {
  Dataset dataset;
  dataset.height = kCifarSide;
  dataset.width = kCifarSide;
  dataset.channels = kChannels;
  dataset.classes = kCifarClasses;
  for (const char* name :
       {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"}) {
    read_batch(folder / name, dataset.train);
  }
  read_batch(folder / "test_batch.bin", dataset.test);
  normalise(dataset);
  return dataset;
}

}  // namespace lnsim::training
