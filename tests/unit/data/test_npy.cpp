// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

#include "sim/data/npy.hpp"
#include "sim/support/error.hpp"

using namespace lnsim;

namespace {

std::string bytes_of(std::uint64_t bits, unsigned size) {
  std::string bytes;
  for (unsigned i = 0; i < size; ++i) bytes += static_cast<char>(bits >> (8 * i) & 0xFF);
  return bytes;
}
std::string f4(float x) { return bytes_of(std::bit_cast<std::uint32_t>(x), 4); }
std::string f8(double x) { return bytes_of(std::bit_cast<std::uint64_t>(x), 8); }

std::string npy(const std::string& header, const std::string& data, unsigned major = 1) {
  return std::string("\x93NUMPY", 6) + static_cast<char>(major) + '\0' + bytes_of(header.size(), major == 1 ? 2 : 4) +
         header + data;
}
std::string header(const std::string& descr, const std::string& shape, const std::string& order = "False") {
  return "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }     \n";
}

/// A file that lives as long as the object.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& content) {
    static int count = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("lnsim_npy_" + std::to_string(std::hash<std::string>{}(content)) + "_" + std::to_string(count++) + ".npy");
    std::ofstream(path_, std::ios::binary) << content;
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() { std::filesystem::remove(path_); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::vector<double> read(const std::string& content, std::uint64_t elements) {
  const TemporaryFile file(content);
  return read_npy(file.path(), elements);
}
std::string error_of(const std::string& content, std::uint64_t elements) {
  try {
    (void)read(content, elements);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}
bool contains(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("npy files of versions 1 to 3 are read", "[data]") {
  const std::vector<double> expected = {1.5, -2.0, 0.0, 0.25, 3.0, -0.125};
  std::string data;
  for (const double x : expected) data += f4(static_cast<float>(x));
  for (const unsigned major : {1U, 2U, 3U}) {
    CHECK(read(npy(header("<f4", "(2, 3)"), data, major), 6) == expected);
  }
}

TEST_CASE("npy files hold halves, singles or doubles of any shape", "[data]") {
  CHECK(read(npy(header("<f8", "(2,)"), f8(0.1) + f8(-1e300)), 2) == std::vector<double>{0.1, -1e300});
  // 1.5, the smallest subnormal, -65504 in binary16.
  const std::string halves = bytes_of(0x3E00, 2) + bytes_of(0x0001, 2) + bytes_of(0xFBFF, 2);
  CHECK(read(npy(header("<f2", "(3,)"), halves), 3) == std::vector<double>{1.5, 0x1.0p-24, -65504.0});
  CHECK(read(npy(header("<f4", "()"), f4(2.0F)), 1) == std::vector<double>{2.0});
  CHECK(read(npy(header("<f4", "(0, 5)"), ""), 0).empty());
  CHECK(read(npy("{\"shape\":(1,1),\"fortran_order\":False,\"descr\":\"<f4\"}", f4(2.0F)), 1).size() == 1);
}

TEST_CASE("npy files of other element types are refused", "[data]") {
  const std::string data(16, '\0');
  for (const char* descr : {"|O", ">f4", "=f4", "<i4", "<c8", "|u1", "<f16", "f4", ""}) {
    CHECK(contains(error_of(npy(header(descr, "(2,)"), data), 2), "little-endian floats"));
  }
  CHECK_FALSE(error_of(npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }", data), 2).empty());
}

TEST_CASE("npy shapes that overflow or do not match are refused", "[data]") {
  const auto message = [](const char* shape) { return error_of(npy(header("<f4", shape), f4(1.0F)), 1); };
  CHECK(contains(message("(4294967296, 4294967296)"), "2^64"));
  CHECK(contains(message("(99999999999999999999,)"), "2^64"));
  CHECK(contains(message("(0, 4294967296, 4294967297, 0)"), "0 elements"));
  CHECK(contains(message("(2,)"), "2 elements, expected 1 elements"));
  CHECK_FALSE(message("(-1,)").empty());
  CHECK_FALSE(message("(1.0,)").empty());
  CHECK_FALSE(message("1").empty());
  // A shape whose bytes overflow although its elements do not, with a file that claims to have them.
  CHECK(contains(error_of(npy(header("<f8", "(4611686018427387904,)"), f8(1.0)), 4611686018427387904U), "bytes"));
}

TEST_CASE("Fortran order is refused", "[data]") {
  CHECK(contains(error_of(npy(header("<f4", "(1, 1)", "True"), f4(1.0F)), 1), "C order"));
}

TEST_CASE("NaN and infinities in npy files are refused with their element", "[data]") {
  const float inf = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(contains(error_of(npy(header("<f4", "(2,)"), f4(1.0F) + f4(inf)), 2), "element 1"));
  CHECK(contains(error_of(npy(header("<f4", "(2,)"), f4(nan) + f4(1.0F)), 2), "element 0"));
  CHECK(contains(error_of(npy(header("<f8", "(1,)"), f8(-HUGE_VAL)), 1), "element 0"));
  CHECK(contains(error_of(npy(header("<f2", "(1,)"), bytes_of(0x7C00, 2)), 1), "element 0"));
}

TEST_CASE("a truncated or too long npy file is refused, wherever it ends", "[data]") {
  const std::string whole = npy(header("<f4", "(2,)"), f4(1.0F) + f4(2.0F));
  CHECK(read(whole, 2).size() == 2);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    INFO(size);
    CHECK_FALSE(error_of(whole.substr(0, size), 2).empty());
  }
  CHECK(contains(error_of(whole + "x", 2), "data"));
}

TEST_CASE("malformed npy headers are refused", "[data]") {
  const std::string data = f4(1.0F);
  CHECK_FALSE(error_of(npy("", data), 1).empty());
  CHECK_FALSE(error_of(npy("{", data), 1).empty());
  CHECK_FALSE(error_of(npy("{}", data), 1).empty());
  CHECK_FALSE(error_of(npy("{'descr': '<f4', 'fortran_order': False}", data), 1).empty());
  CHECK_FALSE(
      error_of(npy("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", data), 1).empty());
  CHECK_FALSE(error_of(npy("{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}", data), 1).empty());
  CHECK_FALSE(error_of(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} x", data), 1).empty());
  CHECK_FALSE(error_of(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': 1}", data), 1).empty());
  std::string other = npy(header("<f4", "(1,)"), data);
  other[6] = 4;
  CHECK(contains(error_of(other, 1), "version"));
  other[0] = 'N';
  CHECK(contains(error_of(other, 1), ".npy"));
}

TEST_CASE("a missing npy file and a folder are refused", "[data]") {
  CHECK_THROWS_AS(read_npy("/nonexistent/x.npy", 1), InputError);
  CHECK_THROWS_AS(read_npy(std::filesystem::temp_directory_path(), 1), InputError);
}
