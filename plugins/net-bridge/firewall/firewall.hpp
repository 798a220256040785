#pragma once

#include <mutex>
#include <string>
#include <vector>

#include <gantry/sdk/network.hpp>

#include "firewall/elements.hpp"
#include "firewall/ruleset.hpp"
#include "firewall/watch.hpp"

namespace gantry::net_bridge {

struct PublishedPorts {
  PublishedTarget target;
  std::vector<Port> ports;
};

/// This instance's nftables table. Nothing else of the host's rules is looked at or changed. When somebody deletes the table
/// ("nft flush ruleset") it is made again. Thread-safe.
class Firewall {
 public:
  /// `respect_host`: see FirewallRules.
  Firewall(Host&, std::string table, bool respect_host);

  /// Rules for these networks and containers and no others; `all_known` once the engine has told everything that lives.
  void set_rules(std::vector<FirewallNetwork>, std::vector<FirewallEndpoint>, bool all_known);
  /// gantry-relay takes connections at that port of ::1; 0: it does not run. False where the kernel has no way to lead any
  /// there (nft_tproxy).
  bool set_relay(std::uint16_t port);
  /// One transaction, whatever the number.
  void replace_ports(const PublishedTarget&, const std::vector<Port>& before, const std::vector<Port>& after);
  /// Exactly these.
  void set_all_ports(const std::vector<PublishedPorts>&);
  /// We made the kernel forward packets: those that have nothing to do with containers are dropped, as before. Remembered until
  /// the next boot.
  void drop_strays();

 private:
  void apply_rules();
  void look_at_bridges();
  void cannot_relay(const Error& why);
  /// `before`: the port that the rules know where they cannot be made again.
  void change_all_for_relay(std::uint16_t before);
  /// Rules and ports again.
  void rebuild();
  void repair();
  std::string strays_marker() const;

  Host& host_;
  std::string table_;
  std::mutex guard_;
  bool made_ = false;
  bool could_relay_ = true; ///< the last time; it is tried again with the next port, and told once
  FirewallRules rules_;
  Elements ports_;
  TableWatch watch_; ///< last: it calls the others
};

} // namespace gantry::net_bridge
