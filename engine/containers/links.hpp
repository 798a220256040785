#pragma once

#include "containers/network_files.hpp"
#include "containers/parts.hpp"

namespace gantry::containers {

/// Legacy links, "CONTAINER[:ALIAS]": invalid with Docker's text when the container does not exist.
void check_links(const Parts&, const HostConfig&);

/// As inspect shows them: "/db:/web/alias". None outside of the default network, where links are the endpoints'.
std::vector<std::string> shown_links(const Container&);

/// What /etc/hosts says of other containers and the host when a container starts. Throws when a linked container does not run.
HostNames host_names(const Parts&, const Container&);

} // namespace gantry::containers
