#pragma once

#include <functional>
#include <mutex>

#include <nlohmann/json_fwd.hpp>

#include <gantry/sdk/companion.hpp>
#include <gantry/sdk/host.hpp>

#include "relay/routes.hpp"

namespace gantry::net_bridge {

/// This instance's gantry-relay, which is told what leads where; started when it is first needed, and again when it has died.
/// The messages are told in relay/server.hpp of the program. Thread-safe; calls block.
class Relay {
 public:
  /// `moved`: it is at another port from here on, or gone (0). Called while others wait, also on a thread of its own.
  Relay(Host&, std::function<void(std::uint16_t port)> moved);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  /// Where nftables is to send packets; 0: it does not run.
  std::uint16_t port() const;
  /// The same; starts it where it does not run, at none of these ports. 0 where it cannot run: the host has no IPv6, among
  /// others.
  std::uint16_t start(const std::vector<Port>& wanted);
  /// Goes elsewhere, and ends its connections, where it runs at one of these ports.
  void make_way(const std::vector<Port>& wanted);
  /// One that does not answer is replaced by another one. Throws where that fails; never for an empty `after`.
  void replace(const RelayRoutes& before, const RelayRoutes& after);
  /// Exactly these; it ends where there are none.
  void set_all(RelayRoutes);

 private:
  nlohmann::json ask(const nlohmann::json& message);
  void send(const char* op, const RelayRoutes&);
  void greet(const std::string& answer);
  void set_port(std::uint16_t port);
  void move_away(const std::vector<Port>& wanted);
  void change(const RelayRoutes& remove, const RelayRoutes& add);
  /// Starts it, and tells everything.
  void connect();
  void tell_everything();
  void quit(bool now);
  void start_again();

  Host& host_;
  const std::string socket_;
  std::function<void(std::uint16_t)> moved_;
  mutable std::mutex guard_;
  std::uint16_t port_ = 0;
  RelayRoutes routes_;
  Companion companion_; ///< last: its watcher calls the others
};

} // namespace gantry::net_bridge
