#include "state/sqlite_error.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <string>

namespace gantry::state {

Error sqlite_error(sqlite3* db) {
  const char* name = ::sqlite3_db_filename(db, "main");
  const std::string file = name && *name ? name : "state database";
  const int extended = ::sqlite3_extended_errcode(db);
  const int err = ::sqlite3_system_errno(db);
  const bool unique = extended == SQLITE_CONSTRAINT_UNIQUE || extended == SQLITE_CONSTRAINT_PRIMARYKEY;
  if (unique) return {Code::already_exists, file + ": " + ::sqlite3_errmsg(db)};
  switch (extended & 0xff) {
    case SQLITE_FULL:
      return {Code::resource_exhausted, file + ": no space left on device", ENOSPC};
    case SQLITE_IOERR:
      if (err == ENOSPC || err == EDQUOT) return os_error(file, err);
      return {Code::internal, file + ": " + ::sqlite3_errmsg(db), err};
    case SQLITE_READONLY:
      return {Code::unavailable, file + " is read-only: the data root must be writable", EROFS};
    case SQLITE_CANTOPEN:
      return {Code::unavailable, file + " cannot be opened: " + ::sqlite3_errmsg(db), err};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {Code::data_loss, file + " is damaged: " + ::sqlite3_errmsg(db)};
    default:
      return {Code::internal, file + ": " + ::sqlite3_errmsg(db)};
  }
}

} // namespace gantry::state
