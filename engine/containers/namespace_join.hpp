#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gantry/sdk/fd.hpp>

#include "containers/parts.hpp"

// Modes "container:<name or id>": which container is meant, and its namespaces.
namespace gantry::containers {

/// "container:NAME" of any mode becomes "container:ID", so that the name may change. A container that is not there stays as it
/// is: what needs it says so.
void resolve_joined(const Parts&, HostConfig&);
/// The container that a mode names; null for other modes. Errors as in Index::find.
ContainerPtr joined_container(const Parts&, const std::string& mode);

/// Those of the network, IPC and PID modes.
std::vector<ContainerPtr> joined_containers(const Parts&, const HostConfig&);

/// An open namespace of a container. `path` leads to it for as long as `fd` is open, whatever becomes of the container.
struct JoinedNamespace {
  std::shared_ptr<UniqueFd> fd;
  std::string path;
};

/// The namespace (`kind` as in /proc/PID/ns) of a running container. forbidden_state when its process has gone: a pid that
/// another process may have by now is never used.
JoinedNamespace open_namespace(Parts&, const Container&, const char* kind);

/// Docker's words and statuses for what cannot be joined: a stopped container, one's own, an IPC namespace that is private.
void check_joinable(const Container& self, const Container& other, std::string_view kind);

} // namespace gantry::containers
