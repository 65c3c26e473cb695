// SPDX-License-Identifier: Apache-2.0
// Normalisation per channel over the batch (batch_norm) and per row (layer_norm). Both divide by sqrt(variance + 1e-5),
// the variance by the number of values; running statistics move by a tenth (the defaults of PyTorch and TensorFlow 2's
// successors of Ioffe and Szegedy 2015, Ba et al. 2016), the running variance with Bessel's correction.
#include <cmath>

#include "sim/training/operation.hpp"

namespace lnsim::training {
namespace {

constexpr double kEpsilon = 1e-5;
constexpr double kMomentum = 0.1;

/// A group of values that are normalised together: base, base + step, ...
struct Group {
  std::size_t base, step, count;
};

struct Statistics {
  double mean = 0.0;
  double variance = 0.0;
  [[nodiscard]] double inverse() const { return 1.0 / std::sqrt(variance + kEpsilon); }
};

Statistics statistics_of(const std::vector<double>& x, const Group& group) {
  Statistics result;
  const auto count = static_cast<double>(group.count);
  for (std::size_t i = 0; i < group.count; ++i) result.mean += x[group.base + i * group.step];
  result.mean /= count;
  for (std::size_t i = 0; i < group.count; ++i) {
    const double d = x[group.base + i * group.step] - result.mean;
    result.variance += d * d;
  }
  result.variance /= count;
  return result;
}

/// dx of y = scale (x - mean) inverse with the group's own statistics. scale(i): of the group's i-th value.
template <class Scale>
void input_gradient(const std::vector<double>& x, const std::vector<double>& dy, const Group& group,
                    const Statistics& statistics, const Scale& scale, std::vector<double>& dx) {
  const double inverse = statistics.inverse();
  double sum = 0.0;
  double product = 0.0;
  for (std::size_t i = 0; i < group.count; ++i) {
    const std::size_t at = group.base + i * group.step;
    const double g = dy[at] * scale(i);
    sum += g;
    product += g * ((x[at] - statistics.mean) * inverse);
  }
  const auto count = static_cast<double>(group.count);
  for (std::size_t i = 0; i < group.count; ++i) {
    const std::size_t at = group.base + i * group.step;
    const double normal = (x[at] - statistics.mean) * inverse;
    dx[at] = inverse * (dy[at] * scale(i) - sum / count - normal * (product / count));
  }
}

class BatchNormOperation : public Operation {
 public:
  BatchNormOperation(const Model& model, const ModelNode& node)
      : channels_(std::get<BatchNorm>(node.op).channels),
        count_(model.tensors[node.output].elements / channels_),
        scale_(node.parameters[0]),
        shift_(node.parameters[1]),
        mean_(node.parameters[2]),
        variance_(node.parameters[3]),
        statistics_(channels_) {}

  void forward(std::span<const Values* const> inputs, Values& output, OperationContext& context) override {
    const std::vector<double>& x = inputs[0]->real;
    context.workers.run(channels_, [&](std::size_t c) {
      const Group group{c, channels_, count_};
      double& mean = context.parameters[mean_].real[c];
      double& variance = context.parameters[variance_].real[c];
      if (context.training) {
        statistics_[c] = statistics_of(x, group);
        const auto count = static_cast<double>(count_);
        const double unbiased = statistics_[c].variance * (count > 1.0 ? count / (count - 1.0) : 1.0);
        mean = static_cast<float>((1.0 - kMomentum) * mean + kMomentum * statistics_[c].mean);
        variance = static_cast<float>((1.0 - kMomentum) * variance + kMomentum * unbiased);
      }
      const Statistics used = context.training ? statistics_[c] : Statistics{mean, variance};
      const double factor = context.parameters[scale_].real[c] * used.inverse();
      const double shift = context.parameters[shift_].real[c];
      for (std::size_t i = 0; i < count_; ++i) {
        const std::size_t at = c + i * channels_;
        output.real[at] = (x[at] - used.mean) * factor + shift;
      }
    });
  }

  void backward(std::span<const Values* const> inputs, const Values& /*output*/, const Values& gradient,
                std::span<Values* const> gradients, OperationContext& context) override {
    const std::vector<double>& x = inputs[0]->real;
    context.workers.run(channels_, [&](std::size_t c) {
      const Group group{c, channels_, count_};
      const double inverse = statistics_[c].inverse();
      double scale_sum = 0.0;
      double shift_sum = 0.0;
      for (std::size_t i = 0; i < count_; ++i) {
        const std::size_t at = c + i * channels_;
        scale_sum += gradient.real[at] * ((x[at] - statistics_[c].mean) * inverse);
        shift_sum += gradient.real[at];
      }
      context.parameter_gradients[scale_][c] = scale_sum;
      context.parameter_gradients[shift_][c] = shift_sum;
      if (gradients[0] == nullptr) return;
      const double scale = context.parameters[scale_].real[c];
      input_gradient(
          x, gradient.real, group, statistics_[c], [&](std::size_t) { return scale; }, gradients[0]->real);
    });
  }

 private:
  std::size_t channels_, count_;
  std::size_t scale_, shift_, mean_, variance_;  // parameters
  std::vector<Statistics> statistics_;           // of the batch
};

class LayerNormOperation : public Operation {
 public:
  LayerNormOperation(const Model& model, const ModelNode& node)
      : width_(std::get<LayerNorm>(node.op).width),
        rows_(model.tensors[node.output].elements / width_),
        scale_(node.parameters[0]),
        shift_(node.parameters[1]),
        statistics_(rows_) {}

  void forward(std::span<const Values* const> inputs, Values& output, OperationContext& context) override {
    const std::vector<double>& x = inputs[0]->real;
    const std::vector<double>& scale = context.parameters[scale_].real;
    const std::vector<double>& shift = context.parameters[shift_].real;
    context.workers.run_pieces(rows_, kRows, [&](std::size_t first, std::size_t last) {
      for (std::size_t row = first; row < last; ++row) {
        statistics_[row] = statistics_of(x, {row * width_, 1, width_});
        const double inverse = statistics_[row].inverse();
        for (std::size_t i = 0; i < width_; ++i) {
          const std::size_t at = row * width_ + i;
          output.real[at] = (x[at] - statistics_[row].mean) * inverse * scale[i] + shift[i];
        }
      }
    });
  }

  void backward(std::span<const Values* const> inputs, const Values& /*output*/, const Values& gradient,
                std::span<Values* const> gradients, OperationContext& context) override {
    const std::vector<double>& x = inputs[0]->real;
    const std::vector<double>& scale = context.parameters[scale_].real;
    std::vector<double>& scale_sum = context.parameter_gradients[scale_];
    std::vector<double>& shift_sum = context.parameter_gradients[shift_];
    for (std::size_t row = 0; row < rows_; ++row) {
      const double inverse = statistics_[row].inverse();
      for (std::size_t i = 0; i < width_; ++i) {
        const std::size_t at = row * width_ + i;
        scale_sum[i] += gradient.real[at] * ((x[at] - statistics_[row].mean) * inverse);
        shift_sum[i] += gradient.real[at];
      }
    }
    if (gradients[0] == nullptr) return;
    context.workers.run_pieces(rows_, kRows, [&](std::size_t first, std::size_t last) {
      for (std::size_t row = first; row < last; ++row) {
        input_gradient(
            x, gradient.real, {row * width_, 1, width_}, statistics_[row], [&](std::size_t i) { return scale[i]; },
            gradients[0]->real);
      }
    });
  }

 private:
  static constexpr std::size_t kRows = 64;  // that a thread takes at a time
  std::size_t width_, rows_;
  std::size_t scale_, shift_;
  std::vector<Statistics> statistics_;
};

}  // namespace

std::unique_ptr<Operation> make_norm_operation(const Model& model, const ModelNode& node) {
  if (std::holds_alternative<BatchNorm>(node.op)) return std::make_unique<BatchNormOperation>(model, node);
  return std::make_unique<LayerNormOperation>(model, node);
}

}  // namespace lnsim::training
