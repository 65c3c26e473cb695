// SPDX-License-Identifier: Apache-2.0
#include "sim/training/dataset.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "sim/support/error.hpp"
#include "sim/support/text.hpp"

namespace lnsim::training {
namespace {

// Fashion-MNIST lies where Debian's package dataset-fashion-mnist puts it.
constexpr std::array kKinds = {
    DatasetKind{"digits", "1,797 handwritten digits of 8 x 8 (UCI), shipped; every fifth is for tests",
                "configs/datasets/digits.csv.gz", read_digits},
    DatasetKind{"fashion_mnist", "70,000 garments of 28 x 28 (Zalando): a folder with the four IDX files",
                "/usr/share/datasets/fashion-mnist", read_idx},
    DatasetKind{"idx", "any folder with the four IDX files of MNIST, plain or gzip", "", read_idx},
    DatasetKind{"cifar10", "a folder with the binary version of CIFAR-10", "", read_cifar10},
    DatasetKind{"synthetic", "10 random 8 x 8 patterns under noise, made in the program", "made", make_synthetic},
};

std::filesystem::path usual_place(const DatasetKind& kind, std::span<const std::filesystem::path> roots) {
  const std::filesystem::path usual(kind.usual);
  std::error_code error;
  for (const std::filesystem::path& root : roots) {
    if (!usual.empty() && std::filesystem::exists(root / usual, error)) return root / usual;
  }
  return usual;
}

struct CloseGzip {
  void operator()(gzFile_s* file) const { gzclose(file); }
};

}  // namespace

std::span<const DatasetKind> dataset_kinds() { return kKinds; }

Dataset read_dataset(const std::string& text, std::span<const std::filesystem::path> roots) {
  const std::size_t colon = text.find(':');
  const std::string name = text.substr(0, colon);
  std::vector<std::string_view> names;
  for (const DatasetKind& kind : kKinds) {
    names.push_back(kind.name);
    if (kind.name != name) continue;
    const bool given = colon != std::string::npos;
    const std::filesystem::path path = given ? std::filesystem::path(text.substr(colon + 1)) : usual_place(kind, roots);
    if (path.empty()) throw InputError("--dataset", "", text, name + ":PATH");
    Dataset dataset = kind.read(path);
    dataset.name = name;
    return dataset;
  }
  throw InputError("--dataset", "", name, suggestion(name, names));
}

std::string read_maybe_gzip(const std::filesystem::path& path, std::size_t most_bytes) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    throw InputError(path.string(), "", error ? error.message() : "not a file", "a file of the data set");
  }
  const std::unique_ptr<gzFile_s, CloseGzip> file(gzopen(path.c_str(), "rb"));
  if (!file) throw InputError(path.string(), "", "cannot be opened", "a file of the data set");
  std::string text;
  std::array<char, 1U << 16U> chunk;
  for (;;) {
    const int count = gzread(file.get(), chunk.data(), chunk.size());
    int code = Z_OK;
    const char* const message = gzerror(file.get(), &code);
    if (count < 0 || (code != Z_OK && code != Z_STREAM_END)) {
      throw InputError(path.string(), "", std::string(message), "a whole gzip file");
    }
    if (count == 0) return text;
    text.append(chunk.data(), static_cast<std::size_t>(count));
    if (text.size() > most_bytes) {
      throw InputError(path.string(), "", "more than " + std::to_string(most_bytes) + " bytes", "a smaller data set");
    }
  }
}

void normalise(Dataset& dataset) {
  double sum = 0.0;
  for (const float value : dataset.train.values) sum += static_cast<double>(value);
  const double mean = sum / static_cast<double>(dataset.train.values.size());
  double squares = 0.0;
  for (const float value : dataset.train.values) {
    const double d = static_cast<double>(value) - mean;
    squares += d * d;
  }
  const double deviation = std::sqrt(squares / static_cast<double>(dataset.train.values.size()));
  const double factor = deviation > 0.0 ? 1.0 / deviation : 1.0;
  for (Samples* samples : {&dataset.train, &dataset.test}) {
    for (float& value : samples->values) value = static_cast<float>((static_cast<double>(value) - mean) * factor);
  }
}

}  // namespace lnsim::training
