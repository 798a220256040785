#pragma once

#include <gantry/sdk/detail/guard.hpp>
#include <gantry/sdk/detail/network_wire.hpp>
#include <gantry/sdk/detail/overrides.hpp>

// gantry_network_table over a NetworkDriver.
namespace gantry::detail {

GANTRY_DETAIL_OVERRIDES(publish)

struct NetworkThunks {
  using Self = void*;
  using C = const gantry_call*;
  using S = const gantry_str*;
  using Sink = const gantry_sink*;

  template <class F>
  static std::int32_t run(Self self, C call, F f) noexcept {
    return enter<NetworkDriver>(self, call, f);
  }

  static std::int32_t create_network(Self self, C call, const gantry_network_create* request) noexcept {
    return run(self, call, [&](NetworkDriver& d, Call& c) { d.create_network(c, network_create_of(request)); });
  }
  static std::int32_t delete_network(Self self, C call, S id) noexcept {
    return run(self, call, [&](NetworkDriver& d, Call& c) { d.delete_network(c, text(id)); });
  }
  static std::int32_t create_endpoint(Self self, C call, const gantry_endpoint_create* request, Sink sink) noexcept {
    return run(self, call, [&](NetworkDriver& d, Call& c) {
      const Endpoint endpoint = d.create_endpoint(c, endpoint_create_of(request));
      put(sink, EndpointView(endpoint).item());
    });
  }
  static std::int32_t delete_endpoint(Self self, C call, S network, S endpoint) noexcept {
    return run(self, call, [&](NetworkDriver& d, Call& c) { d.delete_endpoint(c, text(network), text(endpoint)); });
  }
  static std::int32_t join(Self self, C call, const gantry_network_join* request, Sink sink) noexcept {
    return run(self, call, [&](NetworkDriver& d, Call& c) {
      const Joined joined = d.join(c, network_join_of(request));
      put(sink, JoinedView(joined).item());
    });
  }
  static std::int32_t leave(Self self, C call, S network, S endpoint) noexcept {
    return run(self, call, [&](NetworkDriver& d, Call& c) { d.leave(c, text(network), text(endpoint)); });
  }
  static std::int32_t publish(Self self, C call, S network, S endpoint, const gantry_array* ports, Sink sink) noexcept {
    return run(self, call, [&](NetworkDriver& d, Call& c) {
      for (const auto& port : d.publish(c, text(network), text(endpoint), ports_of(*ports))) put(sink, to_port(port));
    });
  }
  static std::int32_t reconcile(Self self, C call, const gantry_array* networks, const gantry_array* endpoints) noexcept {
    return run(self, call, [&](NetworkDriver& d, Call& c) { d.reconcile(c, texts(*networks), texts(*endpoints)); });
  }
};

template <class T>
const gantry_network_table& table_of(const NetworkDriver*) {
  using K = NetworkThunks;
  static const gantry_network_table table = {
      sizeof(gantry_network_table),
      0,
      K::create_network,
      K::delete_network,
      K::create_endpoint,
      K::delete_endpoint,
      K::join,
      K::leave,
      slot<overrides_publish<T, NetworkDriver>::value>(&K::publish),
      K::reconcile,
  };
  return table;
}

} // namespace gantry::detail
