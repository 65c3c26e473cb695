// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace lnsim::numerics::test {

/// One line of a golden file: fields separated by commas, list elements by blanks.
class GoldenRow {
 public:
  explicit GoldenRow(const std::string& line) {
    std::stringstream stream(line);
    for (std::string field; std::getline(stream, field, ',');) fields_.push_back(field);
    if (!line.empty() && line.back() == ',') fields_.emplace_back();
  }

  /// The next field.
  std::string text() { return fields_.at(next_++); }
  long long integer() { return std::stoll(text()); }
  unsigned natural() { return static_cast<unsigned>(integer()); }
  double number() { return std::strtod(text().c_str(), nullptr); }
  std::vector<std::string> words() {
    std::stringstream stream(text());
    std::vector<std::string> result;
    for (std::string word; stream >> word;) result.push_back(word);
    return result;
  }
  std::vector<unsigned> naturals() {
    std::vector<unsigned> result;
    for (const std::string& word : words()) result.push_back(static_cast<unsigned>(std::stoul(word)));
    return result;
  }
  std::vector<double> numbers() {
    std::vector<double> result;
    for (const std::string& word : words()) result.push_back(std::strtod(word.c_str(), nullptr));
    return result;
  }

 private:
  std::vector<std::string> fields_;
  std::size_t next_ = 0;
};

/// The rows of tests/golden/numerics/<name>; throws if there are none.
inline std::vector<GoldenRow> golden_rows(const std::string& name) {
  std::ifstream file(std::string(LNSIM_SOURCE_DIR) + "/tests/golden/numerics/" + name);
  std::vector<GoldenRow> rows;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line[0] != '#') rows.emplace_back(line);
  }
  if (rows.empty()) throw std::runtime_error("no golden rows in " + name);
  return rows;
}

}  // namespace lnsim::numerics::test
