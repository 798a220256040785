#include "containers/store.hpp"

#include "base/parse_json.hpp"
#include "containers/container_json.hpp"
#include "containers/exec_json.hpp"
#include "containers/model_json.hpp"

namespace gantry::containers {
namespace {

/// Text that came from outside may be no UTF-8; it is stored with the bad bytes replaced rather than not at all.
std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

} // namespace

void Store::insert(const Container& container) {
  const std::string state = dump(state_json(container)), doc = dump(to_json(container));
  db_.transaction([&](state::Database::Transaction& tx) {
    auto statement = tx.prepare("INSERT INTO containers(id, name, created_ns, phase, state, doc) VALUES(?, ?, ?, ?, ?, ?)");
    statement.bind(1, container.id).bind(2, container.name).bind(3, container.created_ns);
    statement.bind(4, to_string(container.phase)).bind(5, state).bind(6, doc);
    statement.step();
  });
}

void Store::update(const Container& container) {
  const std::string state = dump(state_json(container));
  db_.transaction([&](state::Database::Transaction& tx) {
    auto statement = tx.prepare("UPDATE containers SET phase = ?, state = ? WHERE id = ?");
    statement.bind(1, to_string(container.phase)).bind(2, state).bind(3, container.id);
    statement.step();
  });
}

void Store::update_config(const Container& container) {
  const std::string doc = dump(to_json(container));
  db_.transaction([&](state::Database::Transaction& tx) {
    auto statement = tx.prepare("UPDATE containers SET doc = ? WHERE id = ?");
    statement.bind(1, doc).bind(2, container.id);
    statement.step();
  });
}

void Store::rename(const Container& container) {
  db_.transaction([&](state::Database::Transaction& tx) {
    auto statement = tx.prepare("UPDATE containers SET name = ? WHERE id = ?");
    statement.bind(1, container.name).bind(2, container.id);
    statement.step();
  });
}

void Store::erase(const std::string& id) {
  db_.transaction([&](state::Database::Transaction& tx) {
    auto statement = tx.prepare("DELETE FROM containers WHERE id = ?");
    statement.bind(1, id);
    statement.step();
  });
}

std::vector<Container> Store::load() {
  std::vector<Container> containers;
  db_.read([&](state::Database::Transaction& tx) {
    auto rows = tx.prepare("SELECT name, phase, state, doc FROM containers ORDER BY created_ns, id");
    while (rows.step()) {
      Container container = container_from_json(parse_json(rows.text(3)));
      container.name = rows.text(0);
      container.phase = phase_from(rows.text(1));
      apply_state(container, parse_json(rows.text(2)));
      containers.push_back(std::move(container));
    }
  });
  return containers;
}

void Store::insert_exec(const Exec& exec) {
  const std::string doc = dump(to_json(exec));
  db_.transaction([&](state::Database::Transaction& tx) {
    auto statement = tx.prepare("INSERT INTO execs(id, container_id, doc) VALUES(?, ?, ?)");
    statement.bind(1, exec.id).bind(2, exec.container_id).bind(3, doc);
    statement.step();
  });
}

void Store::erase_exec(const std::string& id) {
  db_.transaction([&](state::Database::Transaction& tx) {
    auto statement = tx.prepare("DELETE FROM execs WHERE id = ?");
    statement.bind(1, id);
    statement.step();
  });
}

std::vector<Exec> Store::load_execs() {
  std::vector<Exec> execs;
  db_.read([&](state::Database::Transaction& tx) {
    auto rows = tx.prepare("SELECT doc FROM execs");
    while (rows.step()) execs.push_back(exec_from_json(Json::parse(rows.text(0))));
  });
  return execs;
}

} // namespace gantry::containers
