#include "plugins/network_adapter.hpp"

#include <gantry/sdk/detail/network_wire.hpp>
#include <utility>

#include "plugins/sink.hpp"

namespace gantry::plugins {

namespace {

using Self = void*;
using C = const gantry_call*;

class NetworkAdapter final : public NetworkDriver {
 public:
  NetworkAdapter(const gantry_network_table& table, std::unique_ptr<DriverInstance> instance)
      : t_(table), driver_(std::move(instance)) {}

  void create_network(Call& call, const NetworkCreate& request) override {
    const detail::NetworkCreateView view(request);
    driver_->invoke(t_.create_network, "create_network", call,
                    [&](Self self, C c) { return t_.create_network(self, c, view.get()); });
  }

  void delete_network(Call& call, const std::string& id) override {
    const gantry_str i = detail::view(id);
    driver_->invoke(t_.delete_network, "delete_network", call, [&](Self self, C c) { return t_.delete_network(self, c, &i); });
  }

  Endpoint create_endpoint(Call& call, const EndpointCreate& request) override {
    const detail::EndpointCreateView view(request);
    Results result(&detail::endpoint_of);
    driver_->invoke(t_.create_endpoint, "create_endpoint", call,
                    [&](Self self, C c) { return t_.create_endpoint(self, c, view.get(), result.get()); });
    return std::move(result).one(*driver_, "create_endpoint");
  }

  void delete_endpoint(Call& call, const std::string& network_id, const std::string& endpoint_id) override {
    const gantry_str n = detail::view(network_id), e = detail::view(endpoint_id);
    driver_->invoke(t_.delete_endpoint, "delete_endpoint", call,
                    [&](Self self, C c) { return t_.delete_endpoint(self, c, &n, &e); });
  }

  Joined join(Call& call, const NetworkJoin& request) override {
    const detail::NetworkJoinView view(request);
    Results result(&detail::joined_of);
    driver_->invoke(t_.join, "join", call, [&](Self self, C c) { return t_.join(self, c, view.get(), result.get()); });
    return std::move(result).one(*driver_, "join");
  }

  void leave(Call& call, const std::string& network_id, const std::string& endpoint_id) override {
    const gantry_str n = detail::view(network_id), e = detail::view(endpoint_id);
    driver_->invoke(t_.leave, "leave", call, [&](Self self, C c) { return t_.leave(self, c, &n, &e); });
  }

  std::vector<Port> publish(Call& call, const std::string& network_id, const std::string& endpoint_id,
                            const std::vector<Port>& ports) override {
    const gantry_str n = detail::view(network_id), e = detail::view(endpoint_id);
    const auto views = detail::port_views(ports);
    const gantry_array array = detail::array_of(views);
    Results result(&detail::port_of);
    driver_->invoke(t_.publish, "publish", call,
                    [&](Self self, C c) { return t_.publish(self, c, &n, &e, &array, result.get()); });
    auto published = std::move(result).all();
    if (published.size() > ports.size()) throw internal(driver_->who() + " answered for more ports than there are in publish");
    return published;
  }

  void reconcile(Call& call, const std::vector<std::string>& live_networks,
                 const std::vector<std::string>& live_endpoints) override {
    const auto networks = detail::views(live_networks), endpoints = detail::views(live_endpoints);
    const gantry_array n = detail::array_of(networks), e = detail::array_of(endpoints);
    driver_->invoke(t_.reconcile, "reconcile", call, [&](Self self, C c) { return t_.reconcile(self, c, &n, &e); });
  }

 private:
  gantry_network_table t_;
  std::unique_ptr<DriverInstance> driver_;
};

} // namespace

std::unique_ptr<NetworkDriver> adapt_network(const gantry_network_table& table, std::unique_ptr<DriverInstance> instance) {
  return std::make_unique<NetworkAdapter>(table, std::move(instance));
}

} // namespace gantry::plugins
