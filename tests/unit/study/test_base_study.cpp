// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "sim/study/base_study.hpp"
#include "sim/workload/lower.hpp"
#include "sim/workload/network.hpp"

namespace lnsim {
namespace {

/// Two layers: a convolution that needs no input gradient, and a linear layer.
std::vector<LayerPass> passes() {
  Network network;
  network.name = "small";
  network.batch = 4;
  Conv2d conv;
  conv.in_channels = 3;
  conv.out_channels = 8;
  conv.height = conv.width = 6;
  conv.kernel = {3};
  Linear linear;
  linear.in_features = 128;
  linear.out_features = 10;
  for (const LayerOp& op : {LayerOp(conv), LayerOp(linear)}) {
    Layer layer;
    layer.name = std::string(type_name(op));
    layer.op = op;
    Entry entry;
    entry.name = layer.name;
    entry.layers = {layer};
    network.entries.push_back(entry);
  }
  LowerOptions options;
  options.batch = 4;
  return lower(network, options);
}

BaseStudy study(BaseStudyOptions options = {}) {
  options.samples = 20000;
  return study_bases(passes(), options);
}

std::size_t index_of(const BaseStudy& made, const LnsBase& base) {
  return static_cast<std::size_t>(std::find(made.bases.begin(), made.bases.end(), base) - made.bases.begin());
}

/// A cost that has nothing to do with the noise.
double odd_cost(const LnsBase& a, const LnsBase& b) {
  return 1.0 + static_cast<double>((a.bits * 7 + a.gamma * 3) % 11) +
         static_cast<double>((b.bits * 7 + b.gamma * 3) % 11);
}

}  // namespace

TEST_CASE("eight steps per octave give 32 dB, where the range is wide enough") {
  const BaseStudy made = study();
  // Rounding of a logarithm: rms error 2.5 % at gamma = 8 (uniform within a step).
  const double weight = snr_db(made.noise[0][index_of(made, {8, 8})]);
  CHECK(weight > 31.7);
  CHECK(weight < 32.3);
  // Twice the steps: 6 dB more.
  const double finer = snr_db(made.noise[0][index_of(made, {8, 16})]);
  CHECK(finer - weight > 5.5);
  CHECK(finer - weight < 6.5);
}

TEST_CASE("gradients need more octaves than weights") {
  const BaseStudy made = study();
  // LNS(6, 8) spans 3.9 octaves: too few for a log-normal tensor.
  const std::size_t narrow = index_of(made, {6, 8}), wide = index_of(made, {6, 2});
  CHECK(made.noise[2][narrow] > 4 * made.noise[0][narrow]);
  CHECK(made.noise[2][wide] < made.noise[2][narrow]);
}

TEST_CASE("the pairs hold every MAC of the iteration") {
  const BaseStudy made = study();
  std::uint64_t macs = 0, wanted = 0;
  for (const PairWork& pair : made.pairs) {
    CHECK(pair.a <= pair.b);
    macs += pair.macs;
  }
  for (const LayerPass& pass : passes()) wanted += pass.macs() * pass.repeat;
  CHECK(macs == wanted);
  CHECK(made.pairs.size() == 3);
}

TEST_CASE("a tensor that two passes read is studied once") {
  const BaseStudy made = study();
  std::vector<std::pair<std::string, std::string>> names;
  for (const TensorNoise& tensor : made.tensors) names.emplace_back(tensor.layer, tensor.tensor);
  std::sort(names.begin(), names.end());
  CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
  const auto x = std::find_if(made.tensors.begin(), made.tensors.end(), [](const TensorNoise& tensor) {
    return tensor.layer == "linear" && tensor.tensor == "x";
  });
  REQUIRE(x != made.tensors.end());
  CHECK(x->macs == 2 * 4 * 128 * 10);  // forward and weight gradient
}

TEST_CASE("the best choice is the best of all") {
  BaseStudyOptions few;
  few.least_bits = 4;
  few.most_bits = 5;
  const BaseStudy made = study(few);
  for (const double budget : {4.0, 8.0, 12.0, 30.0}) {
    std::optional<BaseChoice> wanted;
    for (const LnsBase& w : made.bases) {
      for (const LnsBase& a : made.bases) {
        for (const LnsBase& g : made.bases) {
          const BaseChoice choice = judge(made, {w, a, g}, odd_cost);
          if (choice.cost <= budget && (!wanted || choice.noise < wanted->noise)) wanted = choice;
        }
      }
    }
    const auto found = best_bases(made, odd_cost, budget);
    REQUIRE(found.has_value() == wanted.has_value());
    if (!found) continue;
    CHECK(found->noise == Approx(wanted->noise));
    CHECK(found->cost <= budget);
    CHECK(judge(made, found->bases, odd_cost).cost == Approx(found->cost));
  }
}

TEST_CASE("a larger budget never gives more noise, and none may give nothing") {
  const BaseStudy made = study();
  double before = std::numeric_limits<double>::infinity();
  for (const double budget : {3.0, 5.0, 8.0, 13.0, 21.0}) {
    const auto found = best_bases(made, odd_cost, budget);
    if (!found) continue;
    CHECK(found->noise <= before);
    before = found->noise;
  }
  CHECK(std::isfinite(before));
  CHECK(!best_bases(made, odd_cost, 0.5));
  // A unit that does not exist is never chosen.
  const auto none = [](const LnsBase& a, const LnsBase& b) {
    return std::max(a.bits, b.bits) > 4 ? std::numeric_limits<double>::infinity() : 1.0;
  };
  const BaseChoice narrow = best_bases(made, none, 1e6).value();
  for (const LnsBase& base : narrow.bases) CHECK(base.bits == 4);
}

TEST_CASE("bases beside the range are studied too, each once") {
  BaseStudyOptions options;
  options.least_bits = 4;
  options.most_bits = 4;
  options.also = {{8, 8}, {4, 2}, {8, 8}};
  const BaseStudy made = study(options);
  CHECK(index_of(made, {8, 8}) < made.bases.size());
  CHECK(std::count(made.bases.begin(), made.bases.end(), LnsBase{4, 2}) == 1);
  CHECK(std::is_sorted(made.bases.begin(), made.bases.end()));
}

}  // namespace lnsim
