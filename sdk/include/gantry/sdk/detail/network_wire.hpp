#pragma once

#include <gantry/abi/v1/network.h>
#include <gantry/sdk/detail/view.hpp>
#include <gantry/sdk/network.hpp>

// The structs of gantry/abi/v1/network.h as those of gantry/sdk/network.hpp (`*_of`) and back (`*View`, `*_views`). A view
// borrows from the value that it was made of.
namespace gantry::detail {

inline std::vector<gantry_kv> option_views(const Options& options) {
  std::vector<gantry_kv> views;
  views.reserve(options.size());
  for (const auto& o : options) views.push_back({view(o.first), view(o.second)});
  return views;
}

inline Options options_of(const gantry_array& array) {
  Options options;
  each<gantry_kv>(array, sizeof(gantry_kv), [&](const gantry_kv* kv) { options.push_back(pair_of(*kv)); });
  return options;
}

class NetworkCreateView {
 public:
  explicit NetworkCreateView(const NetworkCreate& n) : options_(option_views(n.options)) {
    for (const auto& pool : n.pools) {
      auto p = sized<gantry_address_pool>();
      p.subnet = view(pool.subnet);
      p.gateway = view(pool.gateway);
      pools_.push_back(p);
    }
    c_ = sized<gantry_network_create>();
    c_.flags = n.internal ? GANTRY_NETWORK_INTERNAL : 0;
    c_.id = view(n.id);
    c_.name = view(n.name);
    c_.pools = array_of(pools_);
    c_.options = array_of(options_);
  }
  NetworkCreateView(const NetworkCreateView&) = delete;
  NetworkCreateView& operator=(const NetworkCreateView&) = delete;
  const gantry_network_create* get() const { return &c_; }

 private:
  std::vector<gantry_kv> options_;
  std::vector<gantry_address_pool> pools_;
  gantry_network_create c_{};
};

inline NetworkCreate network_create_of(const gantry_network_create* theirs) {
  const gantry_network_create n = read(theirs);
  NetworkCreate network;
  network.id = text(n.id);
  network.name = text(n.name);
  network.internal = (n.flags & GANTRY_NETWORK_INTERNAL) != 0;
  network.options = options_of(n.options);
  each<gantry_address_pool>(n.pools, sizeof(std::uint64_t), [&](const gantry_address_pool* pool) {
    const gantry_address_pool p = read(pool);
    network.pools.push_back({text(p.subnet), text(p.gateway)});
  });
  return network;
}

class EndpointCreateView {
 public:
  explicit EndpointCreateView(const EndpointCreate& e) : addresses_(views(e.addresses)), options_(option_views(e.options)) {
    c_ = sized<gantry_endpoint_create>();
    c_.network_id = view(e.network_id);
    c_.endpoint_id = view(e.endpoint_id);
    c_.mac = view(e.mac);
    c_.addresses = array_of(addresses_);
    c_.options = array_of(options_);
  }
  EndpointCreateView(const EndpointCreateView&) = delete;
  EndpointCreateView& operator=(const EndpointCreateView&) = delete;
  const gantry_endpoint_create* get() const { return &c_; }

 private:
  std::vector<gantry_str> addresses_;
  std::vector<gantry_kv> options_;
  gantry_endpoint_create c_{};
};

inline EndpointCreate endpoint_create_of(const gantry_endpoint_create* theirs) {
  const gantry_endpoint_create e = read(theirs);
  return {text(e.network_id), text(e.endpoint_id), text(e.mac), texts(e.addresses), options_of(e.options)};
}

class EndpointView {
 public:
  explicit EndpointView(const Endpoint& e) : addresses_(views(e.addresses)) {
    c_ = sized<gantry_endpoint>();
    c_.mac = view(e.mac);
    c_.addresses = array_of(addresses_);
  }
  EndpointView(const EndpointView&) = delete;
  EndpointView& operator=(const EndpointView&) = delete;
  const gantry_endpoint& item() const { return c_; }

 private:
  std::vector<gantry_str> addresses_;
  gantry_endpoint c_{};
};

inline Endpoint endpoint_of(const gantry_endpoint* theirs) {
  const gantry_endpoint e = read(theirs);
  return {text(e.mac), texts(e.addresses)};
}

class NetworkJoinView {
 public:
  explicit NetworkJoinView(const NetworkJoin& j) : options_(option_views(j.options)) {
    c_ = sized<gantry_network_join>();
    c_.netns_fd = j.netns_fd;
    c_.network_id = view(j.network_id);
    c_.endpoint_id = view(j.endpoint_id);
    c_.interface_hint = view(j.interface_hint);
    c_.options = array_of(options_);
    c_.flags = (j.default_route4 ? GANTRY_JOIN_DEFAULT_ROUTE_IPV4 : 0) | (j.default_route6 ? GANTRY_JOIN_DEFAULT_ROUTE_IPV6 : 0);
  }
  NetworkJoinView(const NetworkJoinView&) = delete;
  NetworkJoinView& operator=(const NetworkJoinView&) = delete;
  const gantry_network_join* get() const { return &c_; }

 private:
  std::vector<gantry_kv> options_;
  gantry_network_join c_{};
};

inline NetworkJoin network_join_of(const gantry_network_join* theirs) {
  const gantry_network_join j = read(theirs);
  NetworkJoin join;
  join.network_id = text(j.network_id);
  join.endpoint_id = text(j.endpoint_id);
  join.netns_fd = j.netns_fd;
  join.interface_hint = text(j.interface_hint);
  join.default_route4 = (j.flags & GANTRY_JOIN_DEFAULT_ROUTE_IPV4) != 0;
  join.default_route6 = (j.flags & GANTRY_JOIN_DEFAULT_ROUTE_IPV6) != 0;
  join.options = options_of(j.options);
  return join;
}

class JoinedView {
 public:
  explicit JoinedView(const Joined& j) {
    for (const auto& route : j.routes) {
      auto r = sized<gantry_route>();
      r.destination = view(route.destination);
      r.gateway = view(route.gateway);
      routes_.push_back(r);
    }
    c_ = sized<gantry_joined>();
    c_.interface = view(j.interface);
    c_.routes = array_of(routes_);
  }
  JoinedView(const JoinedView&) = delete;
  JoinedView& operator=(const JoinedView&) = delete;
  const gantry_joined& item() const { return c_; }

 private:
  std::vector<gantry_route> routes_;
  gantry_joined c_{};
};

inline Joined joined_of(const gantry_joined* theirs) {
  const gantry_joined j = read(theirs);
  Joined joined;
  joined.interface = text(j.interface);
  each<gantry_route>(j.routes, sizeof(std::uint64_t), [&](const gantry_route* route) {
    const gantry_route r = read(route);
    joined.routes.push_back({text(r.destination), text(r.gateway)});
  });
  return joined;
}

inline gantry_port to_port(const Port& port) {
  auto p = sized<gantry_port>();
  p.container_port = port.container_port;
  p.host_port = port.host_port;
  p.host_port_end = port.host_port_end;
  p.protocol = view(port.protocol);
  p.host_ip = view(port.host_ip);
  return p;
}

inline Port port_of(const gantry_port* theirs) {
  const gantry_port p = read(theirs);
  for (const std::uint32_t number : {p.container_port, p.host_port, p.host_port_end}) {
    if (number > UINT16_MAX) throw malformed("port " + std::to_string(number));
  }
  Port port;
  port.protocol = text(p.protocol);
  port.host_ip = text(p.host_ip);
  port.container_port = static_cast<std::uint16_t>(p.container_port);
  port.host_port = static_cast<std::uint16_t>(p.host_port);
  port.host_port_end = static_cast<std::uint16_t>(p.host_port_end);
  return port;
}

inline std::vector<gantry_port> port_views(const std::vector<Port>& ports) {
  std::vector<gantry_port> views;
  views.reserve(ports.size());
  for (const auto& port : ports) views.push_back(to_port(port));
  return views;
}

inline std::vector<Port> ports_of(const gantry_array& array) {
  std::vector<Port> ports;
  each<gantry_port>(array, sizeof(std::uint64_t), [&](const gantry_port* p) { ports.push_back(port_of(p)); });
  return ports;
}

} // namespace gantry::detail
