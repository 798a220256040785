#include "volumes/rows.hpp"

#include "base/json.hpp"

namespace gantry::volumes {
namespace {

/// Text that came from outside may be no UTF-8; it is stored with the bad bytes replaced rather than not at all.
std::string document(const Volume& volume) {
  const Json doc = {{"labels", volume.labels}, {"options", volume.options}};
  return doc.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void read_document(Volume& volume, const std::string& text) {
  const Json doc = Json::parse(text);
  volume.labels = doc.value("labels", Pairs{});
  volume.options = doc.value("options", Pairs{});
}

} // namespace

void Rows::insert(const Row& row) {
  const std::string doc = document(row.volume);
  db_.transaction([&](state::Database::Transaction& tx) {
    auto statement =
        tx.prepare("INSERT INTO volumes(name, driver, created_ns, made_for, filled_for, doc) VALUES(?, ?, ?, ?, ?, ?)");
    statement.bind(1, row.volume.name).bind(2, row.volume.driver).bind(3, row.volume.created_ns);
    statement.bind(4, row.made_for).bind(5, row.filled_for).bind(6, doc);
    statement.step();
  });
}

void Rows::erase(const std::string& name) {
  db_.transaction([&](state::Database::Transaction& tx) {
    auto statement = tx.prepare("DELETE FROM volumes WHERE name = ?");
    statement.bind(1, name);
    statement.step();
  });
}

void Rows::rename(const std::string& name, const std::string& new_name) {
  db_.transaction([&](state::Database::Transaction& tx) {
    auto statement = tx.prepare("UPDATE volumes SET name = ? WHERE name = ?");
    statement.bind(1, new_name).bind(2, name);
    statement.step();
  });
}

void Rows::mark_filled(const std::string& name, const std::string& user) {
  db_.transaction([&](state::Database::Transaction& tx) {
    auto statement = tx.prepare("UPDATE volumes SET filled_for = ? WHERE name = ?");
    statement.bind(1, user).bind(2, name);
    statement.step();
  });
}

void Rows::settle(const std::string& user) {
  db_.transaction([&](state::Database::Transaction& tx) {
    for (const char* sql :
         {"UPDATE volumes SET made_for = '' WHERE made_for = ?", "UPDATE volumes SET filled_for = '' WHERE filled_for = ?"}) {
      auto statement = tx.prepare(sql);
      statement.bind(1, user);
      statement.step();
    }
  });
}

void Rows::settle_volume(const std::string& name) {
  db_.transaction([&](state::Database::Transaction& tx) {
    auto statement = tx.prepare("UPDATE volumes SET made_for = '', filled_for = '' WHERE name = ?");
    statement.bind(1, name);
    statement.step();
  });
}

std::vector<Row> Rows::load() {
  std::vector<Row> rows;
  db_.read([&](state::Database::Transaction& tx) {
    auto found = tx.prepare("SELECT name, driver, created_ns, made_for, filled_for, doc FROM volumes ORDER BY name");
    while (found.step()) {
      Row row;
      row.volume.name = found.text(0);
      row.volume.driver = found.text(1);
      row.volume.created_ns = found.number(2);
      row.made_for = found.text(3);
      row.filled_for = found.text(4);
      read_document(row.volume, found.text(5));
      rows.push_back(std::move(row));
    }
  });
  return rows;
}

} // namespace gantry::volumes
