// SPDX-License-Identifier: Apache-2.0
// Optical recognition of handwritten digits (Alpaydin and Kaynak 1998, UCI): a line per sample, 64 values 0..16 and the
// label.
#include <charconv>

#include "sim/support/error.hpp"
#include "sim/training/dataset.hpp"

namespace lnsim::training {
namespace {

constexpr std::size_t kValues = 64;
constexpr unsigned kMostValue = 16;
constexpr unsigned kMostLabel = 9;

/// The numbers of a line; nothing if it is not kValues + 1 numbers in range.
bool read_line(std::string_view line, std::vector<unsigned>& numbers) {
  numbers.clear();
  const char* at = line.data();
  const char* const end = at + line.size();
  for (;;) {
    unsigned number = 0;
    const auto [stop, error] = std::from_chars(at, end, number);
    const bool label = numbers.size() == kValues;
    if (error != std::errc() || number > (label ? kMostLabel : kMostValue) || numbers.size() > kValues) return false;
    numbers.push_back(number);
    if (stop == end) return numbers.size() == kValues + 1;
    if (*stop != ',') return false;
    at = stop + 1;
  }
}

}  // namespace

Dataset read_digits(const std::filesystem::path& file) {
  constexpr std::size_t kMostDigitsBytes = 1U << 28U;
  constexpr std::size_t kTestEvery = 5;
  const std::string text = read_maybe_gzip(file, kMostDigitsBytes);
  Dataset dataset;
  dataset.height = 8;
  dataset.width = 8;
  dataset.classes = kMostLabel + 1;
  std::vector<unsigned> numbers;
  std::size_t line = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view row(text.data() + begin, end - begin);
    if (row.ends_with('\r')) row.remove_suffix(1);
    begin = end + 1;
    ++line;
    if (!read_line(row, numbers)) {
      throw InputError(file.string(), "line " + std::to_string(line), std::string(row.substr(0, 40)),
                       "64 values 0..16 and a label 0..9");
    }
    Samples& samples = line % kTestEvery == 0 ? dataset.test : dataset.train;
    for (std::size_t i = 0; i < kValues; ++i) samples.values.push_back(static_cast<float>(numbers[i]));
    samples.labels.push_back(static_cast<std::uint16_t>(numbers[kValues]));
  }
  if (dataset.test.size() == 0) throw InputError(file.string(), "", std::to_string(line) + " lines", "at least 5");
  normalise(dataset);
  return dataset;
}

}  // namespace lnsim::training
