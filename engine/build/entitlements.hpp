#pragma once

#include <string>
#include <vector>

#include "build/dockerfile/dockerfile.hpp"
#include "build/request.hpp"

namespace gantry::build {

/// "network.host", "security.insecure" or "device". invalid for others, with BuildKit's text.
Entitlement parse_entitlement(const std::string& name);

/// What a RUN asks for beyond its command and mounts.
struct RunRights {
  std::string network_mode;         ///< "none", "host"; empty: the build's
  bool privileged = false;          ///< --security=insecure
  std::vector<std::string> devices; ///< CDI names, "vendor.com/class=name"
};

/// Reads --network, --security and --device. A Dockerfile, which may come from a base image's ONBUILD, takes away what the client
/// chose; it never adds what the client has not allowed: forbidden with BuildKit's text. A device that is not required is left
/// out then, and when no file in `cdi_spec_dirs` describes it. invalid for values that cannot be.
RunRights rights_of(const Instruction&, const BuildRequest&, const std::vector<std::string>& cdi_spec_dirs);

/// What they say to the cache.
std::string rights_key(const RunRights&);

} // namespace gantry::build
