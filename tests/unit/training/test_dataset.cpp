// SPDX-License-Identifier: Apache-2.0
#include "sim/training/dataset.hpp"

#include <zlib.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>
#include <numeric>

#include "sim/support/error.hpp"
#include "tests/unit/support/scratch_folder.hpp"

using namespace lnsim;
using namespace lnsim::training;
using Catch::Contains;

namespace {

std::string idx(std::uint32_t magic, const std::vector<std::uint32_t>& dimensions, const std::string& values) {
  std::string text;
  const auto word = [&](std::uint32_t x) {
    for (int shift = 24; shift >= 0; shift -= 8) text.push_back(static_cast<char>(x >> shift & 0xFFU));
  };
  word(magic);
  for (const std::uint32_t d : dimensions) word(d);
  return text + values;
}

void write_bytes(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

void write_gzip(const std::filesystem::path& path, const std::string& text) {
  gzFile file = gzopen(path.c_str(), "wb");
  REQUIRE(gzwrite(file, text.data(), static_cast<unsigned>(text.size())) == static_cast<int>(text.size()));
  gzclose(file);
}

/// A folder with two training images of 2 x 3 and one test image.
struct IdxFolder {
  test::ScratchFolder folder;
  IdxFolder() {
    write_bytes(folder.path() / "train-images-idx3-ubyte",
                idx(0x803, {2, 2, 3}, std::string("\x00\x01\x02\x03\x04\xFF", 6) + "abcdef"));
    write_bytes(folder.path() / "train-labels-idx1-ubyte", idx(0x801, {2}, std::string("\x01\x04", 2)));
    write_gzip(folder.path() / "t10k-images-idx3-ubyte.gz", idx(0x803, {1, 2, 3}, "ABCDEF"));
    write_gzip(folder.path() / "t10k-labels-idx1-ubyte.gz", idx(0x801, {1}, std::string("\x00", 1)));
  }
  void replace(const char* name, const std::string& text) { write_bytes(folder.path() / name, text); }
};

double mean_of(const std::vector<float>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

TEST_CASE("IDX files are read, plain and gzip", "[training]") {
  const IdxFolder idx_folder;
  const Dataset data = read_idx(idx_folder.folder.path());
  CHECK(data.height == 2);
  CHECK(data.width == 3);
  CHECK(data.channels == 1);
  CHECK(data.classes == 5);
  CHECK(data.train.labels == std::vector<std::uint16_t>{1, 4});
  CHECK(data.test.labels == std::vector<std::uint16_t>{0});
  CHECK(data.train.values.size() == 12);
  // Byte 255 is the largest; one step is the same everywhere.
  CHECK(data.train.values[5] == *std::max_element(data.train.values.begin(), data.train.values.end()));
  CHECK(data.train.values[2] - data.train.values[1] == Approx(data.test.values[1] - data.test.values[0]).epsilon(1e-3));
}

TEST_CASE("training values have mean 0 and deviation 1", "[training]") {
  for (const Dataset& data :
       {make_synthetic({}), read_digits(std::string(LNSIM_SOURCE_DIR) + "/configs/datasets/digits.csv.gz")}) {
    CHECK(mean_of(data.train.values) == Approx(0.0).margin(1e-6));
    double squares = 0.0;
    for (const float x : data.train.values) squares += static_cast<double>(x) * static_cast<double>(x);
    CHECK(squares / static_cast<double>(data.train.values.size()) == Approx(1.0).epsilon(1e-5));
  }
}

TEST_CASE("IDX files that are not what they should be are named", "[training]") {
  const auto complaint = [](const char* name, const std::string& text) {
    IdxFolder folder;
    folder.replace(name, text);
    try {
      (void)read_idx(folder.folder.path());
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  const char* const images = "train-images-idx3-ubyte";
  CHECK_THAT(complaint(images, ""), Contains(images) && Contains("0 bytes"));
  CHECK_THAT(complaint(images, idx(0x801, {12}, "abcdefghijkl")), Contains("byte 0: 2049"));
  CHECK_THAT(complaint(images, idx(0x803, {2, 2, 3}, "abc")), Contains("3 values, expected 12"));
  CHECK_THAT(complaint(images, idx(0x803, {2, 2, 3}, "abcdefghijklm")), Contains("13 values, expected 12"));
  CHECK_THAT(complaint(images, idx(0x803, {0, 2, 3}, "")), Contains("byte 4: 0"));
  CHECK_THAT(complaint(images, idx(0x803, {0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF}, "")), Contains("a size above 0"));
  CHECK_THAT(complaint("train-labels-idx1-ubyte", idx(0x801, {3}, "abc")), Contains("3 labels, expected 2"));
  CHECK_THAT(complaint("t10k-images-idx3-ubyte", idx(0x803, {1, 3, 2}, "ABCDEF")), Contains("another size"));
}

TEST_CASE("a gzip file that is cut or damaged is named", "[training]") {
  const test::ScratchFolder folder;
  const auto path = folder.path() / "x.gz";
  std::string text;
  for (int i = 0; i < 5000; ++i) text += std::to_string(i * 7919 % 10007);
  write_gzip(path, text);
  CHECK(read_maybe_gzip(path, 1U << 20U) == text);
  std::ifstream file(path, std::ios::binary);
  const std::string packed((std::istreambuf_iterator<char>(file)), {});
  for (const std::size_t length : {packed.size() - 1, packed.size() / 2, std::size_t{12}}) {
    write_bytes(path, packed.substr(0, length));
    CHECK_THROWS_AS(read_maybe_gzip(path, 1U << 20U), InputError);
  }
  std::string damaged = packed;
  damaged[packed.size() / 2] = static_cast<char>(damaged[packed.size() / 2] ^ 0x10);
  write_bytes(path, damaged);
  CHECK_THROWS_AS(read_maybe_gzip(path, 1U << 20U), InputError);
  CHECK_THROWS_WITH(read_maybe_gzip(folder.path(), 1U), Contains("not a file"));
  CHECK_THROWS_AS(read_maybe_gzip(folder.path() / "none", 1U), InputError);
  write_bytes(path, text);
  CHECK_THROWS_WITH(read_maybe_gzip(path, 100), Contains("more than 100 bytes"));
}

TEST_CASE("CIFAR-10 batches are read channel by channel", "[training]") {
  const test::ScratchFolder folder;
  std::string record(3073, '\0');
  record[0] = 7;
  record[1] = 10;         // red of the first pixel
  record[1 + 1024] = 20;  // its green
  for (const char* name : {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin",
                           "data_batch_5.bin", "test_batch.bin"}) {
    write_bytes(folder.path() / name, record);
  }
  const Dataset data = read_cifar10(folder.path());
  CHECK(data.train.labels == std::vector<std::uint16_t>(5, 7));
  CHECK(data.features() == 3072);
  CHECK(data.train.values[1] > data.train.values[0]);
  CHECK(data.train.values[0] > data.train.values[2]);
  write_bytes(folder.path() / "test_batch.bin", record + "x");
  CHECK_THROWS_WITH(read_cifar10(folder.path()), Contains("records of 3073 bytes"));
  record[0] = 10;
  write_bytes(folder.path() / "test_batch.bin", record);
  CHECK_THROWS_WITH(read_cifar10(folder.path()), Contains("a label 0..9"));
}

TEST_CASE("a line of digits that is wrong is named", "[training]") {
  const test::ScratchFolder folder;
  const auto path = folder.path() / "digits.csv";
  std::string good;
  for (int i = 0; i < 64; ++i) good += "3,";
  good += "9\n";
  write_bytes(path, good + good + good + good + good);
  CHECK(read_digits(path).train.size() == 4);
  CHECK(read_digits(path).test.size() == 1);
  for (const std::string& bad :
       {std::string("1,2,3\n"), good.substr(0, good.size() - 1) + ",1\n", "17" + good.substr(1), "x" + good.substr(1),
        good.substr(0, good.size() - 2) + "10\n", std::string("\n")}) {
    INFO(bad);
    write_bytes(path, good + bad);
    CHECK_THROWS_WITH(read_digits(path), Contains("line 2"));
  }
  write_bytes(path, good);
  CHECK_THROWS_WITH(read_digits(path), Contains("at least 5"));
}

TEST_CASE("kinds of data sets are found by name", "[training]") {
  const std::vector<std::filesystem::path> roots{std::filesystem::path("nowhere"), LNSIM_SOURCE_DIR};
  CHECK(read_dataset("digits", roots).train.size() == 1438);
  CHECK(read_dataset("synthetic", roots).name == "synthetic");
  CHECK_THROWS_WITH(read_dataset("digit", roots), Contains("\"digits\""));
  CHECK_THROWS_WITH(read_dataset("idx", roots), Contains("idx:PATH"));
  CHECK_THROWS_WITH(read_dataset("idx:/nowhere", roots), Contains("/nowhere"));
}

TEST_CASE("the synthetic task is always the same", "[training]") {
  const Dataset one = make_synthetic({});
  const Dataset other = make_synthetic({});
  CHECK(one.train.values == other.train.values);
  CHECK(one.test.values == other.test.values);
  CHECK(one.classes == 10);
}
