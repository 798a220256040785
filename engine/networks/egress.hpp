#pragma once

#include <map>
#include <string>
#include <vector>

// What may be reached from a network or a container beyond its own networks: everything where there is no policy, else what is
// listed. A network's and a container's policy both have to allow it.
namespace gantry::networks {

/// Key of the policy in a network's options, an endpoint's options and a container's annotations, so that it can be given by
/// every Docker client: comma-separated destinations, "none" for none at all.
inline constexpr const char* egress_key = "io.gantry.egress";

/// Checks destinations ("10.0.0.0/8", "192.0.2.1:443/tcp", "[fd00::/8]:53", "10.0.0.0/8:8000-8100", "10.0.0.0/8/icmp") and
/// writes them in the one way that drivers get them; "" for the list {"any"}, which is no policy. invalid.
std::string egress_text(const std::vector<std::string>& destinations);
/// The same for text with commas, as options and annotations have it.
std::string egress_text(const std::string& text);
/// The destinations of a checked policy; "none" has none.
std::vector<std::string> egress_list(const std::string& checked);
/// Checks and rewrites the policy among options or annotations, if there is one.
void settle_egress(std::map<std::string, std::string>& options);

} // namespace gantry::networks
