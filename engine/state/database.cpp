#include "state/database.hpp"

#include <sqlite3.h>

#include <unordered_map>

#include "base/error.hpp"
#include "state/migrations.hpp"
#include "state/sqlite_error.hpp"

namespace gantry::state {

namespace {

struct Close {
  void operator()(sqlite3* db) const { ::sqlite3_close_v2(db); }
};
struct Finalize {
  void operator()(sqlite3_stmt* stmt) const { ::sqlite3_finalize(stmt); }
};

void execute(sqlite3* db, const std::string& sql) {
  if (::sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) throw sqlite_error(db);
}

} // namespace

struct Database::Impl {
  std::mutex guard;
  std::unique_ptr<sqlite3, Close> db;
  std::unordered_map<std::string, std::unique_ptr<sqlite3_stmt, Finalize>> statements;

  void open(const std::string& path);
  void migrate();
  sqlite3_stmt* compile(const std::string& sql);
  void roll_back() noexcept;
};

void Database::Impl::open(const std::string& path) {
  sqlite3* raw = nullptr;
  // One connection behind one mutex: SQLite's own locks would only cost time.
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int opened = ::sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
  db.reset(raw);
  if (!raw) throw Error(Code::resource_exhausted, path + ": not enough memory");
  if (opened != SQLITE_OK) throw sqlite_error(raw).context(path);
  // The daemon holds the data-root's lock: exclusive locking spares the -shm file and a system call per statement.
  execute(raw,
          "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
          "PRAGMA cache_size=-1024; PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=4194304;");
}

sqlite3_stmt* Database::Impl::compile(const std::string& sql) {
  auto& cached = statements[sql];
  if (cached && !::sqlite3_stmt_busy(cached.get())) return cached.get();
  if (cached) throw internal("the statement is in use already: " + sql);
  sqlite3_stmt* stmt = nullptr;
  if (::sqlite3_prepare_v3(db.get(), sql.c_str(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &stmt, nullptr) !=
      SQLITE_OK) {
    statements.erase(sql);
    throw sqlite_error(db.get());
  }
  cached.reset(stmt);
  return stmt;
}

void Database::Impl::migrate() {
  std::int64_t version = 0;
  {
    Statement current(db.get(), compile("PRAGMA user_version"));
    if (current.step()) version = current.number(0);
  }
  const auto newest = static_cast<std::int64_t>(migrations().size());
  if (version < 0 || version > newest) {
    throw unavailable(std::string(::sqlite3_db_filename(db.get(), "main")) + " has schema " + std::to_string(version) +
                      ", this gantryd knows schemas up to " + std::to_string(newest) + ": start a newer gantryd");
  }
  for (auto step = version; step < newest; ++step) {
    execute(db.get(), "BEGIN IMMEDIATE");
    try {
      for (const auto& script : migrations()[static_cast<std::size_t>(step)]) execute(db.get(), script);
      execute(db.get(), "PRAGMA user_version=" + std::to_string(step + 1));
      execute(db.get(), "COMMIT");
    } catch (...) {
      roll_back();
      throw;
    }
  }
}

void Database::Impl::roll_back() noexcept {
  // SQLite has rolled back by itself after a full disk or an I/O error.
  if (!::sqlite3_get_autocommit(db.get())) ::sqlite3_exec(db.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

Database::Database(const std::string& path) : impl_(std::make_unique<Impl>()) {
  impl_->open(path);
  impl_->migrate();
}

Database::~Database() = default;

Statement Database::Transaction::prepare(std::string_view sql) {
  return {db_.impl_->db.get(), db_.impl_->compile(std::string(sql))};
}

void Database::Transaction::run(std::string_view sql) { prepare(sql).step(); }

void Database::transaction(const std::function<void(Transaction&)>& f) {
  std::lock_guard lock(impl_->guard);
  Transaction transaction(*this);
  transaction.run("BEGIN IMMEDIATE");
  try {
    f(transaction);
    transaction.run("COMMIT");
  } catch (...) {
    impl_->roll_back();
    throw;
  }
}

void Database::read(const std::function<void(Transaction&)>& f) {
  std::lock_guard lock(impl_->guard);
  Transaction transaction(*this);
  f(transaction);
}

} // namespace gantry::state
