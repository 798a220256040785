#pragma once

#include "containers/spec.hpp"

namespace gantry::containers {

enum class NamespaceMode { own, host, joined };

/// Where a container's namespaces come from, by HostConfig and what the daemon resolved.
struct NamespaceModes {
  NamespaceMode network = NamespaceMode::own, pid = NamespaceMode::own, ipc = NamespaceMode::own, uts = NamespaceMode::own,
                cgroup = NamespaceMode::own;
};
NamespaceModes namespace_modes(const HostConfig&, const SpecContext&);

/// OCI linux.namespaces; a namespace of the host's is one that is not listed.
Json make_namespaces(const NamespaceModes&, const SpecContext&);

/// OCI linux.sysctl: the user's, and Docker's two for a network namespace of the container's own. invalid for one that
/// would change the host.
Json make_sysctls(const HostConfig&, const NamespaceModes&, const IdMaps& = {});

/// OCI linux.uidMappings or gidMappings.
Json make_id_map(const std::vector<IdRange>&);

} // namespace gantry::containers
