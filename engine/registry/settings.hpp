#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gantry::registry {

/// What the administrator decided about registries. "HOST" is a name or address with an optional port, as in references.
struct Settings {
  std::vector<std::string> mirrors;   ///< "URL" of a mirror of Docker Hub, or "HOST=URL"
  std::vector<std::string> insecure;  ///< "HOST" or CIDR: TLS is not verified there, and plain HTTP will do
  std::vector<std::string> cert_dirs; ///< directories with a "HOST" directory of *.crt, *.cert and *.key each
  std::string http_proxy, https_proxy, no_proxy;
  std::int64_t max_downloads = 3, max_uploads = 5, max_attempts = 5;
  std::int64_t stall_s = 60;          ///< seconds without a byte until a connection is given up
  std::string layer_packing = "gzip"; ///< of layers that were made here: "gzip" or "zstd"
};

} // namespace gantry::registry
