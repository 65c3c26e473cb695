// SPDX-License-Identifier: Apache-2.0
#include "sim/data/random.hpp"
#include "sim/training/dataset.hpp"

namespace lnsim::training {
namespace {

constexpr std::uint64_t kSide = 8;
constexpr std::uint64_t kClasses = 10;
constexpr std::size_t kTrain = 1024;
constexpr std::size_t kTest = 512;
constexpr double kNoise = 1.5;  // over the deviation of the patterns: hard enough that accuracy is not 1

Samples make(std::size_t count, const std::vector<double>& patterns, Xoshiro256& random) {
  Samples samples;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t label = i % kClasses;
    samples.labels.push_back(static_cast<std::uint16_t>(label));
    for (std::uint64_t j = 0; j < kSide * kSide; ++j) {
      const double value = patterns[label * kSide * kSide + j] + kNoise * next_normal(random);
      samples.values.push_back(static_cast<float>(value));
    }
  }
  return samples;
}

}  // namespace

Dataset make_synthetic(const std::filesystem::path& /*none*/) {
  Xoshiro256 random(stream_seed(0, "dataset", "synthetic"));
  std::vector<double> patterns;
  for (std::uint64_t i = 0; i < kClasses * kSide * kSide; ++i) patterns.push_back(next_normal(random));
  Dataset dataset;
  dataset.height = kSide;
  dataset.width = kSide;
  dataset.classes = kClasses;
  dataset.train = make(kTrain, patterns, random);
  dataset.test = make(kTest, patterns, random);
  normalise(dataset);
  return dataset;
}

}  // namespace lnsim::training
