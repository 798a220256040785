#pragma once

#include <optional>
#include <string>

#include "cli/client/http.hpp"
#include "cli/client/tls.hpp"

namespace gantry::cli {

/// Where the daemon listens.
struct Host {
  std::string text; ///< as the user said it, for messages
  std::string path; ///< unix: path of the socket; for tcp: what comes before every request's path
  std::string name; ///< tcp: host name or address; empty for unix
  std::string port;
  std::optional<TlsOptions> tls{};
};

/// "unix:///run/gantry.sock", "tcp://127.0.0.1:2375", "http://…". Throws Failure for anything else. `tls` is for TCP only, whose
/// port is 2376 then where none is given.
Host parse_host(const std::string& text, const std::optional<TlsOptions>& tls = {});

/// Connects, blocking. Throws ConnectionLost with Docker's sentence; TlsFailure.
Connection connect(const Host& host);

} // namespace gantry::cli
