#include <sqlite3.h>

#include <utility>

#include "state/database.hpp"
#include "state/sqlite_error.hpp"

namespace gantry::state {

Statement::Statement(Statement&& other) noexcept : db_(other.db_), stmt_(std::exchange(other.stmt_, nullptr)) {}

Statement::~Statement() {
  if (!stmt_) return;
  ::sqlite3_reset(stmt_);
  ::sqlite3_clear_bindings(stmt_);
}

Statement& Statement::bind(int index, std::string_view text) {
  // A null data() would bind NULL, not the empty string.
  const char* data = text.data() ? text.data() : "";
  if (::sqlite3_bind_text64(stmt_, index, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8) != SQLITE_OK) throw sqlite_error(db_);
  return *this;
}

Statement& Statement::bind(int index, std::int64_t number) {
  if (::sqlite3_bind_int64(stmt_, index, number) != SQLITE_OK) throw sqlite_error(db_);
  return *this;
}

Statement& Statement::bind_null(int index) {
  if (::sqlite3_bind_null(stmt_, index) != SQLITE_OK) throw sqlite_error(db_);
  return *this;
}

bool Statement::step() {
  switch (::sqlite3_step(stmt_)) {
    case SQLITE_ROW:
      return true;
    case SQLITE_DONE:
      return false;
    default:
      throw sqlite_error(db_);
  }
}

std::string Statement::text(int column) const {
  const auto* bytes = ::sqlite3_column_text(stmt_, column);
  const auto size = static_cast<std::size_t>(::sqlite3_column_bytes(stmt_, column));
  return bytes ? std::string(reinterpret_cast<const char*>(bytes), size) : std::string();
}

std::int64_t Statement::number(int column) const { return ::sqlite3_column_int64(stmt_, column); }

bool Statement::is_null(int column) const { return ::sqlite3_column_type(stmt_, column) == SQLITE_NULL; }

} // namespace gantry::state
