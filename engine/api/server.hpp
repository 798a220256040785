#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include <gantry/sdk/fd.hpp>

#include "api/services.hpp"
#include "api/tls/tls_door.hpp"

namespace gantry::api {

struct ServerOptions {
  std::vector<std::string> hosts; ///< "unix:///run/gantry.sock", "tcp://127.0.0.1:2375"
  std::string socket_group;       ///< group of unix sockets (name or gid); empty: the daemon's own
  std::optional<TlsFiles> tls;    ///< of TCP sockets; none: plain text
};

/// The HTTP server of the Docker Engine API on all configured sockets.
class Server {
 public:
  Server(boost::asio::any_io_executor executor, Services services, ServerOptions options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Binds and listens on every host. A stale unix socket is replaced, a live one is refused. Throws (nothing stays
  /// bound) with the host and the reason: invalid for a malformed host, unavailable when the address is taken.
  void open();
  /// Starts to accept connections on the executor.
  void start();
  /// Stops accepting, removes unix sockets, waits up to `grace` for replies in flight and then cuts what is left.
  Task<void> stop(std::chrono::milliseconds grace);
  /// Serves the API on a connected unix socket that somebody else has made; closes it. Thread-safe.
  void serve(UniqueFd);
  /// What open() bound, for the log; with the real port of "tcp://…:0".
  std::vector<std::string> endpoints() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

} // namespace gantry::api
