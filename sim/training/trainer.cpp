// SPDX-License-Identifier: Apache-2.0
#include "sim/training/trainer.hpp"

#include <algorithm>
#include <numeric>

#include "sim/data/random.hpp"
#include "sim/numerics/format.hpp"
#include "sim/support/error.hpp"
#include "sim/training/bit_true.hpp"

namespace lnsim::training {
namespace {

ArithmeticCounts difference(const ArithmeticCounts& after, const ArithmeticCounts& before) {
  return {after.macs - before.macs, after.saturations - before.saturations, after.rounded - before.rounded,
          after.clipped - before.clipped};
}

void check_fit(const Network& network, const Dataset& dataset, const Model& model) {
  const std::uint64_t in = model.tensors.front().elements / model.batch;
  const std::uint64_t out = model.tensors[model.output()].elements / model.batch;
  if (in != dataset.features()) {
    throw InputError(network.file, "/layers/0", std::to_string(in) + " input elements",
                     std::to_string(dataset.features()) + ", those of a sample of " + dataset.name);
  }
  if (out < dataset.classes) {
    throw InputError(network.file, "/layers/" + std::to_string(network.entries.size() - 1),
                     std::to_string(out) + " outputs",
                     "one for each of " + std::to_string(dataset.classes) + " classes");
  }
}

void save_record(ByteWriter& out, const EpochRecord& record) {
  out.number(record.epoch);
  out.number(record.steps);
  for (const double x :
       {record.learning_rate, record.train_loss, record.train_accuracy, record.test_loss, record.test_accuracy}) {
    out.number(x);
  }
  record.counts.save(out);
}

void save_bytes(ByteWriter& out, const std::vector<std::byte>& bytes) {
  out.text({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

/// As many as there are.
void load_bytes(ByteReader& in, std::vector<std::byte>& bytes) {
  const std::string text = in.text();
  if (text.size() != bytes.size()) throw BytesError("codes of another format");
  std::transform(text.begin(), text.end(), bytes.begin(), [](char c) { return static_cast<std::byte>(c); });
}

EpochRecord load_record(ByteReader& in) {
  EpochRecord record;
  record.epoch = in.count();
  record.steps = in.count();
  for (double* x :
       {&record.learning_rate, &record.train_loss, &record.train_accuracy, &record.test_loss, &record.test_accuracy}) {
    *x = in.real();
  }
  record.counts.load(in);
  return record;
}

}  // namespace

double usual_learning_rate(Optimizer optimizer) {
  switch (optimizer) {
    case Optimizer::kMadam: return 0x1p-4;
    case Optimizer::kAdam: return 0.001;  // Kingma and Ba 2015
    case Optimizer::kSgdMomentum: break;
  }
  return 0.05;
}

double schedule_factor(Schedule schedule, std::uint64_t step, std::uint64_t steps) {
  const double done = static_cast<double>(step) / static_cast<double>(steps);
  switch (schedule) {
    case Schedule::kConstant: return 1.0;
    case Schedule::kStep: return done < 0.5 ? 1.0 : done < 0.75 ? 0.1 : 0.01;
    case Schedule::kCosine: break;
  }
  // 1/2 (1 + cos(pi x)) = cos^2(pi x / 2), of the series of the cosine: the same everywhere. Its term of y^22 is below
  // 1e-16 for y <= pi / 2.
  const double y = 1.57079632679489661923 * done;
  double term = 1.0;
  double cosine = 1.0;
  for (int n = 2; n <= 22; n += 2) {
    term *= -y * y / (n * (n - 1));
    cosine += term;
  }
  return cosine * cosine;
}

std::vector<std::uint32_t> epoch_order(std::uint64_t seed, std::uint64_t epoch, std::size_t count) {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  Xoshiro256 random(stream_seed(seed, "order", std::to_string(epoch)));
  for (std::size_t i = count; i > 1; --i) {
    // Products of 32 bits: the bias of the multiplication is below 2^-32 * i.
    const auto j = static_cast<std::size_t>(((random.next() >> 32U) * i) >> 32U);
    std::swap(order[i - 1], order[j]);
  }
  return order;
}

Trainer::Trainer(const Network& network, const Dataset& dataset, const Scheme& scheme, const TrainingSettings& settings,
                 Workers& workers)
    : dataset_(dataset), settings_(settings), workers_(workers), model_(build_model(network, settings.batch)) {
  check_fit(network, dataset, model_);
  if (dataset.train.size() < settings.batch) {
    throw InputError("--batch", "", std::to_string(settings.batch),
                     "at most the " + std::to_string(dataset.train.size()) + " training samples");
  }
  check_scheme(scheme, settings.vector_size, "scheme " + scheme.name);
  arithmetic_ = std::make_unique<BitTrue>(scheme, static_cast<unsigned>(settings.vector_size), model_.slots, workers,
                                          settings.seed);
  rules_ = make_rules(model_, scheme, network.family, settings.optimizer, settings.learning_rate, settings.seed,
                      *arithmetic_, parameters_);
  run_ = std::make_unique<NetworkRun>(model_, *arithmetic_, workers_, parameters_);
  batch_values_.resize(settings.batch * dataset.features());
  batch_labels_.resize(settings.batch);
  output_gradient_.resize(model_.tensors[model_.output()].elements);
  before_ = arithmetic_->counts();
}

std::uint64_t Trainer::steps_per_epoch() const { return dataset_.train.size() / settings_.batch; }

std::uint64_t Trainer::parameter_count() const {
  std::uint64_t count = 0;
  for (const ModelParameter& parameter : model_.parameters) count += parameter.trained() ? parameter.elements : 0;
  return count;
}

void Trainer::load_batch(const Samples& samples, std::size_t first, const std::vector<std::uint32_t>* order) {
  const std::size_t features = dataset_.features();
  for (std::size_t i = 0; i < settings_.batch; ++i) {
    // A last batch that is not full repeats its last sample; its outputs are not looked at.
    const std::size_t at = std::min(first + i, samples.size() - 1);
    const std::size_t sample = order != nullptr ? (*order)[at] : at;
    std::copy_n(samples.values.begin() + static_cast<std::ptrdiff_t>(sample * features), features,
                batch_values_.begin() + static_cast<std::ptrdiff_t>(i * features));
    batch_labels_[i] = samples.labels[sample];
  }
}

void Trainer::step() {
  const std::uint64_t epoch = steps_ / steps_per_epoch();
  if (order_epoch_ != epoch) {
    order_ = epoch_order(settings_.seed, epoch, dataset_.train.size());
    order_epoch_ = epoch;
  }
  learning_rate_ =
      settings_.learning_rate * schedule_factor(settings_.schedule, steps_, settings_.epochs * steps_per_epoch());
  try {
    load_batch(dataset_.train, steps_ % steps_per_epoch() * settings_.batch, &order_);
    const Values& outputs = run_->forward(batch_values_, true);
    const double factor = settings_.loss_scale / static_cast<double>(settings_.batch);
    epoch_loss_ += cross_entropy(outputs.real, batch_labels_, factor, output_gradient_);
    run_->backward(output_gradient_);
    std::vector<double> gradient;
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      if (!rules_[i]) continue;
      gradient = run_->gradient(i);
      if (settings_.loss_scale != 1.0) {
        for (double& g : gradient) g /= settings_.loss_scale;
      }
      rules_[i]->step(gradient, learning_rate_, parameters_[i], *arithmetic_);
    }
    ++steps_;
    if (steps_ % steps_per_epoch() == 0) end_epoch();
  } catch (const NotFinite& error) {
    throw Diverged("step " + std::to_string(steps_ + 1) + ": " + error.what());
  } catch (const numerics::CodeError& error) {
    throw Diverged("step " + std::to_string(steps_ + 1) + ": " + error.what());
  }
}

LossSum Trainer::test() {
  LossSum sum;
  const std::size_t classes = output_gradient_.size() / settings_.batch;
  for (std::size_t first = 0; first < dataset_.test.size(); first += settings_.batch) {
    load_batch(dataset_.test, first, nullptr);
    const std::size_t count = std::min<std::size_t>(settings_.batch, dataset_.test.size() - first);
    const Values& outputs = run_->forward(batch_values_, false);
    sum +=
        cross_entropy(std::span(outputs.real).first(count * classes), std::span(batch_labels_).first(count), 1.0, {});
  }
  return sum;
}

void Trainer::end_epoch() {
  const LossSum tested = test();
  const auto mean = [](const LossSum& sum, double value) { return value / static_cast<double>(sum.samples); };
  EpochRecord record;
  record.epoch = records_.size() + 1;
  record.steps = steps_;
  record.learning_rate = learning_rate_;
  record.train_loss = mean(epoch_loss_, epoch_loss_.loss);
  record.train_accuracy = mean(epoch_loss_, static_cast<double>(epoch_loss_.correct));
  record.test_loss = mean(tested, tested.loss);
  record.test_accuracy = mean(tested, static_cast<double>(tested.correct));
  record.counts = difference(arithmetic_->counts(), before_);
  before_ = arithmetic_->counts();
  epoch_loss_ = {};
  records_.push_back(record);
}

std::string Trainer::save() const {
  ByteWriter out;
  out.number(steps_);
  out.number(epoch_loss_.loss);
  out.number(epoch_loss_.correct);
  out.number(epoch_loss_.samples);
  out.number(learning_rate_);
  before_.save(out);
  out.number(std::uint64_t{records_.size()});
  for (const EpochRecord& record : records_) save_record(out, record);
  arithmetic_->save(out);
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    out.doubles(parameters_[i].real);
    out.number(parameters_[i].codes.scale);
    save_bytes(out, parameters_[i].codes.codes);
    if (!parameters_[i].codes.block_scales.empty()) save_bytes(out, parameters_[i].codes.block_scales);
    if (rules_[i]) rules_[i]->save(out);
  }
  return out.bytes();
}

void Trainer::load(std::string_view state) {
  ByteReader in(state);
  steps_ = in.count();
  epoch_loss_.loss = in.real();
  epoch_loss_.correct = in.count();
  epoch_loss_.samples = in.count();
  learning_rate_ = in.real();
  before_.load(in);
  const std::uint64_t records = in.count();
  if (records > settings_.epochs || steps_ / steps_per_epoch() != records) throw BytesError("epochs out of range");
  records_.clear();
  for (std::uint64_t i = 0; i < records; ++i) records_.push_back(load_record(in));
  arithmetic_->load(in);
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    parameters_[i].real = in.doubles(parameters_[i].real.size());
    parameters_[i].codes.scale = in.real();
    load_bytes(in, parameters_[i].codes.codes);
    if (!parameters_[i].codes.block_scales.empty()) load_bytes(in, parameters_[i].codes.block_scales);
    if (rules_[i]) rules_[i]->load(in);
  }
  if (!in.at_end()) throw BytesError("goes on behind the state");
}

}  // namespace lnsim::training
