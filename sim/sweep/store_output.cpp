// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/store_output.hpp"

#include <utility>

#include "sim/sweep/design_store.hpp"

namespace lnsim {
namespace {

class StoreSink final : public DesignSink {
 public:
  StoreSink(const std::filesystem::path& path, std::string id)
      : store_(path, DesignStore::Mode::kWrite), id_(std::move(id)) {}
  [[nodiscard]] bool has(const std::string& key) const override { return store_.find(key).has_value(); }
  void put(const StoredDesign& design, const std::string& key) override { store_.put(id_, design, key); }

 private:
  DesignStore store_;
  std::string id_;
};

}  // namespace

StoreOutput::StoreOutput(std::filesystem::path path, std::string id, const SweepSpec& spec, std::string inputs)
    : path_(std::move(path)), id_(std::move(id)), spec_(spec), inputs_(std::move(inputs)) {}

std::vector<bool> StoreOutput::begin(bool again) {
  DesignStore store(path_, DesignStore::Mode::kWrite);
  store.begin(id_, spec_, inputs_);
  return store.finished(id_, spec_.size(), again);
}

std::unique_ptr<DesignSink> StoreOutput::open() const { return std::make_unique<StoreSink>(path_, id_); }

}  // namespace lnsim
