// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/worker_processes.hpp"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "sim/support/error.hpp"
#include "sim/support/json.hpp"
#include "sim/support/text.hpp"
#include "sim/trace/trace_json.hpp"

namespace lnsim {
namespace {

constexpr auto kTickInterval = std::chrono::milliseconds(100);

enum class Kind : std::uint8_t { kTick, kResult, kInputError, kOverflow, kFailure };

/// A message: this, then `size` bytes of text.
struct Header {
  std::uint64_t unit = 0;
  std::uint64_t size = 0;
  std::uint64_t cycles = 0;
  Kind kind = Kind::kTick;
};

[[noreturn]] void throw_system(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

/// MSG_NOSIGNAL: a peer that is gone is an error of this call, not a signal.
bool send_all(int socket, const void* data, std::size_t size) {
  const char* at = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t sent = ::send(socket, at, size, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    at += sent;
    size -= static_cast<std::size_t>(sent);
  }
  return true;
}

bool receive_all(int socket, void* data, std::size_t size) {
  char* at = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t got = ::recv(socket, at, size, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

void send_message(int socket, Header header, const std::string& text) {
  header.size = text.size();
  if (!send_all(socket, &header, sizeof header) || !send_all(socket, text.data(), text.size())) ::_exit(1);
}

Json problems_json(const InputError& error) {
  Json json = Json::array();
  for (const InputProblem& p : error.problems()) json.push_back(Json::array({p.file, p.where, p.value, p.expected}));
  return json;
}

/// One unit in a worker: exactly one result or error goes back.
void serve(int socket, std::size_t unit, const WorkFunction& work) {
  Header header;
  header.unit = unit;
  auto next = std::chrono::steady_clock::now();
  const auto tick = [&](std::uint64_t cycles) {
    const auto now = std::chrono::steady_clock::now();
    if (now < next) return;
    next = now + kTickInterval;
    Header message = header;
    message.cycles = cycles;
    send_message(socket, message, "");
  };
  std::string text;
  try {
    const TraceEntry entry = work(unit, tick);
    header.cycles = entry.cycles;
    header.kind = Kind::kResult;
    text = write_entry(entry).dump();
  } catch (const InputError& error) {
    header.kind = Kind::kInputError;
    text = problems_json(error).dump(-1, ' ', false, Json::error_handler_t::replace);
  } catch (const OverflowError& error) {
    header.kind = Kind::kOverflow;
    text = error.what();
  } catch (const std::exception& error) {
    header.kind = Kind::kFailure;
    text = error.what();
  }
  send_message(socket, header, text);
}

[[noreturn]] void worker_main(int socket, pid_t parent, const WorkFunction& work) {
  // Signals to the whole process group are the parent's to answer: a worker that died first would look like a failure.
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) std::signal(number, SIG_IGN);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);  // it ended before the line above
  std::uint64_t unit = 0;
  while (receive_all(socket, &unit, sizeof unit)) serve(socket, static_cast<std::size_t>(unit), work);
  ::_exit(0);  // no destructors: open files and the simulation belong to the parent
}

/// A worker process and this side of its socket; ended and waited for by the destructor.
class Worker {
 public:
  /// `others`: sockets of workers made before, which this one must not keep open.
  Worker(const WorkFunction& work, const std::vector<Worker>& others) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) throw_system("socketpair");
    const pid_t parent = ::getpid();
    process_ = ::fork();
    if (process_ < 0) {
      const int error = errno;
      ::close(ends[0]);
      ::close(ends[1]);
      errno = error;
      throw_system("fork");
    }
    if (process_ == 0) {
      for (const Worker& other : others) ::close(other.socket_);
      ::close(ends[0]);
      worker_main(ends[1], parent, work);
    }
    ::close(ends[1]);
    socket_ = ends[0];
  }
  Worker(Worker&& other) noexcept
      : unit(other.unit), socket_(std::exchange(other.socket_, -1)), process_(std::exchange(other.process_, -1)) {}
  Worker& operator=(Worker&&) = delete;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::close(socket_);
    while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  [[nodiscard]] int socket() const { return socket_; }

  void begin(std::size_t next) {
    const std::uint64_t message = next;
    if (!send_all(socket_, &message, sizeof message)) throw SimulationError("a worker process ended too early");
    unit = next;
  }

  std::optional<std::size_t> unit;  ///< what it is working on

 private:
  int socket_ = -1;
  pid_t process_ = -1;
};

struct Failure {
  Kind kind = Kind::kFailure;
  std::string text;
};

[[noreturn]] void rethrow(const Failure& failure) {
  if (failure.kind == Kind::kOverflow) throw OverflowError(failure.text);
  if (failure.kind != Kind::kInputError) throw SimulationError(failure.text);
  std::vector<InputProblem> problems;
  for (const Json& p : parse_json(failure.text, "worker").root) {
    problems.push_back(
        {p[0].get<std::string>(), p[1].get<std::string>(), p[2].get<std::string>(), p[3].get<std::string>()});
  }
  throw InputError(std::move(problems));
}

/// The calling side: hands out units, gathers results.
class Gatherer {
 public:
  Gatherer(const std::vector<std::size_t>& order, const WorkProgress& progress)
      : order_(order), progress_(progress), results_(order.size()) {}

  std::vector<TraceEntry> run(std::uint64_t jobs, const WorkFunction& work) {
    std::vector<Worker> workers;
    workers.reserve(jobs);
    for (std::uint64_t i = 0; i < jobs; ++i) workers.emplace_back(work, workers);
    for (Worker& worker : workers) hand_out(worker);
    while (busy(workers)) gather(workers);
    if (!failures_.empty()) rethrow(failures_.begin()->second);
    return std::move(results_);
  }

 private:
  void hand_out(Worker& worker) {
    worker.unit.reset();
    // After a failure only units before it matter: the error reported is that of the lowest failing unit, whatever the
    // order in which the processes came to it.
    while (next_ < order_.size() && !failures_.empty() && order_[next_] > failures_.begin()->first) ++next_;
    if (next_ < order_.size()) worker.begin(order_[next_++]);
  }

  static bool busy(const std::vector<Worker>& workers) {
    for (const Worker& worker : workers) {
      if (worker.unit) return true;
    }
    return false;
  }

  void gather(std::vector<Worker>& workers) {
    std::vector<pollfd> files;
    for (const Worker& worker : workers) files.push_back({worker.unit ? worker.socket() : -1, POLLIN, 0});
    if (::poll(files.data(), files.size(), -1) < 0) {
      if (errno == EINTR) return;
      throw_system("poll");
    }
    for (std::size_t i = 0; i < workers.size(); ++i) {
      if (files[i].revents != 0) take(workers[i]);
    }
  }

  void take(Worker& worker) {
    Header header;
    std::string text;
    bool sound = receive_all(worker.socket(), &header, sizeof header);
    if (sound) {
      text.resize(header.size);
      sound = receive_all(worker.socket(), text.data(), text.size());
    }
    if (!sound) throw SimulationError("a worker process ended in the middle of its work (killed, or out of memory)");
    const auto unit = static_cast<std::size_t>(header.unit);
    if (header.kind == Kind::kTick) {
      progress_(unit, header.cycles, false);
      return;
    }
    if (header.kind == Kind::kResult) {
      results_[unit] = read_entry(Json::parse(text), "worker", "");
      progress_(unit, header.cycles, true);
    } else {
      failures_.emplace(unit, Failure{header.kind, std::move(text)});
    }
    hand_out(worker);
  }

  const std::vector<std::size_t>& order_;
  const WorkProgress& progress_;
  std::size_t next_ = 0;
  std::vector<TraceEntry> results_;
  std::map<std::size_t, Failure> failures_;
};

}  // namespace

std::vector<TraceEntry> run_in_processes(const std::vector<std::size_t>& order, std::uint64_t jobs,
                                         const WorkFunction& work, const WorkProgress& progress) {
  return Gatherer(order, progress).run(jobs, work);
}

}  // namespace lnsim
