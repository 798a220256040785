#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "dns/container.hpp"
#include "loop/control.hpp"

namespace gantry::dns {

/// What gantryd says and what it is answered (see Control): {"ok": true} or {"error": "sentence"}. The protocol only grows; a
/// member that is not known is ignored.
///
///   {"op":"hello"}                                    → {"ok":true,"version":1,"containers":[ID…]}
///   {"op":"add","endpoint":{…}}                       an endpoint's names and addresses; replaces that of the same id
///   {"op":"remove","id":ENDPOINT}
///   {"op":"attach","container":ID,"servers":[{"address":A,"host":BOOL}],"ndots":BOOL}
///                                                     with two descriptors: the network namespace and a pidfd; answers for
///                                                     this container until it ends. Again: only the settings change.
///   {"op":"detach","container":ID}
///   {"op":"keep","endpoints":[ID…]}                   forgets every other endpoint
///   {"op":"quit"}                                     ends when nobody is served
class Server {
 public:
  static constexpr int protocol_version = 1;

  /// `listener`: a listening SOCK_SEQPACKET socket.
  Server(Loop& loop, UniqueFd listener);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

 private:
  struct Served {
    std::unique_ptr<Container> container;
    UniqueFd process;
  };
  nlohmann::json handle(const nlohmann::json& request, std::vector<UniqueFd> fds);
  void attach(const nlohmann::json& request, std::vector<UniqueFd> fds);
  void detach(const std::string& container);
  /// Nobody is left who could ask, or say something.
  void stop_when_idle();

  Loop& loop_;
  Records records_;
  Forwarder forwarder_;
  std::map<std::string, Served> served_;
  Control control_; ///< last: it calls the others
};

} // namespace gantry::dns
