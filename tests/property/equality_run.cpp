// SPDX-License-Identifier: Apache-2.0
#include "tests/property/equality_run.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>
#include <system_error>

#include "tests/property/equality.hpp"
#include "tests/support/random_pass_case.hpp"

namespace lnsim::test {
namespace {

constexpr unsigned kMostSeconds = 120;  // of one case
constexpr int kShrinkTries = 1500;

std::string kind_of(const std::string& failure) { return failure.substr(0, failure.find(':')); }

/// The same property as a function of the draws; only failures of this kind count, so that shrinking does not slip from
/// one fault to another.
Property property_of(const std::string& kind) {
  return [kind](Choices& choices) -> std::optional<std::string> {
    ::alarm(kMostSeconds);
    const std::optional<PassCase> made = random_pass_case(choices);
    if (!made) return std::nullopt;
    const EqualityResult result = check_equality(*made);
    if (!result.failure || kind_of(*result.failure) != kind) return std::nullopt;
    return result.failure;
  };
}

Json failure_json(std::uint64_t seed, const PassCase& made, const std::string& text) {
  Json json;
  json["seed"] = seed;
  json["text"] = text;
  json["case"] = write_case(made);
  return json;
}

Json shrunk(std::uint64_t seed, const std::vector<std::uint64_t>& draws, const std::string& failure) {
  const Property property = property_of(kind_of(failure));
  Choices choices(shrink(draws, property, kShrinkTries));
  std::optional<PassCase> made = random_pass_case(choices);
  const EqualityResult result = check_equality(made.value());
  made->about = "shrunk from seed " + std::to_string(seed);
  return failure_json(seed, *made, result.failure.value_or(failure));
}

/// A file that a worker writes and its parent reads after it: the current seed in front, the report at the end.
class Mailbox {
 public:
  Mailbox() : file_(std::tmpfile(), &std::fclose) {
    if (!file_) throw std::system_error(errno, std::generic_category(), "tmpfile");
  }
  void put_seed(std::uint64_t seed) const {
    write_at(0, std::string_view(reinterpret_cast<char*>(&seed), sizeof seed));
  }
  void put_report(const std::string& text) const { write_at(sizeof(std::uint64_t), text); }
  [[nodiscard]] std::uint64_t seed() const {
    std::uint64_t seed = 0;
    if (::pread(::fileno(file_.get()), &seed, sizeof seed, 0) < 0) return 0;
    return seed;
  }
  [[nodiscard]] std::string report() const {
    std::string text;
    std::array<char, 65536> part{};
    auto at = static_cast<off_t>(sizeof(std::uint64_t));
    for (ssize_t size = 0; (size = ::pread(::fileno(file_.get()), part.data(), part.size(), at)) > 0; at += size) {
      text.append(part.data(), static_cast<std::size_t>(size));
    }
    return text;
  }

 private:
  void write_at(std::size_t at, std::string_view text) const {
    while (!text.empty()) {
      const ssize_t size = ::pwrite(::fileno(file_.get()), text.data(), text.size(), static_cast<off_t>(at));
      if (size < 0) throw std::system_error(errno, std::generic_category(), "pwrite");
      text.remove_prefix(static_cast<std::size_t>(size));
      at += static_cast<std::size_t>(size);
    }
  }
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

void work(const EqualityOptions& options, std::uint64_t worker, const Mailbox& mailbox) {
  Coverage coverage;
  Json failures = Json::array();
  for (std::uint64_t i = worker; i < options.cases && failures.size() < options.failures; i += options.jobs) {
    const std::uint64_t seed = options.seed + i;
    mailbox.put_seed(seed);
    ::alarm(kMostSeconds);
    Choices choices(seed);
    const std::optional<PassCase> made = random_pass_case(choices);
    if (!made) {
      coverage.add_discarded();
      continue;
    }
    const EqualityResult result = check_equality(*made);
    if (result.entry.cycles > 0) coverage.add(*made, result.entry, result.skipped);
    if (result.failure) {
      failures.push_back(options.shrink ? shrunk(seed, choices.drawn(), *result.failure)
                                        : failure_json(seed, *made, *result.failure));
    }
  }
  mailbox.put_report(Json{{"coverage", coverage.write()}, {"failures", failures}}.dump());
}

void read_report(const Mailbox& mailbox, EqualityReport& report) {
  const Json json = parse_json(mailbox.report(), "worker").root;
  report.coverage.add(Coverage::read(json.at("coverage")));
  for (const Json& failure : json.at("failures")) {
    report.failures.push_back({failure.at("seed"), failure.at("text"), read_case({"worker", failure.at("case")})});
  }
}

/// The case in which a worker died, as it was drawn.
EqualityFailure death(const Mailbox& mailbox, int status) {
  EqualityFailure failure;
  failure.seed = mailbox.seed();
  failure.text = "died: " + (WIFSIGNALED(status) ? std::string(strsignal(WTERMSIG(status)))
                                                 : "exit code " + std::to_string(WEXITSTATUS(status)));
  Choices choices(failure.seed);
  failure.made = random_pass_case(choices);
  if (failure.made) failure.made->about = "seed " + std::to_string(failure.seed);
  return failure;
}

}  // namespace

EqualityReport run_equality(const EqualityOptions& options) {
  std::vector<Mailbox> mailboxes(options.jobs);
  std::vector<pid_t> workers;
  for (std::uint64_t worker = 0; worker < options.jobs; ++worker) {
    const pid_t pid = ::fork();
    if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (pid == 0) {
      int code = 0;
      try {
        work(options, worker, mailboxes[worker]);
      } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        code = 3;
      }
      ::_exit(code);
    }
    workers.push_back(pid);
  }
  EqualityReport report;
  for (std::size_t worker = 0; worker < workers.size(); ++worker) {
    int status = 0;
    if (::waitpid(workers[worker], &status, 0) < 0) throw std::system_error(errno, std::generic_category(), "waitpid");
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
      read_report(mailboxes[worker], report);
    } else {
      report.failures.push_back(death(mailboxes[worker], status));
    }
  }
  return report;
}

}  // namespace lnsim::test
