// SPDX-License-Identifier: Apache-2.0
#include "sim/training/bytes.hpp"

#include <bit>

namespace lnsim::training {
namespace {

template <class T>
void append(std::string& bytes, T value) {
  for (unsigned i = 0; i < sizeof(T); ++i)
    bytes.push_back(static_cast<char>(static_cast<unsigned char>(value >> (8 * i))));
}

template <class T>
T read(std::string_view bytes) {
  T value = 0;
  for (unsigned i = 0; i < sizeof(T); ++i) value |= static_cast<T>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  return value;
}

}  // namespace

void ByteWriter::number(std::uint64_t value) { append(bytes_, value); }
void ByteWriter::number(double value) { append(bytes_, std::bit_cast<std::uint64_t>(value)); }

void ByteWriter::text(std::string_view value) {
  number(std::uint64_t{value.size()});
  bytes_.append(value);
}

void ByteWriter::doubles(std::span<const double> values) {
  number(std::uint64_t{values.size()});
  for (const double value : values) number(value);
}

void ByteWriter::words(std::span<const std::uint32_t> values) {
  number(std::uint64_t{values.size()});
  for (const std::uint32_t value : values) append(bytes_, value);
}

std::string_view ByteReader::take(std::uint64_t size) {
  if (size > bytes_.size() - at_) throw BytesError("ends early");
  const std::string_view part = bytes_.substr(at_, size);
  at_ += size;
  return part;
}

std::uint64_t ByteReader::count() { return read<std::uint64_t>(take(8)); }
double ByteReader::real() { return std::bit_cast<double>(count()); }
std::string ByteReader::text() { return std::string(take(count())); }

std::vector<double> ByteReader::doubles() {
  const std::uint64_t size = count();
  if (size > (bytes_.size() - at_) / 8) throw BytesError("ends early");
  std::vector<double> values;
  values.reserve(size);
  for (std::uint64_t i = 0; i < size; ++i) values.push_back(real());
  return values;
}

std::vector<double> ByteReader::doubles(std::size_t expected) {
  std::vector<double> values = doubles();
  if (values.size() != expected) {
    throw BytesError(std::to_string(values.size()) + " numbers, expected " + std::to_string(expected));
  }
  return values;
}

std::vector<std::uint32_t> ByteReader::words(std::size_t expected) {
  const std::uint64_t size = count();
  if (size != expected) throw BytesError(std::to_string(size) + " codes, expected " + std::to_string(expected));
  std::vector<std::uint32_t> values;
  for (std::uint64_t i = 0; i < size; ++i) values.push_back(read<std::uint32_t>(take(4)));
  return values;
}

}  // namespace lnsim::training
