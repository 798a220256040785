#include "base/error.hpp"
#include "base/id.hpp"
#include "networks/failpoints.hpp"
#include "networks/impl.hpp"

namespace gantry::networks {
namespace {

/// name:"web" id:"1f2a3b4c5d6e", …
std::string names_of(const std::map<std::string, Member>& members) {
  std::string text;
  for (const auto& [id, member] : members)
    text += (text.empty() ? "name:\"" : ", name:\"") + member.container_name + "\" id:\"" + short_id(id) + "\"";
  return text;
}

} // namespace

void NetworkService::remove(const std::string& reference) {
  const std::lock_guard changes(impl_->changes);
  Live taken;
  {
    const std::unique_lock lock(impl_->guard);
    Live& live = impl_->at(reference);
    const Network& network = *live.network;
    if (network.is_builtin()) throw forbidden(network.name + " is a pre-defined network and cannot be removed");
    if (!live.members.empty()) {
      throw forbidden("error while removing network: network " + network.name + " has active endpoints (" +
                      names_of(live.members) + ")");
    }
    for (const auto& [id, other] : impl_->networks) {
      if (network.config_only && other.network->config_from == network.name)
        throw forbidden("configuration network " + network.name + " is in use");
    }
    // From here on nobody gets an endpoint of it.
    taken = std::move(live);
    impl_->networks.erase(taken.network->id);
  }
  const NetworkPtr network = taken.network;
  try {
    NetworkCall call;
    if (NetworkDriver* driver = impl_->driver_of(*network)) driver->delete_network(call, network->id);
    failpoint("network.remove.after_driver");
    impl_->store.erase(network->id);
  } catch (...) {
    impl_->add(*network);
    throw;
  }
  failpoint("network.remove.after_row");
  impl_->publish(*network, "destroy");
}

} // namespace gantry::networks
