#include "networks/store.hpp"

#include "networks/network_json.hpp"

namespace gantry::networks {

void Store::save(const Network& network) {
  const std::string doc = to_json(network).dump(-1, ' ', false, Json::error_handler_t::replace);
  db_.transaction([&](state::Database::Transaction& tx) {
    auto statement = tx.prepare("INSERT OR REPLACE INTO networks(id, name, doc) VALUES(?, ?, ?)");
    statement.bind(1, network.id).bind(2, network.name).bind(3, doc);
    statement.step();
  });
}

void Store::erase(const std::string& id) {
  db_.transaction([&](state::Database::Transaction& tx) {
    auto statement = tx.prepare("DELETE FROM networks WHERE id = ?");
    statement.bind(1, id);
    statement.step();
  });
}

std::vector<Network> Store::load() {
  std::vector<Network> networks;
  db_.read([&](state::Database::Transaction& tx) {
    auto rows = tx.prepare("SELECT doc FROM networks");
    while (rows.step()) networks.push_back(network_from_json(Json::parse(rows.text(0))));
  });
  return networks;
}

} // namespace gantry::networks
