// SPDX-License-Identifier: Apache-2.0
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <system_error>

#include "sim/support/error.hpp"
#include "sim/support/files.hpp"
#include "tests/unit/support/scratch_folder.hpp"

namespace fs = std::filesystem;
using lnsim::AtomicDirectory;
using lnsim::write_file_atomically;
using lnsim::test::ScratchFolder;

namespace {

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::size_t entries_in(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), {}));
}

}  // namespace

TEST_CASE("a file is written and replaced, and nothing else remains", "[files]") {
  const ScratchFolder folder;
  write_file_atomically(folder.path() / "a.json", "one");
  write_file_atomically(folder.path() / "a.json", "two");
  CHECK(text_of(folder.path() / "a.json") == "two");
  CHECK(entries_in(folder.path()) == 1);
}

TEST_CASE("replacing a file keeps its permissions and links to it", "[files]") {
  const ScratchFolder folder;
  write_file_atomically(folder.path() / "a", "one");
  fs::permissions(folder.path() / "a", fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink("a", folder.path() / "link");
  write_file_atomically(folder.path() / "link", "two");
  CHECK(fs::is_symlink(folder.path() / "link"));
  CHECK(text_of(folder.path() / "a") == "two");
  CHECK(fs::status(folder.path() / "a").permissions() == (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("a device is written to, not replaced", "[files]") {
  write_file_atomically("/dev/null", "gone");
  CHECK(fs::is_character_file("/dev/null"));
}

TEST_CASE("a failed write is a system error", "[files]") {
  if (!fs::exists("/dev/full")) return;
  CHECK_THROWS_AS(write_file_atomically("/dev/full", "x"), std::system_error);
}

TEST_CASE("a file where none can be is bad input", "[files]") {
  const ScratchFolder folder;
  CHECK_THROWS_AS(write_file_atomically(folder.path() / "none" / "a", "x"), lnsim::InputError);
  CHECK_THROWS_AS(write_file_atomically(folder.path(), "x"), lnsim::InputError);
}

TEST_CASE("a result folder appears on commit only", "[files]") {
  const ScratchFolder folder;
  const fs::path target = folder.path() / "deep" / "out";
  {
    AtomicDirectory out(target, {"a"});
    out.write("a", "one");
    CHECK_FALSE(fs::exists(target));
    out.commit();
  }
  CHECK(text_of(target / "a") == "one");
  CHECK(entries_in(folder.path() / "deep") == 1);
}

TEST_CASE("a result folder that is not committed leaves nothing", "[files]") {
  const ScratchFolder folder;
  { AtomicDirectory(folder.path() / "out", {}).write("a", "one"); }
  CHECK(entries_in(folder.path()) == 0);
}

TEST_CASE("a result folder replaces earlier results whole", "[files]") {
  const ScratchFolder folder;
  const fs::path target = folder.path() / "out";
  fs::create_directory(target);
  write_file_atomically(target / "old", "x");
  AtomicDirectory out(target / "", {"old"});
  out.write("new", "y");
  out.commit();
  CHECK_FALSE(fs::exists(target / "old"));
  CHECK(text_of(target / "new") == "y");
  CHECK(entries_in(folder.path()) == 1);
}

TEST_CASE("a folder with other files is not replaced", "[files]") {
  const ScratchFolder folder;
  write_file_atomically(folder.path() / "thesis.tex", "x");
  CHECK_THROWS_AS(AtomicDirectory(folder.path(), {"report.json"}), lnsim::InputError);
  CHECK(text_of(folder.path() / "thesis.tex") == "x");
}

TEST_CASE("a file is no result folder", "[files]") {
  const ScratchFolder folder;
  write_file_atomically(folder.path() / "a", "x");
  CHECK_THROWS_AS(AtomicDirectory(folder.path() / "a", {}), lnsim::InputError);
  CHECK_THROWS_AS(AtomicDirectory(folder.path() / "a" / "b", {}), lnsim::InputError);
}

TEST_CASE("an interrupt removes a result folder that is being written", "[files]") {
  const ScratchFolder folder;
  // In a child process, because what is interrupted ends.
  const pid_t child = fork();
  if (child == 0) {
    AtomicDirectory out(folder.path() / "out", {});
    out.write("a", "one");
    lnsim::remove_temporaries();
    _exit(0);
  }
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(entries_in(folder.path()) == 0);
}

TEST_CASE("a child process owns none of its parent's temporaries", "[files]") {
  const ScratchFolder folder;
  AtomicDirectory out(folder.path() / "out", {});
  const pid_t child = fork();
  if (child == 0) {
    lnsim::disown_temporaries();
    lnsim::remove_temporaries();
    _exit(0);
  }
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(fs::exists(out.path()));
}
