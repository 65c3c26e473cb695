// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace lnsim::training {

/// Appends numbers and arrays to a string, little-endian, arrays with their length before them.
class ByteWriter {
 public:
  void number(std::uint64_t value);
  void number(double value);
  void text(std::string_view value);
  void doubles(std::span<const double> values);
  void words(std::span<const std::uint32_t> values);
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

/// The bytes end early, or hold an array of another length than expected.
class BytesError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Reads what ByteWriter wrote. Throws BytesError; never reads beyond the end or allocates more than the bytes hold.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}
  std::uint64_t count();
  double real();
  std::string text();
  std::vector<double> doubles();
  /// The same of a known length.
  std::vector<double> doubles(std::size_t expected);
  std::vector<std::uint32_t> words(std::size_t expected);
  [[nodiscard]] bool at_end() const { return at_ == bytes_.size(); }

 private:
  std::string_view take(std::uint64_t size);
  std::string_view bytes_;
  std::size_t at_ = 0;
};

}  // namespace lnsim::training
