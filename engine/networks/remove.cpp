#include "base/error.hpp"
#include "networks/impl.hpp"

namespace gantry::networks {

void NetworkService::remove(const std::string& reference) {
  const std::lock_guard changes(impl_->changes);
  Live taken;
  {
    const std::unique_lock lock(impl_->guard);
    Live& live = impl_->at(reference);
    const Network& network = *live.network;
    if (network.is_builtin()) throw forbidden(network.name + " is a pre-defined network and cannot be removed");
    if (!live.members.empty()) {
      throw forbidden("error while removing network: network " + network.name + " id " + network.id + " has active endpoints");
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
    impl_->store.erase(network->id);
  } catch (...) {
    impl_->add(*network);
    throw;
  }
  impl_->publish(*network, "destroy");
}

} // namespace gantry::networks
