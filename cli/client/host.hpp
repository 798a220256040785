#pragma once

#include <string>

#include "gantry/sdk/fd.hpp"

namespace gantry::cli {

/// Where the daemon listens.
struct Host {
  std::string text; ///< as the user said it, for messages
  std::string path; ///< unix: path of the socket; for tcp: what comes before every request's path
  std::string name; ///< tcp: host name or address; empty for unix
  std::string port;
};

/// "unix:///run/gantry.sock", "tcp://127.0.0.1:2375", "http://…". Throws Failure for anything else.
Host parse_host(const std::string& text);

/// Connects, blocking. Throws ConnectionLost with Docker's sentence.
UniqueFd connect(const Host& host);

} // namespace gantry::cli
