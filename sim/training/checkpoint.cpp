// SPDX-License-Identifier: Apache-2.0
#include "sim/training/checkpoint.hpp"

#include <zlib.h>

#include <algorithm>

#include "sim/support/error.hpp"
#include "sim/support/files.hpp"
#include "sim/training/bytes.hpp"
#include "sim/training/dataset.hpp"

namespace lnsim::training {
namespace {

constexpr std::string_view kMagic = "lnsim.checkpoint/1\n";
constexpr std::size_t kMostCheckpointBytes = std::size_t{1} << 34U;

std::uint64_t crc_of(std::string_view bytes) {
  return crc32_z(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

/// The first line in which two texts differ, of the one that is given first.
std::string difference(std::string_view one, std::string_view other) {
  std::size_t at = 0;
  while (at < one.size() && at < other.size() && one[at] == other[at]) ++at;
  if (at == one.size() && at > 0) --at;
  const std::size_t line = at == 0 ? std::string_view::npos : one.rfind('\n', at - 1);
  const std::size_t begin = line == std::string_view::npos ? 0 : line + 1;
  std::string text(one.substr(begin, one.find('\n', at) - begin));
  text.erase(0, text.find_first_not_of(' '));
  if (text.ends_with(',')) text.pop_back();
  return text;
}

}  // namespace

void write_checkpoint(const std::filesystem::path& path, std::string_view run, std::string_view state) {
  ByteWriter body;
  body.text(run);
  body.text(state);
  ByteWriter file;
  file.number(crc_of(body.bytes()));
  write_file_atomically(path, std::string(kMagic) + file.bytes() + body.bytes());
}

std::string read_checkpoint(const std::filesystem::path& path, std::string_view run) {
  const std::string text = read_maybe_gzip(path, kMostCheckpointBytes);
  if (!text.starts_with(kMagic)) throw InputError(path.string(), "", "another file", "a checkpoint of lnsim train");
  const std::string_view rest = std::string_view(text).substr(kMagic.size());
  try {
    ByteReader head(rest);
    const std::uint64_t crc = head.count();
    const std::string_view body = rest.substr(8);
    if (crc_of(body) != crc) throw BytesError("check sum does not match");
    ByteReader reader(body);
    const std::string saved_run = reader.text();
    std::string state = reader.text();
    if (saved_run != run) {
      throw InputError(path.string(), "", "a run with " + difference(saved_run, run), difference(run, saved_run));
    }
    return state;
  } catch (const BytesError& error) {
    throw InputError(path.string(), "", std::string("damaged: ") + error.what(), "a whole checkpoint");
  }
}

}  // namespace lnsim::training
