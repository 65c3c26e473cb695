// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/design_store.hpp"

#include <sqlite3.h>
#include <sys/vfs.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>

#include "sim/support/error.hpp"
#include "sim/support/text.hpp"
#include "sim/sweep/design.hpp"

namespace lnsim {
namespace {

constexpr int kApplication = 0x6C6E7331;  // "lns1"
constexpr int kVersion = 1;
constexpr int kBusyMilliseconds = 60000;
constexpr const char* kDesigns =
    "SELECT rows.number, rows.status, rows.axes, rows.error, figures.* FROM rows LEFT JOIN figures ON figures.key = "
    "rows.key WHERE rows.sweep = ? ";

/// "name" as an identifier of SQL.
std::string quoted(const std::string& name) {
  std::string text = "\"";
  for (const char c : name) text += c == '"' ? "\"\"" : std::string(1, c);
  return text + "\"";
}

/// Locks of a write-ahead log need memory that all processes share: not so on a network file system (statfs(2)).
bool on_network(const std::filesystem::path& path) {
  struct statfs info {};
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  if (::statfs(folder.c_str(), &info) != 0) return false;
  constexpr std::array<std::uint64_t, 7> kNetworks{0x6969,     0x517B,     0xFE534D42, 0xFF534D42,
                                                   0x0BD00BD0, 0x47504653, 0x01021997};
  for (const std::uint64_t magic : kNetworks) {
    if (static_cast<std::uint64_t>(info.f_type) == magic) return true;
  }
  return false;
}

/// Processes hold the lock for less than a tenth of a millisecond, far less than SQLite's own handler sleeps at least.
int wait_briefly(void* /*nobody*/, int tries) {
  constexpr auto kPause = std::chrono::microseconds(50);
  constexpr auto kLongPause = std::chrono::milliseconds(1);
  constexpr int kBriefTries = 400;
  if (tries > kBriefTries + kBusyMilliseconds) return 0;
  if (tries < kBriefTries) {
    std::this_thread::sleep_for(kPause);
  } else {
    std::this_thread::sleep_for(kLongPause);
  }
  return 1;
}

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct EndStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using StatementPtr = std::unique_ptr<sqlite3_stmt, EndStatement>;

}  // namespace

struct DesignStore::Impl {
  std::string file;
  std::unique_ptr<sqlite3, CloseDatabase> database;
  // Used for every design: prepared once. After `database`, so that they end before it.
  mutable StatementPtr put_figures, put_row, find_figures;

  /// A statement that is kept, ready to be bound anew.
  sqlite3_stmt* kept(StatementPtr& statement, const std::string& sql) const {
    if (statement == nullptr) statement = prepare(sql);
    sqlite3_reset(statement.get());
    sqlite3_clear_bindings(statement.get());
    return statement.get();
  }

  [[noreturn]] void fail() const {
    const int code = sqlite3_errcode(database.get());
    const std::string message = file + ": " + sqlite3_errmsg(database.get());
    const bool full = code == SQLITE_FULL || code == SQLITE_IOERR;
    throw std::system_error(full ? ENOSPC : EIO, std::generic_category(), message);
  }

  void run(const char* sql) const {
    if (sqlite3_exec(database.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail();
  }

  /// For steps at which SQLite does not wait itself for other processes: turning the log on, making the tables.
  void run_patiently(const char* sql) const {
    constexpr auto kPause = std::chrono::milliseconds(5);
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(kBusyMilliseconds);
    for (;;) {
      const int code = sqlite3_exec(database.get(), sql, nullptr, nullptr, nullptr);
      if (code == SQLITE_OK) return;
      if (code != SQLITE_BUSY || std::chrono::steady_clock::now() > end) fail();
      std::this_thread::sleep_for(kPause);
    }
  }

  StatementPtr prepare(const std::string& sql) const {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database.get(), sql.c_str(), static_cast<int>(sql.size() + 1), &statement, nullptr) !=
        SQLITE_OK) {
      fail();
    }
    return StatementPtr(statement);
  }

  void bind(sqlite3_stmt* statement, int at, const std::string& text) const {
    if (sqlite3_bind_text(statement, at, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT) != SQLITE_OK)
      fail();
  }

  /// Whether there is a row.
  bool step(sqlite3_stmt* statement) const {
    const int code = sqlite3_step(statement);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) fail();
    return false;
  }

  static std::string text(sqlite3_stmt* statement, int column) {
    const auto* const bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
    return bytes == nullptr ? ""
                            : std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement, column)));
  }

  /// Of a statement that begins with kDesigns.
  StoredDesign design(sqlite3_stmt* statement) const;

  int pragma(const char* name) const {
    const StatementPtr statement = prepare(std::string("PRAGMA ") + name);
    return step(statement.get()) ? sqlite3_column_int(statement.get(), 0) : 0;
  }

  void create() const {
    std::string columns;
    for (const std::string& name : metric_names()) columns += ", " + quoted(name) + " REAL";
    run_patiently("BEGIN IMMEDIATE");
    // Another process was first, or it is a database of somebody else.
    if (pragma("schema_version") != 0) return run("COMMIT");
    run(("CREATE TABLE figures(key TEXT PRIMARY KEY" + columns +
         ") WITHOUT ROWID;"
         "CREATE TABLE sweeps(id TEXT PRIMARY KEY, name TEXT NOT NULL, spec TEXT NOT NULL, begun INTEGER NOT NULL) "
         "WITHOUT ROWID;"
         "CREATE TABLE rows(sweep TEXT NOT NULL, number INTEGER NOT NULL, status TEXT NOT NULL, axes TEXT NOT NULL,"
         " key TEXT, error TEXT, PRIMARY KEY(sweep, number)) WITHOUT ROWID;")
            .c_str());
    run(("PRAGMA user_version = " + std::to_string(kVersion)).c_str());
    run(("PRAGMA application_id = " + std::to_string(kApplication)).c_str());
    run("COMMIT");
  }

  /// Lasts until the connection closes: the results of one sweep, a column per axis and metric.
  void create_view(const std::string& id) const {
    const StatementPtr statement = prepare("SELECT spec FROM sweeps WHERE id = ?");
    bind(statement.get(), 1, id);
    if (!step(statement.get())) throw InputError(file, "", "no such sweep", "a sweep that was begun");
    const Json spec = parse_json(text(statement.get(), 0), file).root;
    std::string columns = "rows.number AS number, rows.status AS status, rows.error AS error";
    std::size_t i = 0;
    for (const Json& name : spec["axes"]) {
      columns += ", json_extract(rows.axes, '$[" + std::to_string(i++) + "]') AS " + quoted(name.get<std::string>());
    }
    for (const std::string& name : metric_names()) columns += ", figures." + quoted(name) + " AS " + quoted(name);
    std::string literal = "'";
    for (const char c : id) literal += c == '\'' ? "''" : std::string(1, c);
    run(("CREATE TEMP VIEW designs AS SELECT " + columns +
         " FROM main.rows AS rows LEFT JOIN main.figures AS figures ON figures.key = rows.key WHERE rows.sweep = " +
         literal + "'")
            .c_str());
  }
};

DesignStore::DesignStore(const std::filesystem::path& path, Mode mode) : impl_(std::make_unique<Impl>()) {
  impl_->file = path.string();
  const bool write = mode == Mode::kWrite;
  std::error_code error;
  if (!write && !std::filesystem::exists(path, error)) {
    throw InputError(impl_->file, "", "no such file", "a store that `lnsim sweep` wrote");
  }
  if (on_network(path)) {
    throw InputError(impl_->file, "", "a network file system", "a local folder: copy the store when the sweep is done");
  }
  sqlite3* opened = nullptr;
  const int flags = write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  const int code = sqlite3_open_v2(path.c_str(), &opened, flags, nullptr);
  impl_->database.reset(opened);
  if (code != SQLITE_OK) throw InputError(impl_->file, "", sqlite3_errmsg(opened), "a store that can be opened");
  sqlite3_busy_handler(opened, wait_briefly, nullptr);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  try {
    if (write) impl_->run_patiently("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    if (write && impl_->pragma("schema_version") == 0) impl_->create();
    if (impl_->pragma("application_id") != kApplication || impl_->pragma("user_version") != kVersion) {
      throw InputError(impl_->file, "", "a database of another kind or version", "a store that `lnsim sweep` wrote");
    }
  } catch (const std::system_error& failure) {
    throw InputError(impl_->file, "", failure.what(), "a store that can be opened");
  }
}

DesignStore::~DesignStore() = default;

void DesignStore::begin(const std::string& id, const SweepSpec& spec, const std::string& inputs) {
  const Json json = {{"name", spec.name}, {"axes", spec.axis_names()}, {"size", spec.size()}, {"inputs", inputs}};
  impl_->run("BEGIN IMMEDIATE");
  try {
    const StatementPtr forget = impl_->prepare(
        "DELETE FROM rows WHERE sweep = ?1 AND EXISTS (SELECT 1 FROM sweeps WHERE id = ?1 AND spec <> ?2)");
    impl_->bind(forget.get(), 1, id);
    impl_->bind(forget.get(), 2, json.dump());
    (void)impl_->step(forget.get());
    const StatementPtr statement = impl_->prepare(
        "INSERT INTO sweeps(id, name, spec, begun) VALUES(?1, ?2, ?3, (SELECT ifnull(max(begun), 0) + 1 FROM sweeps)) "
        "ON CONFLICT(id) DO UPDATE SET spec = ?3, begun = (SELECT max(begun) + 1 FROM sweeps)");
    impl_->bind(statement.get(), 1, id);
    impl_->bind(statement.get(), 2, spec.name);
    impl_->bind(statement.get(), 3, json.dump());
    (void)impl_->step(statement.get());
  } catch (...) {
    sqlite3_exec(impl_->database.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    throw;
  }
  impl_->run("COMMIT");
}

std::vector<std::string> DesignStore::sweeps(const std::string& name) const {
  const StatementPtr statement = impl_->prepare("SELECT id FROM sweeps WHERE name = ? ORDER BY begun DESC");
  impl_->bind(statement.get(), 1, name);
  std::vector<std::string> ids;
  while (impl_->step(statement.get())) ids.push_back(Impl::text(statement.get(), 0));
  return ids;
}

std::vector<bool> DesignStore::finished(const std::string& id, std::uint64_t size, bool again) const {
  const StatementPtr statement = impl_->prepare("SELECT number, status FROM rows WHERE sweep = ?");
  impl_->bind(statement.get(), 1, id);
  std::vector<bool> done(size, false);
  while (impl_->step(statement.get())) {
    const auto number = static_cast<std::uint64_t>(sqlite3_column_int64(statement.get(), 0));
    const bool failed = status_of(Impl::text(statement.get(), 1)) == DesignStatus::kFailed;
    if (number < size) done[number] = !(failed && again);
  }
  return done;
}

std::optional<std::vector<double>> DesignStore::find(const std::string& key) const {
  sqlite3_stmt* const statement = impl_->kept(impl_->find_figures, "SELECT * FROM figures WHERE key = ?");
  impl_->bind(statement, 1, key);
  std::optional<std::vector<double>> metrics;
  if (impl_->step(statement)) {
    metrics.emplace();
    for (int c = 1; c < sqlite3_column_count(statement); ++c) metrics->push_back(sqlite3_column_double(statement, c));
  }
  sqlite3_reset(statement);  // a reader keeps the log from being taken over
  return metrics;
}

void DesignStore::put(const std::string& id, const StoredDesign& design, const std::string& key) {
  impl_->run("BEGIN IMMEDIATE");
  try {
    if (!design.metrics.empty()) {
      std::string places = "?";
      for (std::size_t i = 0; i < design.metrics.size(); ++i) places += ", ?";
      sqlite3_stmt* const figures =
          impl_->kept(impl_->put_figures, "INSERT OR IGNORE INTO figures VALUES(" + places + ")");
      impl_->bind(figures, 1, key);
      for (std::size_t i = 0; i < design.metrics.size(); ++i) {
        sqlite3_bind_double(figures, static_cast<int>(i) + 2, design.metrics[i]);
      }
      (void)impl_->step(figures);
      sqlite3_reset(figures);
    }
    sqlite3_stmt* const row = impl_->kept(impl_->put_row,
                                          "INSERT OR REPLACE INTO rows(sweep, number, status, axes, key, error) "
                                          "VALUES(?, ?, ?, ?, ?, ?)");
    impl_->bind(row, 1, id);
    sqlite3_bind_int64(row, 2, static_cast<sqlite3_int64>(design.number));
    impl_->bind(row, 3, status_name(design.status));
    impl_->bind(row, 4, Json(design.values).dump());
    if (!key.empty()) impl_->bind(row, 5, key);
    if (!design.error.empty()) impl_->bind(row, 6, design.error);
    (void)impl_->step(row);
    sqlite3_reset(row);
    impl_->run("COMMIT");
  } catch (...) {
    sqlite3_exec(impl_->database.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    throw;
  }
}

StoredDesign DesignStore::Impl::design(sqlite3_stmt* statement) const {
  constexpr int kFirstMetric = 5;  // behind the figures' own key
  StoredDesign design;
  design.number = static_cast<std::uint64_t>(sqlite3_column_int64(statement, 0));
  design.status = status_of(text(statement, 1));
  const Json values = parse_json(text(statement, 2), file).root;
  design.values.assign(values.begin(), values.end());
  design.error = text(statement, 3);
  if (design.status == DesignStatus::kDone) {
    for (int c = kFirstMetric; c < sqlite3_column_count(statement); ++c) {
      design.metrics.push_back(sqlite3_column_double(statement, c));
    }
  }
  return design;
}

std::optional<StoredDesign> DesignStore::row(const std::string& id, std::uint64_t number) const {
  const StatementPtr statement = impl_->prepare(kDesigns + std::string("AND rows.number = ?"));
  impl_->bind(statement.get(), 1, id);
  sqlite3_bind_int64(statement.get(), 2, static_cast<sqlite3_int64>(number));
  if (!impl_->step(statement.get())) return std::nullopt;
  return impl_->design(statement.get());
}

void DesignStore::each(const std::string& id, const std::function<void(const StoredDesign&)>& visit) const {
  const StatementPtr statement = impl_->prepare(kDesigns + std::string("ORDER BY rows.number"));
  impl_->bind(statement.get(), 1, id);
  while (impl_->step(statement.get())) visit(impl_->design(statement.get()));
}

QueryResult DesignStore::query(const std::string& id, const std::string& sql, double seconds) const {
  impl_->create_view(id);
  sqlite3* const database = impl_->database.get();
  // Nothing but reading, and none of the functions that reach outside.
  const auto authorizer = [](void*, int action, const char*, const char* name, const char*, const char*) -> int {
    const bool function = action == SQLITE_FUNCTION && name != nullptr && std::string_view(name) != "load_extension";
    return action == SQLITE_SELECT || action == SQLITE_READ || action == SQLITE_RECURSIVE || function ? SQLITE_OK
                                                                                                      : SQLITE_DENY;
  };
  using Clock = std::chrono::steady_clock;
  Clock::time_point end =
      Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  const auto watch = [](void* until) -> int { return Clock::now() > *static_cast<Clock::time_point*>(until) ? 1 : 0; };
  sqlite3_set_authorizer(database, authorizer, nullptr);
  constexpr int kInstructions = 10000;  // between two looks at the clock
  sqlite3_progress_handler(database, kInstructions, watch, &end);
  const auto refuse = [&](const std::string& expected) {
    throw InputError("--query", "", sqlite3_errmsg(database), expected);
  };
  sqlite3_stmt* prepared = nullptr;
  const char* rest = nullptr;
  if (sqlite3_prepare_v2(database, sql.c_str(), static_cast<int>(sql.size() + 1), &prepared, &rest) != SQLITE_OK) {
    refuse("a SELECT over `designs`");
  }
  const StatementPtr statement(prepared);
  if (prepared == nullptr || std::string_view(rest).find_first_not_of(" \t\n;") != std::string_view::npos) {
    throw InputError("--query", "", sql, "one SELECT over `designs`");
  }
  QueryResult result;
  const int columns = sqlite3_column_count(prepared);
  for (int c = 0; c < columns; ++c) result.columns.emplace_back(sqlite3_column_name(prepared, c));
  result.numeric.assign(static_cast<std::size_t>(columns), true);
  for (;;) {
    const int code = sqlite3_step(prepared);
    if (code == SQLITE_DONE) return result;
    if (code != SQLITE_ROW) refuse("a query that ends within " + format_double(seconds) + " s");
    auto& row = result.rows.emplace_back();
    for (int c = 0; c < columns; ++c) {
      const int type = sqlite3_column_type(prepared, c);
      if (type == SQLITE_NULL) {
        row.emplace_back();
      } else if (type == SQLITE_FLOAT) {
        row.emplace_back(format_double(sqlite3_column_double(prepared, c)));
      } else {
        row.emplace_back(Impl::text(prepared, c));
        if (type != SQLITE_INTEGER) result.numeric[static_cast<std::size_t>(c)] = false;
      }
    }
  }
}

}  // namespace lnsim
