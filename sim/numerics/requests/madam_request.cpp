// SPDX-License-Identifier: Apache-2.0
#include "sim/numerics/madam.hpp"
#include "sim/numerics/requests/operations.hpp"

namespace lnsim::numerics {
namespace {

using nlohmann::json;

/// A number, or a fraction like "1/128".
double learning_rate(RequestFields& fields, double fallback) {
  if (!fields.has("lr")) return fallback;
  if (!fields.raw("lr").is_string()) return fields.number("lr");
  const std::string text = fields.text("lr");
  const std::size_t slash = text.find('/');
  const json numerator = json::parse(text.substr(0, slash), nullptr, false);
  const json denominator = slash == std::string::npos ? json(1) : json::parse(text.substr(slash + 1), nullptr, false);
  if (!numerator.is_number() || !denominator.is_number() || denominator.get<double>() == 0.0) {
    throw SpecError(fields.path("lr") + ": \"" + text + "\", expected a number or a fraction such as \"1/128\"");
  }
  return numerator.get<double>() / denominator.get<double>();
}

MadamParams params(RequestFields& fields) {
  MadamParams result;
  result.format = std::dynamic_pointer_cast<const LnsFormat>(fields.format("format"));
  if (!result.format) throw SpecError(fields.path("format") + ": Madam needs an LNS format");
  result.update_bits = fields.natural_or("BU", result.update_bits, 1);
  result.learning_rate = learning_rate(fields, result.learning_rate);
  result.scale_factor = fields.number("p_scale", result.scale_factor);
  result.gradient_bound = fields.number("g_bound", result.gradient_bound);
  result.beta = fields.number("beta", result.beta);
  return result;
}

/// One array of gradients per step, each as long as the weights.
std::vector<std::vector<double>> gradients(RequestFields& fields, std::size_t weights) {
  const json& steps = fields.raw("grads");
  if (!steps.is_array()) throw SpecError(fields.path("grads") + ": expected one array per step");
  std::vector<std::vector<double>> result;
  for (std::size_t step = 0; step < steps.size(); ++step) {
    const json holder = {{"step", steps[step]}};
    RequestFields one(holder, fields.path("grads") + "/" + std::to_string(step) + ": ");
    result.push_back(one.numbers("step"));
    if (result.back().size() != weights) {
      throw SpecError(fields.path("grads") + "/" + std::to_string(step) + ": " + std::to_string(result.back().size()) +
                      " gradients for " + std::to_string(weights) + " weights");
    }
  }
  return result;
}

/// True for the steps to report; without the field, the last one.
std::vector<bool> reported_steps(RequestFields& fields, std::size_t steps) {
  std::vector<bool> report(steps + 1, false);
  if (!fields.has("report")) {
    report.back() = true;
    return report;
  }
  for (const std::uint32_t step : fields.codes("report", static_cast<std::uint32_t>(steps))) report[step] = true;
  return report;
}

json exponents(const MadamTensor& tensor, bool forward) {
  json list = json::array();
  for (std::size_t i = 0; i < tensor.size(); ++i) {
    list.push_back(forward ? tensor.forward_format()->exponent(tensor.forward_code(i))
                           : tensor.update_format()->exponent(tensor.update_codes()[i]));
  }
  return list;
}

}  // namespace

json evaluate_madam(RequestFields& fields) {
  const MadamParams parameters = params(fields);
  const std::vector<double> weights = fields.numbers("w0");
  const auto steps = gradients(fields, weights.size());
  const std::vector<bool> report = reported_steps(fields, steps.size());

  MadamTensor tensor(parameters, weights);
  json result = {{"scale", finite_number(tensor.scale())}, {"e0", exponents(tensor, false)}};
  json signs = json::array();
  for (const Code code : tensor.update_codes()) signs.push_back(tensor.update_format()->negative(code) ? 1 : 0);
  result["sign"] = std::move(signs);
  json update = json::object();
  json forward = json::object();
  for (std::size_t step = 0; step <= steps.size(); ++step) {
    if (step > 0) tensor.step(steps[step - 1]);
    if (!report[step]) continue;
    update[std::to_string(step)] = exponents(tensor, false);
    forward[std::to_string(step)] = exponents(tensor, true);
  }
  result["e"] = std::move(update);
  result["forward"] = std::move(forward);
  return result;
}

}  // namespace lnsim::numerics
