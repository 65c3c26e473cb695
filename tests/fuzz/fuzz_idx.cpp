// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include "sim/training/dataset.hpp"
#include "tests/fuzz/fuzz_target.hpp"

// The first byte says which of the four files is the input; the others are sound.
void lnsim::fuzz::read_input(std::string_view input) {
  if (input.empty()) return;
  const std::string images("\0\0\x08\x03\0\0\0\2\0\0\0\2\0\0\0\2ABCDEFGH", 24);
  const std::string labels("\0\0\x08\x01\0\0\0\2\0\1", 10);
  const std::string_view which = input.substr(1);
  const unsigned file = static_cast<unsigned char>(input.front()) % 4;
  std::filesystem::path path;
  unsigned i = 0;
  for (const char* name :
       {"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"}) {
    path = input_file(i == file ? which : std::string_view(i % 2 == 0 ? images : labels), std::string("idx/") + name);
    ++i;
  }
  const training::Dataset data = training::read_idx(path.parent_path());
  require(data.train.values.size() == data.train.size() * data.features(), "values of every sample");
  for (const auto label : data.train.labels) require(label < data.classes, "labels of classes");
}
