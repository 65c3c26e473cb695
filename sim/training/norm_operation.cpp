// SPDX-License-Identifier: Apache-2.0
// Normalisation per channel over the batch (batch_norm) and per row (layer_norm). Both divide by sqrt(variance + 1e-5),
// the variance by the number of values; running statistics move by a tenth (the defaults of PyTorch and TensorFlow 2's
// successors of Ioffe and Szegedy 2015, Ba et al. 2016), the running variance with Bessel's correction.
#include <algorithm>
#include <cmath>

#include "sim/training/operation.hpp"

namespace lnsim::training {
namespace {

constexpr double kEpsilon = 1e-5;
constexpr double kMomentum = 0.1;

/// Values of a row that are normalised together.
struct Group {
  std::size_t base, count;
};

struct Statistics {
  double mean = 0.0;
  double variance = 0.0;
  [[nodiscard]] double inverse() const { return 1.0 / std::sqrt(variance + kEpsilon); }
};

Statistics statistics_of(const std::vector<double>& x, const Group& group) {
  Statistics result;
  const auto count = static_cast<double>(group.count);
  for (std::size_t i = 0; i < group.count; ++i) result.mean += x[group.base + i];
  result.mean /= count;
  for (std::size_t i = 0; i < group.count; ++i) {
    const double d = x[group.base + i] - result.mean;
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
    const std::size_t at = group.base + i;
    const double g = dy[at] * scale(i);
    sum += g;
    product += g * ((x[at] - statistics.mean) * inverse);
  }
  const auto count = static_cast<double>(group.count);
  for (std::size_t i = 0; i < group.count; ++i) {
    const std::size_t at = group.base + i;
    const double normal = (x[at] - statistics.mean) * inverse;
    dx[at] = inverse * (dy[at] * scale(i) - sum / count - normal * (product / count));
  }
}

/// Sums per channel over the rows of a tensor. Rows are cut into pieces of fixed length, whose sums are added in order:
/// the result does not depend on threads, and memory is walked as it lies.
class ChannelSums {
 public:
  ChannelSums(std::size_t rows, std::size_t channels)
      : rows_(rows), channels_(channels), parts_((rows + kRows - 1) / kRows * channels) {}

  /// add(row, sums) adds a row's values to one sum per channel.
  template <class Add>
  std::vector<double> sum(Workers& workers, const Add& add) {
    workers.run_pieces(rows_, kRows, [&](std::size_t first, std::size_t last) {
      double* const part = parts_.data() + first / kRows * channels_;
      std::fill_n(part, channels_, 0.0);
      for (std::size_t row = first; row < last; ++row) add(row, part);
    });
    std::vector<double> sums(channels_, 0.0);
    for (std::size_t i = 0; i < parts_.size(); ++i) sums[i % channels_] += parts_[i];
    return sums;
  }

  template <class Row>
  void for_rows(Workers& workers, const Row& row) const {
    workers.run_pieces(rows_, kRows, [&](std::size_t first, std::size_t last) {
      for (std::size_t i = first; i < last; ++i) row(i);
    });
  }

 private:
  static constexpr std::size_t kRows = 512;
  std::size_t rows_, channels_;
  std::vector<double> parts_;
};

class BatchNormOperation : public Operation {
 public:
  BatchNormOperation(const Model& model, const ModelNode& node)
      : channels_(std::get<BatchNorm>(node.op).channels),
        count_(model.tensors[node.output].elements / channels_),
        scale_(node.parameters[0]),
        shift_(node.parameters[1]),
        mean_(node.parameters[2]),
        variance_(node.parameters[3]),
        sums_(count_, channels_),
        batch_mean_(channels_),
        batch_inverse_(channels_) {}

  void forward(std::span<const Values* const> inputs, Values& output, OperationContext& context) override {
    const double* const x = inputs[0]->real.data();
    if (context.training) take_statistics(x, context);
    std::vector<double> mean = context.training ? batch_mean_ : context.parameters[mean_].real;
    std::vector<double> factor(channels_);
    for (std::size_t c = 0; c < channels_; ++c) {
      const double inverse =
          context.training ? batch_inverse_[c] : Statistics{0.0, context.parameters[variance_].real[c]}.inverse();
      factor[c] = context.parameters[scale_].real[c] * inverse;
    }
    const double* const shift = context.parameters[shift_].real.data();
    sums_.for_rows(context.workers, [&](std::size_t row) {
      const std::size_t base = row * channels_;
      for (std::size_t c = 0; c < channels_; ++c) {
        output.real[base + c] = (x[base + c] - mean[c]) * factor[c] + shift[c];
      }
    });
  }

  void backward(std::span<const Values* const> inputs, const Values& /*output*/, const Values& gradient,
                std::span<Values* const> gradients, OperationContext& context) override {
    const double* const x = inputs[0]->real.data();
    const double* const dy = gradient.real.data();
    const std::vector<double> shift_sum = sums_.sum(context.workers, [&](std::size_t row, double* sums) {
      for (std::size_t c = 0; c < channels_; ++c) sums[c] += dy[row * channels_ + c];
    });
    const std::vector<double> scale_sum = sums_.sum(context.workers, [&](std::size_t row, double* sums) {
      const std::size_t base = row * channels_;
      for (std::size_t c = 0; c < channels_; ++c) {
        sums[c] += dy[base + c] * ((x[base + c] - batch_mean_[c]) * batch_inverse_[c]);
      }
    });
    context.parameter_gradients[scale_] = scale_sum;
    context.parameter_gradients[shift_] = shift_sum;
    if (gradients[0] == nullptr) return;
    // dx = scale inverse (dy - mean of dy - normal * mean of dy normal)
    double* const dx = gradients[0]->real.data();
    const std::vector<double>& scale = context.parameters[scale_].real;
    const auto count = static_cast<double>(count_);
    sums_.for_rows(context.workers, [&](std::size_t row) {
      const std::size_t base = row * channels_;
      for (std::size_t c = 0; c < channels_; ++c) {
        const double normal = (x[base + c] - batch_mean_[c]) * batch_inverse_[c];
        const double rest = dy[base + c] - shift_sum[c] / count - normal * (scale_sum[c] / count);
        dx[base + c] = scale[c] * batch_inverse_[c] * rest;
      }
    });
  }

 private:
  void take_statistics(const double* x, OperationContext& context) {
    const auto count = static_cast<double>(count_);
    batch_mean_ = sums_.sum(context.workers, [&](std::size_t row, double* sums) {
      for (std::size_t c = 0; c < channels_; ++c) sums[c] += x[row * channels_ + c];
    });
    for (double& mean : batch_mean_) mean /= count;
    const std::vector<double> squares = sums_.sum(context.workers, [&](std::size_t row, double* sums) {
      for (std::size_t c = 0; c < channels_; ++c) {
        const double d = x[row * channels_ + c] - batch_mean_[c];
        sums[c] += d * d;
      }
    });
    const double unbias = count > 1.0 ? count / (count - 1.0) : 1.0;
    for (std::size_t c = 0; c < channels_; ++c) {
      const double variance = squares[c] / count;
      batch_inverse_[c] = Statistics{0.0, variance}.inverse();
      double& running_mean = context.parameters[mean_].real[c];
      double& running_variance = context.parameters[variance_].real[c];
      running_mean = static_cast<float>((1.0 - kMomentum) * running_mean + kMomentum * batch_mean_[c]);
      running_variance = static_cast<float>((1.0 - kMomentum) * running_variance + kMomentum * (variance * unbias));
    }
  }

  std::size_t channels_, count_;
  std::size_t scale_, shift_, mean_, variance_;  // parameters
  ChannelSums sums_;
  std::vector<double> batch_mean_, batch_inverse_;  // of the batch
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
        statistics_[row] = statistics_of(x, {row * width_, width_});
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
            x, gradient.real, {row * width_, width_}, statistics_[row], [&](std::size_t i) { return scale[i]; },
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
