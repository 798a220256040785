#pragma once

#include <memory>
#include <string>

#include <grpcpp/grpcpp.h>

#include "base/json.hpp"
#include "buildkit/post_build/post_builds.hpp"
#include "buildkit/services/bridge.hpp"
#include "buildkit/services/control.hpp"

namespace gantry::buildkit {

/// Serves BuildKit's API on the connections that the daemon hands over, until it ends the control
/// connection. It is told when nobody has been there for a minute, so that it can.
class Server {
 public:
  /// `control`: the SOCK_SEQPACKET socket whose other end is the daemon's.
  explicit Server(UniqueFd control);
  ~Server();

  /// Returns when the process can end.
  void run();

 private:
  bool take_message();
  void take(const Json& message, UniqueFd connection);
  void serve(UniqueFd connection);
  void begin_session(const Json& headers, UniqueFd connection);
  /// Forgets connections and sessions whose client has gone. The result is whether there are any left.
  bool sweep();
  void offer_end();

  UniqueFd control_;
  Daemon daemon_;
  Sessions sessions_;
  Builds builds_;
  ControlService control_service_;
  BridgeService bridge_service_;
  PostBuilds post_builds_;
  std::unique_ptr<grpc::Server> server_;
  std::uint64_t seen_ = 0;            ///< datagrams of the daemon's
  std::vector<UniqueFd> connections_; ///< duplicates, to see when clients go
};

} // namespace gantry::buildkit
