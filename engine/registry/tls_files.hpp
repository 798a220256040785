#pragma once

#include <string>
#include <vector>

namespace gantry::registry {

/// What an administrator put down for one registry.
struct TlsFiles {
  std::string ca_pem;    ///< the system's certificates and those of the registry; empty: the system's only
  std::string cert, key; ///< paths of the client certificate and its key, empty: none
};

/// Looks for DIR/`domain`/{*.crt, *.cert, *.key} in the directories. invalid for a certificate without key and the reverse,
/// with Docker's texts.
TlsFiles find_tls_files(const std::string& domain, const std::vector<std::string>& dirs);

} // namespace gantry::registry
