#pragma once

#include <string>

#include "cli/client/http.hpp"
#include "cli/failure.hpp"

namespace gantry::cli {

/// How to speak TLS with the daemon: PEM files, each empty where there is none.
struct TlsOptions {
  bool verify = true; ///< the daemon's certificate has to be signed by `authorities` (empty: the system's), for the host's name
  std::string authorities, certificate, key;
};

/// Why there is no TLS connection, or none any more, without what was asked for.
class TlsFailure : public ConnectionLost {
 public:
  using ConnectionLost::ConnectionLost;
};

struct Host;

/// A connection to what sounds like the daemon in clear text: the helper program gantry-tls speaks TLS, for loading a library
/// that does takes longer than everything else that the client does. Ends of streams are passed on both ways. Throws
/// ConnectionLost where nobody is there, TlsFailure when they do not agree.
Connection connect_tls(const Host& host);

} // namespace gantry::cli
