// SPDX-License-Identifier: Apache-2.0
#include "sim/data/npy.hpp"

#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>
#include <string>

#include "sim/data/npy_header.hpp"
#include "sim/numerics/format.hpp"
#include "sim/support/error.hpp"

namespace lnsim {
namespace {

constexpr std::string_view kMagic("\x93NUMPY", 6);
constexpr std::uint64_t kMaxHeaderBytes = 1 << 20;  // NumPy writes some hundred bytes

std::uint64_t little_endian(const char* bytes, unsigned count) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < count; ++i) value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  return value;
}

/// The file with its size known in advance, so that a header's claims are checked before memory is taken for them.
class NpyFile {
 public:
  explicit NpyFile(const std::filesystem::path& path) : name_(path.string()) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) throw InputError(name_, "", "", "a file that exists");
    size_ = std::filesystem::file_size(path, error);
    stream_.open(path, std::ios::binary);
    if (error || !stream_) throw InputError(name_, "", "", "a readable file");
  }
  /// The next `count` bytes; a shorter file is an error.
  std::string read(std::uint64_t count, const char* what) {
    if (count > size_ - position_) {
      throw InputError(name_, what, std::to_string(size_ - position_) + " bytes left",
                       std::to_string(count) + " bytes");
    }
    std::string bytes(count, '\0');
    stream_.read(bytes.data(), static_cast<std::streamsize>(count));
    if (!stream_) throw InputError(name_, what, "", "a readable file");
    position_ += count;
    return bytes;
  }
  [[nodiscard]] std::uint64_t left() const { return size_ - position_; }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_;
  std::ifstream stream_;
  std::uint64_t size_ = 0;
  std::uint64_t position_ = 0;
};

NpyHeader read_header(NpyFile& file) {
  if (file.read(kMagic.size(), "magic") != kMagic) throw InputError(file.name(), "", "", "a NumPy .npy file");
  const std::string version = file.read(2, "version");
  const auto major = static_cast<unsigned>(static_cast<unsigned char>(version[0]));
  if (major < 1 || major > 3 || version[1] != 0) {
    throw InputError(file.name(), "version", std::to_string(major), "format version 1.0, 2.0 or 3.0");
  }
  const unsigned length_bytes = major == 1 ? 2 : 4;
  const std::uint64_t length = little_endian(file.read(length_bytes, "header length").data(), length_bytes);
  if (length > kMaxHeaderBytes) {
    throw InputError(file.name(), "header length", std::to_string(length),
                     "at most " + std::to_string(kMaxHeaderBytes));
  }
  return parse_npy_header(file.read(length, "header"), file.name());
}

unsigned element_bytes(const NpyHeader& header, const std::string& file) {
  if (header.descr == "<f2") return 2;
  if (header.descr == "<f4") return 4;
  if (header.descr == "<f8") return 8;
  throw InputError(file, "descr", "'" + header.descr + "'", "little-endian floats: '<f2', '<f4' or '<f8'");
}

void check_header(const NpyHeader& header, std::uint64_t expected_elements, const std::string& file) {
  if (header.fortran_order) throw InputError(file, "fortran_order", "True", "C order");
  if (header.elements != expected_elements) {
    throw InputError(file, "shape", std::to_string(header.elements) + " elements",
                     std::to_string(expected_elements) + " elements");
  }
}

double to_double(const char* bytes, unsigned size, const numerics::Format& half) {
  const std::uint64_t bits = little_endian(bytes, size);
  if (size == 8) return std::bit_cast<double>(bits);
  if (size == 4) return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
  const auto code = static_cast<numerics::Code>(bits);
  return half.valid(code) ? half.decode(code, 1.0) : std::nan("");  // NaN for infinities too: both are refused
}

}  // namespace

std::vector<double> read_npy(const std::filesystem::path& path, std::uint64_t expected_elements) {
  NpyFile file(path);
  const NpyHeader header = read_header(file);
  const unsigned size = element_bytes(header, file.name());
  check_header(header, expected_elements, file.name());
  if (expected_elements > file.left() / size || expected_elements * size != file.left()) {
    throw InputError(file.name(), "data", std::to_string(file.left()) + " bytes",
                     std::to_string(expected_elements) + " elements of " + std::to_string(size) + " bytes");
  }
  const numerics::FormatPtr half = numerics::find_format("fp16");
  std::vector<double> values;
  values.reserve(expected_elements);
  constexpr std::uint64_t kChunk = 1 << 16;
  while (values.size() < expected_elements) {
    const std::uint64_t count = std::min<std::uint64_t>(kChunk, expected_elements - values.size());
    const std::string bytes = file.read(count * size, "data");
    for (std::uint64_t i = 0; i < count; ++i) {
      const double value = to_double(bytes.data() + i * size, size, *half);
      if (!std::isfinite(value)) {
        throw InputError(file.name(), "element " + std::to_string(values.size()), "NaN or infinity", "finite numbers");
      }
      values.push_back(value);
    }
  }
  return values;
}

}  // namespace lnsim
