#pragma once

#include <nlohmann/json_fwd.hpp>

#include "loop/control.hpp"
#include "relay/sockets.hpp"
#include "relay/tcp.hpp"
#include "relay/udp.hpp"

namespace gantry::relay {

/// What gantryd says and what it is answered (see Control): {"ok": true} or {"error": "sentence"}. The protocol only grows; a
/// member that is not known is ignored. A route is [PROTOCOL, HOST ADDRESS, PORT, COUNT, CONTAINER'S ADDRESS, CONTAINER'S PORT].
///
///   {"op":"hello"}                     → {"ok":true,"version":1,"port":PORT}   where nftables is to send packets (tproxy)
///   {"op":"add","routes":[ROUTE…]}     replaces those that begin at the same port
///   {"op":"remove","routes":[ROUTE…]}  no matter where they lead
///   {"op":"begin"}, {"op":"end"}       what is added in between is everything from the end on
///   {"op":"quit","now":BOOL}           ends when there are no routes, or now with all connections
class Server {
 public:
  static constexpr int protocol_version = 1;

  Server(Loop& loop, UniqueFd control, Sockets sockets);

 private:
  nlohmann::json handle(const nlohmann::json& request);
  /// Nobody is left who could say something, and there is nothing to do.
  void stop_when_idle();

  Loop& loop_;
  std::uint16_t port_;
  Routes routes_, next_;
  bool collecting_ = false; ///< between begin and end
  Tcp tcp_;
  Udp udp_;
  Control control_; ///< last: it calls the others
};

} // namespace gantry::relay
