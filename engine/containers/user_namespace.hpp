#pragma once

#include "containers/parts.hpp"

namespace gantry::containers {

/// Decides which ids a new container has on the host, by HostConfig.UsernsMode ("", "host", "auto", "auto:size=N") and the
/// daemon's userns-remap. invalid with Docker's texts where user namespaces exclude something else that was asked for.
void choose_id_maps(Parts&, Container&);

/// Whose user namespace a container with id maps is in, if it shares namespaces of another one: that other's pid and maps are
/// to be used. Null when it gets a user namespace of its own, or none.
ContainerPtr user_namespace_owner(const Parts&, const Container&);

} // namespace gantry::containers
