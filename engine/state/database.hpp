#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace gantry::state {

/// A prepared statement, bound from 1. Reset when it goes out of scope; statements are cached by the database.
class Statement {
 public:
  Statement(sqlite3* db, sqlite3_stmt* stmt) : db_(db), stmt_(stmt) {}
  Statement(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();
  Statement& bind(int index, std::string_view text);
  Statement& bind(int index, std::int64_t number);
  Statement& bind_null(int index);
  /// True while there is a row.
  bool step();
  std::string text(int column) const;
  std::int64_t number(int column) const;
  bool is_null(int column) const;

 private:
  sqlite3* db_;
  sqlite3_stmt* stmt_;
};

/// The daemon's SQLite file: WAL, foreign keys on, synchronous NORMAL (survives kill -9 of the daemon without loss, a
/// power cut without corruption). Opened once; all use goes through `transaction`, which holds the connection's mutex.
/// Schema migrations are numbered in migrations.cpp; a newer file than this engine knows is refused.
/// Errors: resource_exhausted (disk full), unavailable (read-only), internal.
class Database {
 public:
  explicit Database(const std::string& path);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  class Transaction {
   public:
    Statement prepare(std::string_view sql);
    /// Statement without rows.
    void run(std::string_view sql);

   private:
    friend class Database;
    explicit Transaction(Database& db) : db_(db) {}
    Database& db_;
  };

  /// BEGIN IMMEDIATE … COMMIT; rolled back when `f` throws. Blocks for the connection's mutex; do not nest.
  void transaction(const std::function<void(Transaction&)>& f);
  /// Reads without BEGIN.
  void read(const std::function<void(Transaction&)>& f);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

} // namespace gantry::state
