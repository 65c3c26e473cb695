// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/expression.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <stdexcept>

using lnsim::Expression;

namespace {

double value(const std::string& text, const std::map<std::string, double>& names = {}) {
  return Expression(text).value([&](const std::string& name) { return names.at(name); });
}

}  // namespace

TEST_CASE("arithmetic has the usual order", "[sweep]") {
  CHECK(value("1 + 2 * 3") == 7.0);
  CHECK(value("(1 + 2) * 3") == 9.0);
  CHECK(value("8 - 3 - 2") == 3.0);
  CHECK(value("8 / 4 / 2") == 1.0);
  CHECK(value("-2 * -3") == 6.0);
  CHECK(value("2 - -1") == 3.0);
  CHECK(value("1.5e3") == 1500.0);
}

TEST_CASE("comparisons and conditions give 1 or 0", "[sweep]") {
  CHECK(value("1 < 2") == 1.0);
  CHECK(value("2 <= 1") == 0.0);
  CHECK(value("1 + 1 == 2 && 3 > 2") == 1.0);
  CHECK(value("1 > 2 || 2 >= 2") == 1.0);
  CHECK(value("!(1 != 1)") == 1.0);
  CHECK(value("1 || 0 && 0") == 1.0);  // && binds more tightly
}

TEST_CASE("names are found and listed once", "[sweep]") {
  const Expression expression("lanes * vector_size <= 1024 && lanes > 4");
  CHECK(expression.names() == std::vector<std::string>{"lanes", "vector_size"});
  CHECK(value("lanes * vector_size <= 1024", {{"lanes", 32}, {"vector_size", 32}}) == 1.0);
  CHECK(value("lanes * vector_size < 1024", {{"lanes", 32}, {"vector_size", 32}}) == 0.0);
}

TEST_CASE("division by zero and NaN are IEEE's", "[sweep]") {
  CHECK(std::isinf(value("1 / 0")));
  CHECK(value("x <= 1", {{"x", std::nan("")}}) == 0.0);
  CHECK(value("x != x", {{"x", std::nan("")}}) == 1.0);
}

TEST_CASE("malformed expressions say where and what", "[sweep]") {
  const auto complaint = [](const std::string& text) {
    try {
      const Expression expression(text);
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  CHECK(complaint("") == "column 1: the end, expected a number, a name or \"(\"");
  CHECK(complaint("1 +") == "column 4: the end, expected a number, a name or \"(\"");
  CHECK(complaint("(1 + 2") == "column 7: the end, expected \")\"");
  CHECK(complaint("1 2") == "column 3: \"2\", expected an operator");
  CHECK(complaint("a $ b") == "column 3: \"$\", expected an operator");
  CHECK(complaint("a = b") == "column 3: \"=\", expected an operator");
  CHECK(complaint(std::string(200, '(') + "1" + std::string(200, ')')) != "accepted");
  CHECK(complaint(std::string(100000, '-') + "1") != "accepted");
  CHECK(complaint(std::string(100000, '!') + "1") != "accepted");
}
