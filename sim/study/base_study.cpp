// SPDX-License-Identifier: Apache-2.0
#include "sim/study/base_study.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>
#include <utility>

#include "sim/data/npy.hpp"
#include "sim/data/synthetic.hpp"
#include "sim/numerics/lns.hpp"
#include "sim/support/text.hpp"

namespace lnsim {
namespace {

constexpr unsigned kMostGammaBits = 6;  ///< gamma up to 64: beyond, 8 bits span less than two octaves

std::vector<LnsBase> bases_of(const BaseStudyOptions& options) {
  std::vector<LnsBase> bases;
  for (unsigned bits = options.least_bits; bits <= options.most_bits; ++bits) {
    for (unsigned log = 0; log <= std::min(bits - 1, kMostGammaBits); ++log) bases.push_back({bits, 1U << log});
  }
  bases.insert(bases.end(), options.also.begin(), options.also.end());
  std::sort(bases.begin(), bases.end());
  bases.erase(std::unique(bases.begin(), bases.end()), bases.end());
  return bases;
}

std::size_t index_of(Role role) {
  const auto found = std::find(kStudiedRoles.begin(), kStudiedRoles.end(), role);
  return static_cast<std::size_t>(found - kStudiedRoles.begin());  // the size of the list for other roles
}

double noise_of(const std::vector<double>& values, const numerics::Format& format) {
  double largest = 0.0;
  for (const double value : values) largest = std::max(largest, std::abs(value));
  const double scale = format.usual_scale(largest);
  double signal = 0.0, noise = 0.0;
  for (const double value : values) {
    const double error = value - format.decode(format.encode(value, scale).code, scale);
    signal += value * value;
    noise += error * error;
  }
  return signal > 0.0 ? noise / signal : 0.0;
}

class Study {
 public:
  explicit Study(const BaseStudyOptions& options) : options_(options) {
    study_.bases = bases_of(options);
    for (const LnsBase& base : study_.bases) formats_.push_back(format_of(base));
  }

  BaseStudy run(const std::vector<LayerPass>& passes) {
    for (const LayerPass& pass : passes) {
      for (const Gemm& gemm : pass.gemms) add(pass, gemm);
    }
    for (std::size_t role = 0; role < kStudiedRoles.size(); ++role) average(role);
    return std::move(study_);
  }

 private:
  void add(const LayerPass& pass, const Gemm& gemm) {
    const std::size_t a = index_of(pass.tensors[gemm.a.tensor].role);
    const std::size_t b = index_of(pass.tensors[gemm.b.tensor].role);
    if (a == kStudiedRoles.size() || b == kStudiedRoles.size()) return;
    const std::uint64_t macs = checked_mul(gemm.macs(), pass.repeat);
    const auto same = [&](const PairWork& pair) { return pair.a == std::min(a, b) && pair.b == std::max(a, b); };
    auto pair = std::find_if(study_.pairs.begin(), study_.pairs.end(), same);
    if (pair == study_.pairs.end()) pair = study_.pairs.insert(pair, {std::min(a, b), std::max(a, b), 0});
    pair->macs = checked_add(pair->macs, macs);
    for (const std::size_t tensor : {gemm.a.tensor, gemm.b.tensor}) read(pass, pass.tensors[tensor], macs);
  }

  /// A tensor that several GEMMs read is studied once; x of the forward and of the weight gradient are one.
  void read(const LayerPass& pass, const Tensor& tensor, std::uint64_t macs) {
    const auto [place, fresh] = seen_.try_emplace({pass.layer, tensor.name}, study_.tensors.size());
    if (fresh) {
      TensorNoise& added = study_.tensors.emplace_back();
      added.layer = pass.layer;
      added.tensor = tensor.name;
      added.role = tensor.role;
      added.noise = noises(pass.layer, tensor, added.measured);
    }
    TensorNoise& known = study_.tensors[place->second];
    known.macs = checked_add(known.macs, macs);
  }

  std::vector<double> noises(const std::string& layer, const Tensor& tensor, bool& measured) {
    if (options_.tensors) {
      const std::filesystem::path file = *options_.tensors / (layer + "." + tensor.name + ".npy");
      if (std::filesystem::exists(file)) {
        measured = true;
        return of_values(sampled(read_npy(file, tensor.elements)));
      }
    }
    // Synthetic tensors of one distribution are alike.
    const Distribution distribution = usual_distribution(tensor);
    const auto key = std::tuple(distribution.kind, std::min(tensor.elements, options_.samples));
    const auto found = synthetic_.find(key);
    if (found != synthetic_.end()) return found->second;
    std::vector<double> values(std::min(tensor.elements, options_.samples));
    // The scale of LNS follows the largest magnitude, so that of the distribution does not matter.
    SyntheticTensor(options_.seed, "study", tensor.name, {distribution.kind, 1.0}).fill(0, values);
    return synthetic_[key] = of_values(values);
  }

  [[nodiscard]] std::vector<double> sampled(std::vector<double> values) const {
    const std::uint64_t count = std::min<std::uint64_t>(values.size(), options_.samples);
    // The largest magnitude sets the scale, so it is among the samples.
    const auto largest =
        std::max_element(values.begin(), values.end(), [](double x, double y) { return std::abs(x) < std::abs(y); });
    std::vector<double> samples = {largest == values.end() ? 0.0 : *largest};
    for (std::uint64_t i = 1; i < count; ++i) samples.push_back(values[i * values.size() / count]);
    return samples;
  }

  [[nodiscard]] std::vector<double> of_values(const std::vector<double>& values) const {
    std::vector<double> noises;
    for (const numerics::FormatPtr& format : formats_) noises.push_back(noise_of(values, *format));
    return noises;
  }

  void average(std::size_t role) {
    std::vector<double>& mean = study_.noise[role];
    double macs = 0.0;
    for (const TensorNoise& tensor : study_.tensors) {
      if (index_of(tensor.role) != role) continue;
      mean.resize(study_.bases.size(), 0.0);
      macs += static_cast<double>(tensor.macs);
      for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += tensor.noise[i] * static_cast<double>(tensor.macs);
    }
    for (double& noise : mean) noise /= macs;
  }

  const BaseStudyOptions& options_;
  BaseStudy study_;
  std::vector<numerics::FormatPtr> formats_;
  std::map<std::pair<std::string, std::string>, std::size_t> seen_;
  std::map<std::tuple<DistributionKind, std::uint64_t>, std::vector<double>> synthetic_;
};

std::uint64_t all_macs(const BaseStudy& study) {
  std::uint64_t macs = 0;
  for (const PairWork& pair : study.pairs) macs += pair.macs;
  return macs;
}

/// Costs of pairs of bases, each asked for once.
class Costs {
 public:
  Costs(const BaseStudy& study, const PairCost& cost) : size_(study.bases.size()), known_(size_ * size_) {
    for (std::size_t a = 0; a < size_; ++a) {
      for (std::size_t b = a; b < size_; ++b) {
        known_[a * size_ + b] = known_[b * size_ + a] = cost(study.bases[a], study.bases[b]);
      }
    }
  }
  [[nodiscard]] double of(std::size_t a, std::size_t b) const { return known_[a * size_ + b]; }

 private:
  std::size_t size_;
  std::vector<double> known_;
};

}  // namespace

numerics::FormatPtr format_of(const LnsBase& base) {
  return numerics::make_lns(base.bits, base.gamma, numerics::ZeroMode::kZeroCode);
}

double snr_db(double noise) {
  return noise > 0.0 ? -10.0 * std::log10(noise) : std::numeric_limits<double>::infinity();
}

BaseStudy study_bases(const std::vector<LayerPass>& passes, const BaseStudyOptions& options) {
  return Study(options).run(passes);
}

BaseChoice judge(const BaseStudy& study, const std::array<LnsBase, kStudiedRoles.size()>& bases, const PairCost& cost) {
  BaseChoice choice;
  choice.bases = bases;
  const auto macs = static_cast<double>(all_macs(study));
  const auto noise = [&](std::size_t role) {
    const auto found = std::find(study.bases.begin(), study.bases.end(), bases[role]);
    return found == study.bases.end() ? std::numeric_limits<double>::quiet_NaN()
                                      : study.noise[role][static_cast<std::size_t>(found - study.bases.begin())];
  };
  for (const PairWork& pair : study.pairs) {
    const double share = static_cast<double>(pair.macs) / macs;
    choice.noise += share * (noise(pair.a) + noise(pair.b));
    choice.cost += share * cost(bases[pair.a], bases[pair.b]);
  }
  return choice;
}

std::optional<BaseChoice> best_bases(const BaseStudy& study, const PairCost& cost, double budget) {
  const Costs costs(study, cost);
  const auto macs = static_cast<double>(all_macs(study));
  std::optional<BaseChoice> best;
  // A role that no GEMM reads stays at the first base.
  std::array<std::size_t, kStudiedRoles.size()> ends{};
  for (std::size_t role = 0; role < ends.size(); ++role)
    ends[role] = study.noise[role].empty() ? 1 : study.bases.size();
  std::array<std::size_t, kStudiedRoles.size()> at{};
  const auto bits = [&](const BaseChoice& choice) {
    unsigned sum = 0;
    for (const LnsBase& base : choice.bases) sum += base.bits;
    return sum;
  };
  for (at[0] = 0; at[0] < ends[0]; ++at[0]) {
    for (at[1] = 0; at[1] < ends[1]; ++at[1]) {
      for (at[2] = 0; at[2] < ends[2]; ++at[2]) {
        BaseChoice choice;
        for (const PairWork& pair : study.pairs) {
          const double share = static_cast<double>(pair.macs) / macs;
          choice.noise += share * (study.noise[pair.a][at[pair.a]] + study.noise[pair.b][at[pair.b]]);
          choice.cost += share * costs.of(at[pair.a], at[pair.b]);
        }
        if (!(choice.cost <= budget)) continue;
        for (std::size_t role = 0; role < at.size(); ++role) choice.bases[role] = study.bases[at[role]];
        if (!best ||
            std::tuple(choice.noise, choice.cost, bits(choice)) < std::tuple(best->noise, best->cost, bits(*best))) {
          best = choice;
        }
      }
    }
  }
  return best;
}

}  // namespace lnsim
