#pragma once

#include <string>
#include <vector>

#include "registry/settings.hpp"
#include "registry/transfer.hpp"

namespace gantry::registry {

/// One place where a registry may answer.
struct Endpoint {
  std::string base; ///< "https://registry-1.docker.io", without "/v2/"
  bool mirror = false;
  bool plain = false; ///< http
  Transport transport{};
};

enum class Mirrors { no, yes };

/// Where to ask for what is called `domain` in references, in order: mirrors, the registry itself, without TLS where that is
/// allowed. invalid for settings that cannot be used (a broken mirror URL, a client certificate without key).
std::vector<Endpoint> endpoints_for(const std::string& domain, const Settings&, Mirrors);

/// Whether TLS may be left out or unverified: listed, in a listed network, or this machine (127.0.0.0/8, ::1).
bool is_insecure(const std::string& domain, const Settings&);

/// Transport for any other URL (token servers, redirects): proxy and timeouts of the settings, verified TLS.
Transport transport_for(const std::string& domain, const Settings&);

} // namespace gantry::registry
