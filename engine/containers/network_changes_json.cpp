#include <algorithm>

#include "base/error.hpp"
#include "containers/json_reader.hpp"
#include "containers/model_json.hpp"
#include "containers/network_changes.hpp"
#include "containers/port_requests.hpp"
#include "networks/egress.hpp"

namespace gantry::containers {
namespace {

/// A misspelt member would be a change that never comes.
void check_members(const Json& json) {
  for (const auto& [name, value] : json.items()) {
    if (name != "Publish" && name != "Withdraw" && name != "Egress" && name != "Mount" && name != "Unmount")
      throw invalid("Gantry." + name + ": unknown member; allowed in an update are Publish, Withdraw, Egress, Mount, Unmount");
  }
}

/// With keys in the one way that create requests have them.
NetworkChanges::Bindings bindings_from(const JsonReader& reader, const char* key) {
  NetworkChanges::Bindings bindings;
  const Json* value = reader.find(key);
  if (value == nullptr) return bindings;
  if (!value->is_object()) JsonReader::refuse(reader.name(key), "an object", *value);
  for (auto& [port, places] : host_config_from_json({{"PortBindings", *value}}).port_bindings) {
    const PortSpec spec = parse_port_spec(port);
    if (spec.first != spec.last) throw invalid("invalid port specification: \"" + port + "\": one port is expected");
    auto& list = bindings[std::to_string(spec.first) + "/" + spec.protocol];
    if (places.empty()) list.emplace_back();
    list.insert(list.end(), places.begin(), places.end());
  }
  return bindings;
}

} // namespace

NetworkChanges network_changes_from_json(const Json& json) {
  NetworkChanges changes;
  const JsonReader reader(json, "Gantry");
  if (json.is_null()) return changes;
  check_members(json);
  changes.publish = bindings_from(reader, "Publish");
  changes.withdraw = bindings_from(reader, "Withdraw");
  std::optional<std::vector<std::string>> egress;
  reader.read("Egress", egress);
  if (egress) changes.egress = networks::egress_text(*egress);
  return changes;
}

} // namespace gantry::containers
