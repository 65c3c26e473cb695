// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/sweep_run.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <utility>

#include "sim/sweep/design.hpp"
#include "tests/unit/support/scratch_folder.hpp"

using namespace lnsim;

namespace {

/// Keeps nothing but the numbers of the designs that were put: a byte each in a file, as its processes share no memory.
class NumbersOutput final : public SweepOutput {
 public:
  NumbersOutput(std::filesystem::path file, std::vector<bool> finished)
      : file_(std::move(file)), finished_(std::move(finished)) {}
  [[nodiscard]] std::vector<bool> begin(bool /*again*/) override { return finished_; }
  [[nodiscard]] std::unique_ptr<DesignSink> open() const override { return std::make_unique<Sink>(file_); }

  [[nodiscard]] std::multiset<std::uint64_t> numbers() const {
    std::multiset<std::uint64_t> found;
    std::ifstream in(file_, std::ios::binary);
    for (char byte = 0; in.get(byte);) found.insert(static_cast<std::uint64_t>(byte));
    return found;
  }

 private:
  class Sink final : public DesignSink {
   public:
    explicit Sink(const std::filesystem::path& file) : out_(file, std::ios::binary | std::ios::app) {}
    [[nodiscard]] bool has(const std::string& /*key*/) const override { return true; }
    void put(const StoredDesign& design, const std::string& /*key*/) override {
      out_.put(static_cast<char>(design.number)).flush();
    }

   private:
    std::ofstream out_;
  };

  std::filesystem::path file_;
  std::vector<bool> finished_;
};

}  // namespace

TEST_CASE("a run takes the designs of its shard that have no row, and no others", "[sweep]") {
  const Document document = parse_json(
      R"({"schema": "lnsim.sweep/1", "name": "x", "base": {"workload": "lenet"},
          "axes": [{"at": "/batch", "range": {"from": 1, "to": 16}}]})",
      "x.json");
  const SweepSpec spec = read_sweep(document, metric_names());
  const ShippedFiles files({LNSIM_SOURCE_DIR});
  const test::ScratchFolder scratch;
  std::vector<bool> finished(spec.size(), false);
  for (const std::size_t row : {0U, 5U, 9U, 15U}) finished[row] = true;
  // 16 designs in three shares: 0 to 4, 5 to 9, 10 to 15.
  const std::vector<std::multiset<std::uint64_t>> wanted{{1, 2, 3, 4}, {6, 7, 8}, {10, 11, 12, 13, 14}};
  for (std::uint64_t index = 1; index <= 3; ++index) {
    NumbersOutput output(scratch.path() / std::to_string(index), finished);
    SweepRunOptions options;
    options.shard = {index, 3};
    options.jobs = 2;
    const SweepProgress end = run_sweep(spec, document, files, options, output, {});
    CHECK(output.numbers() == wanted[index - 1]);
    CHECK(end.size == options.shard.end(16) - options.shard.first(16));
    CHECK(end.done == end.size);
    CHECK(end.failed == 0);
  }
}
