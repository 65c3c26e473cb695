// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/shard_output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <random>
#include <string_view>
#include <system_error>
#include <utility>

#include "sim/support/descriptor.hpp"
#include "sim/support/error.hpp"
#include "sim/support/files.hpp"

namespace lnsim {
namespace {

namespace fs = std::filesystem;

constexpr const char* kParts = "parts";
constexpr std::string_view kPrefixEnd = ".jsonl.";

std::string part_prefix(const SweepShard& shard) { return shard_file_name(shard) + "."; }

/// No other process has it, on this machine or another that shares the folder.
std::string own_name() {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  std::string name;
  for (const char c : std::string(host.data())) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-') name += c;
  }
  std::random_device random;
  return name + "-" + std::to_string(::getpid()) + "-" + std::to_string(random()) + ".part";
}

/// Appends rows to a file that it makes for the first of them.
class PartSink final : public DesignSink {
 public:
  PartSink(fs::path folder, const ShardHeader& header)
      : path_(folder / (part_prefix(header.shard) + own_name())), folder_(std::move(folder)), header_(header) {}

  [[nodiscard]] bool has(const std::string& /*key*/) const override { return false; }

  void put(const StoredDesign& design, const std::string& key) override {
    if (file_.get() < 0) create();
    append(row_line(header_.sweep, {design, key}));
  }

 private:
  void create() {
    constexpr mode_t kMode = 0666;  // less the umask
    file_ = Descriptor(::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, kMode));
    if (file_.get() < 0) fail();
    append(header_line(header_));
    const Descriptor folder(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.get() >= 0) ::fsync(folder.get());
  }

  void append(const std::string& line) {
    std::size_t written = 0;
    while (written < line.size()) {
      const ssize_t count = ::write(file_.get(), line.data() + written, line.size() - written);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail();
      written += static_cast<std::size_t>(count);
    }
    if (::fdatasync(file_.get()) != 0) fail();
  }

  [[noreturn]] void fail() const {
    throw std::system_error(errno, std::generic_category(), "writing " + path_.string());
  }

  fs::path path_, folder_;
  const ShardHeader& header_;
  Descriptor file_;
};

}  // namespace

ShardOutput::ShardOutput(fs::path folder, ShardHeader header, const SweepSpec& spec)
    : folder_(std::move(folder)), header_(std::move(header)), spec_(spec) {}

std::vector<fs::path> ShardOutput::parts() const {
  const std::string prefix = part_prefix(header_.shard);
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator entry(folder_ / kParts, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with(prefix) && name.ends_with(".part")) found.push_back(entry->path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<SweepShard> shards_with_parts(const fs::path& folder) {
  std::map<std::string, SweepShard> found;
  std::error_code error;
  for (fs::directory_iterator entry(folder / kParts, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    const std::size_t end = name.find(kPrefixEnd);
    if (end == std::string::npos) continue;
    const std::string file = name.substr(0, end + kPrefixEnd.size() - 1);
    if (const auto shard = shard_of_name(file)) found.emplace(file, *shard);
  }
  std::vector<SweepShard> shards;
  for (const auto& [name, shard] : found) shards.push_back(shard);
  return shards;
}

std::map<std::uint64_t, ShardRow> ShardOutput::rows() const {
  std::map<std::uint64_t, ShardRow> rows;
  const auto take = [&](std::vector<ShardRow> read) {
    for (ShardRow& row : read) {
      const auto [at, is_new] = rows.try_emplace(row.design.number, row);
      if (!is_new && at->second.design.status != DesignStatus::kDone) at->second = std::move(row);
    }
  };
  take(finished_rows());
  for (const fs::path& part : parts()) take(read_part_file(part, header_, spec_));
  return rows;
}

// None where there is no file, or a damaged one, which is made anew.
std::vector<ShardRow> ShardOutput::finished_rows() const {
  try {
    return read_shard_file(folder_ / shard_file_name(header_.shard), header_, spec_);
  } catch (const InputError&) {
    return {};
  }
}

std::vector<bool> ShardOutput::begin(bool again) {
  std::error_code error;
  fs::create_directories(folder_ / kParts, error);
  if (error) throw InputError((folder_ / kParts).string(), "", error.message(), "a folder that can be written");
  if (::access((folder_ / kParts).c_str(), W_OK) != 0 || ::access(folder_.c_str(), W_OK) != 0) {
    throw InputError(folder_.string(), "", std::generic_category().message(errno), "a folder that can be written");
  }
  const fs::path file = folder_ / shard_file_name(header_.shard);
  const std::string owner = fs::exists(file, error) ? sweep_of_shard_file(file) : "";
  if (!owner.empty() && owner != header_.sweep) {
    throw InputError(file.string(), "", "a shard of another sweep or version", "an empty folder, or this sweep's");
  }
  std::vector<bool> finished(spec_.size(), false);
  for (const auto& [number, row] : rows()) finished[number] = !(again && row.design.status == DesignStatus::kFailed);
  return finished;
}

std::unique_ptr<DesignSink> ShardOutput::open() const { return std::make_unique<PartSink>(folder_ / kParts, header_); }

bool ShardOutput::finish() {
  const std::vector<fs::path> merged = parts();  // before they are read: what comes later stays
  const std::map<std::uint64_t, ShardRow> found = rows();
  const std::uint64_t size = header_.shard.end(spec_.size()) - header_.shard.first(spec_.size());
  if (found.size() != size) return false;
  if (size > 0 && merged.empty()) return true;  // it is there
  std::string text = header_line(header_);
  for (const auto& [number, row] : found) text += row_line(header_.sweep, row);
  write_file_atomically(folder_ / shard_file_name(header_.shard), text + end_line(found.size()));
  std::error_code ignored;
  for (const fs::path& part : merged) fs::remove(part, ignored);
  return true;
}

}  // namespace lnsim
