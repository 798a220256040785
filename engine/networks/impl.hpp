#pragma once

#include <mutex>
#include <shared_mutex>

#include "networks/dns_client.hpp"
#include "networks/ipam.hpp"
#include "networks/network_service.hpp"
#include "networks/store.hpp"

namespace gantry::networks {

/// A driver call that nobody cancels.
class NetworkCall final : public Call {
 public:
  bool cancelled() const override { return false; }
  int cancel_fd() const override { return -1; }
  std::int64_t deadline_ns() const override { return 0; }
  void progress(std::uint64_t, std::uint64_t) override {}
};

/// A network with what lives in it.
struct Live {
  NetworkPtr network;
  std::vector<AddressPool> pools;        ///< as network->pools
  std::map<std::string, Member> members; ///< by endpoint id, from `reserve` on
  std::map<std::string, bool> joined;    ///< by endpoint id
};

struct NetworkService::Impl {
  Impl(state::Database& db, events::Bus& bus_, const NetworkDrivers& drivers_, Settings settings_)
      : store(db), bus(bus_), drivers(drivers_), settings(std::move(settings_)), dns(settings.dns_program, settings.dns_socket) {}

  /// not_found with Docker's text. `guard` is held.
  Live& at(const std::string& reference);
  const Live& at(const std::string& reference) const { return const_cast<Impl*>(this)->at(reference); }
  /// Null for networks that need none (none, host).
  NetworkDriver* driver_of(const Network&) const;
  void publish(const Network&, const std::string& action, const std::string& container = "");
  /// Subnets that a new network must not overlap with.
  std::vector<Prefix> taken_subnets() const;
  /// The same with the host's own.
  std::vector<Prefix> avoided_subnets() const;
  void add(Network network);
  void make_builtin(const std::string& name, const std::string& driver);
  void make_default_bridge();

  Store store;
  events::Bus& bus;
  const NetworkDrivers& drivers;
  Settings settings;
  DnsClient dns;
  std::mutex changes; ///< serialises creation and removal of networks
  mutable std::shared_mutex guard;
  std::map<std::string, Live, std::less<>> networks; ///< by id
};

/// What the driver is told of a network.
NetworkCreate driver_request(const Network&);

} // namespace gantry::networks
