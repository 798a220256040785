#pragma once

#include <string>

#include <gantry/sdk/fd.hpp>

namespace gantry::api {

/// A bound, listening socket.
struct Listener {
  UniqueFd socket;      ///< non-blocking
  std::string endpoint; ///< "unix:///run/gantry.sock", "tcp://127.0.0.1:2375" with the real port
  std::string path;     ///< of a unix socket, to be unlinked; empty for TCP
  bool tcp = false;
};

/// Binds "unix://<absolute path>" (mode 0660, group `group`) or "tcp://<address>:<port>". Errors as in Server::open.
Listener listen_on(const std::string& host, const std::string& group);

} // namespace gantry::api
