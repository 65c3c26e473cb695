// SPDX-License-Identifier: Apache-2.0
#include "sim/numerics/requests/evaluate.hpp"

#include <array>
#include <exception>
#include <string>

#include "sim/numerics/requests/operations.hpp"

namespace lnsim::numerics {
namespace {

using nlohmann::json;

constexpr const char* kSchema = "lnsim.numerics/1";

struct Operation {
  const char* name;
  json (*evaluate)(RequestFields& fields);
};

constexpr std::array<Operation, 9> kOperations = {{{"quantize", evaluate_quantize},
                                                   {"decode", evaluate_decode},
                                                   {"dot", evaluate_dot},
                                                   {"quantize_block", evaluate_quantize_block},
                                                   {"decode_block", evaluate_decode_block},
                                                   {"dot_block", evaluate_dot_block},
                                                   {"madam", evaluate_madam},
                                                   {"vrr", evaluate_vrr},
                                                   {"min_m_acc", evaluate_min_m_acc}}};

json evaluate(const json& request) {
  RequestFields fields(request);
  const std::string name = fields.text("op");
  for (const Operation& operation : kOperations) {
    if (name != operation.name) continue;
    json result = operation.evaluate(fields);
    fields.check_all_used();
    return result;
  }
  std::string known;
  for (const Operation& operation : kOperations) known += std::string(known.empty() ? "" : ", ") + operation.name;
  throw SpecError("op: unknown \"" + name + "\", expected one of " + known);
}

}  // namespace

json evaluate_numerics(const json& requests, bool& any_error) {
  any_error = false;
  if (!requests.is_object() || requests.value("schema", json()) != kSchema) {
    throw SpecError(std::string("expected an object with \"schema\": \"") + kSchema + "\"");
  }
  const auto list = requests.find("requests");
  if (list == requests.end() || !list->is_array()) throw SpecError("/requests: expected an array");
  json results = json::array();
  for (const json& request : *list) {
    try {
      results.push_back(evaluate(request));
    } catch (const std::exception& error) {
      results.push_back({{"error", error.what()}});
      any_error = true;
    }
  }
  return {{"schema", kSchema}, {"results", std::move(results)}};
}

}  // namespace lnsim::numerics
