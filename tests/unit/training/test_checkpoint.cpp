// SPDX-License-Identifier: Apache-2.0
#include "sim/training/checkpoint.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "sim/support/error.hpp"
#include "sim/training/bytes.hpp"
#include "tests/unit/support/scratch_folder.hpp"

using namespace lnsim;
using namespace lnsim::training;
using Catch::Contains;

namespace {

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace

TEST_CASE("numbers, texts and arrays are read as they were written", "[training]") {
  ByteWriter out;
  out.number(std::uint64_t{0x0123456789ABCDEF});
  out.number(-0.1);
  out.text("a\0b");
  out.doubles(std::vector<double>{1.5, -2.5});
  out.words(std::vector<std::uint32_t>{7, 0xFFFFFFFF});
  ByteReader in(out.bytes());
  CHECK(in.count() == 0x0123456789ABCDEF);
  CHECK(in.real() == -0.1);
  CHECK(in.text() == "a");
  CHECK_FALSE(in.at_end());
  CHECK(in.doubles(2) == std::vector<double>{1.5, -2.5});
  CHECK(in.words(2) == std::vector<std::uint32_t>{7, 0xFFFFFFFF});
  CHECK(in.at_end());
  CHECK_THROWS_AS(in.count(), BytesError);
}

TEST_CASE("arrays of a wrong or absurd length are refused without reading", "[training]") {
  ByteWriter out;
  out.number(std::uint64_t{1} << 60U);
  CHECK_THROWS_AS(ByteReader(out.bytes()).doubles(), BytesError);
  CHECK_THROWS_AS(ByteReader(out.bytes()).text(), BytesError);
  ByteWriter two;
  two.doubles(std::vector<double>{1.0, 2.0});
  CHECK_THROWS_AS(ByteReader(two.bytes()).doubles(3), BytesError);
  CHECK_THROWS_AS(ByteReader(two.bytes()).words(3), BytesError);
}

TEST_CASE("a checkpoint gives its state back to the same run", "[training]") {
  const test::ScratchFolder folder;
  const auto path = folder.path() / "x.checkpoint";
  const std::string state("\x00\x01\xFFstate", 8);
  write_checkpoint(path, "run", state);
  CHECK(read_checkpoint(path, "run") == state);
  write_checkpoint(path, "run", "later");
  CHECK(read_checkpoint(path, "run") == "later");
}

TEST_CASE("a checkpoint of another run says in what it differs", "[training]") {
  const test::ScratchFolder folder;
  const auto path = folder.path() / "x.checkpoint";
  write_checkpoint(path, "{\n  \"epochs\": 3,\n  \"seed\": 1\n}\n", "state");
  CHECK_THROWS_WITH(read_checkpoint(path, "{\n  \"epochs\": 3,\n  \"seed\": 2\n}\n"),
                    Contains("a run with \"seed\": 1, expected \"seed\": 2"));
  CHECK_THROWS_WITH(read_checkpoint(path, "{\n  \"epochs\": 3\n}\n"), Contains("\"epochs\": 3"));
  CHECK_THROWS_AS(read_checkpoint(path, ""), InputError);
}

TEST_CASE("a checkpoint that was cut anywhere or changed in any byte is refused", "[training]") {
  const test::ScratchFolder folder;
  const auto path = folder.path() / "x.checkpoint";
  write_checkpoint(path, "run", "state of affairs");
  const std::string whole = bytes_of(path);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    write(path, whole.substr(0, length));
    CHECK_THROWS_AS(read_checkpoint(path, "run"), InputError);
  }
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 0x04);
    write(path, changed);
    INFO(i);
    CHECK_THROWS_AS(read_checkpoint(path, "run"), InputError);
  }
  write(path, whole + "x");
  CHECK_THROWS_AS(read_checkpoint(path, "run"), InputError);
}
