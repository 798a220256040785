#include "state/database.hpp"

#include <sqlite3.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "state/migrations.hpp"
#include "unit/base/temp_dir.hpp"

using namespace gantry;
using state::Database;

namespace {

struct DatabaseTest : testing::Test {
  test::TempDir dir;
  std::string file = dir / "state.db";

  std::int64_t number(Database& db, const std::string& sql) {
    std::int64_t result = -1;
    db.read([&](auto& t) {
      auto row = t.prepare(sql);
      if (row.step()) result = row.number(0);
    });
    return result;
  }
  void sqlite(const std::string& sql) {
    sqlite3* raw = nullptr;
    ASSERT_EQ(::sqlite3_open(file.c_str(), &raw), SQLITE_OK);
    EXPECT_EQ(::sqlite3_exec(raw, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << ::sqlite3_errmsg(raw);
    ::sqlite3_close(raw);
  }
  Code code_of(const std::function<void()>& f, std::string& what) {
    try {
      f();
    } catch (const Error& e) {
      what = e.what();
      return e.code();
    }
    return Code::unknown;
  }
};

TEST_F(DatabaseTest, keeps_what_was_committed) {
  {
    Database db(file);
    db.transaction([](auto& t) {
      t.prepare("INSERT INTO images(id, config, tagged_ns) VALUES (?, ?, ?)").bind(1, "id").bind(2, "").bind(3, 7).step();
    });
  }
  Database db(file);
  db.read([](auto& t) {
    auto row = t.prepare("SELECT id, config, tagged_ns FROM images");
    ASSERT_TRUE(row.step());
    EXPECT_EQ(row.text(0), "id");
    EXPECT_EQ(row.text(1), "");
    EXPECT_FALSE(row.is_null(1));
    EXPECT_EQ(row.number(2), 7);
    EXPECT_FALSE(row.step());
  });
}

TEST_F(DatabaseTest, rolls_back_what_throws) {
  Database db(file);
  const auto fail = [](auto& t) {
    t.run("INSERT INTO images(id, config, tagged_ns) VALUES ('id', '', 0)");
    throw std::runtime_error("no");
  };
  EXPECT_THROW(db.transaction(fail), std::runtime_error);
  EXPECT_EQ(number(db, "SELECT count(*) FROM images"), 0);
  db.transaction([](auto& t) { t.run("INSERT INTO images(id, config, tagged_ns) VALUES ('id', '', 0)"); });
  EXPECT_EQ(number(db, "SELECT count(*) FROM images"), 1);
}

TEST_F(DatabaseTest, checks_foreign_keys) {
  Database db(file);
  EXPECT_THROW(db.transaction([](auto& t) { t.run("INSERT INTO execs VALUES ('e', 'nobody', '{}')"); }), Error);
}

TEST_F(DatabaseTest, reports_a_duplicate_key_as_already_exists) {
  Database db(file);
  std::string what;
  const auto twice = [](auto& t) {
    t.run("INSERT INTO images(id, config, tagged_ns) VALUES ('id', '', 0)");
    t.run("INSERT INTO images(id, config, tagged_ns) VALUES ('id', '', 0)");
  };
  EXPECT_EQ(code_of([&] { db.transaction(twice); }, what), Code::already_exists) << what;
}

TEST_F(DatabaseTest, reports_a_full_disk_as_resource_exhausted) {
  Database db(file);
  db.read([](auto& t) { t.run("PRAGMA max_page_count=1"); }); // rounded up to the pages in use
  std::string what;
  const auto grow = [](auto& t) {
    t.prepare("INSERT INTO images(id, config, tagged_ns) VALUES ('id', ?, 0)").bind(1, std::string(1 << 20, 'x')).step();
  };
  EXPECT_EQ(code_of([&] { db.transaction(grow); }, what), Code::resource_exhausted);
  EXPECT_EQ(what, file + ": no space left on device");
  EXPECT_EQ(number(db, "SELECT count(*) FROM images"), 0);
}

TEST_F(DatabaseTest, migrates_a_file_of_every_older_version) {
  for (std::size_t seen = 0; seen <= state::migrations().size(); ++seen) {
    std::filesystem::remove(file);
    for (std::size_t step = 0; step < seen; ++step) {
      for (const auto& script : state::migrations()[step]) sqlite(script);
    }
    sqlite("PRAGMA user_version=" + std::to_string(seen));
    Database db(file);
    EXPECT_EQ(number(db, "PRAGMA user_version"), static_cast<std::int64_t>(state::migrations().size()));
    EXPECT_EQ(number(db, "SELECT count(*) FROM containers"), 0);
  }
}

TEST_F(DatabaseTest, refuses_the_file_of_a_newer_engine) {
  sqlite("PRAGMA user_version=1000");
  std::string what;
  EXPECT_EQ(code_of([&] { Database db(file); }, what), Code::unavailable);
  EXPECT_NE(what.find("has schema 1000"), std::string::npos) << what;
}

TEST_F(DatabaseTest, refuses_what_is_no_database) {
  std::ofstream(file) << std::string(8192, 'x');
  std::string what;
  EXPECT_EQ(code_of([&] { Database db(file); }, what), Code::data_loss) << what;
}

TEST_F(DatabaseTest, names_the_file_that_cannot_be_opened) {
  std::string what;
  EXPECT_EQ(code_of([&] { Database db(dir / "none/state.db"); }, what), Code::unavailable);
  EXPECT_NE(what.find(dir / "none/state.db"), std::string::npos) << what;
}

} // namespace
