#pragma once

#include <string>
#include <vector>

#include "containers/model.hpp"

// Checks of what a user may ask of create, in Docker's words (Code::invalid).
namespace gantry::containers {

/// What the machine offers.
struct Machine {
  std::string cpus = "0"; ///< list such as "0-3"
  std::string memory_nodes = "0";
  unsigned cgroup_version = 1;
};
Machine this_machine(unsigned cgroup_version);

/// On what the client sent.
void validate_namespaces(const Config&, const HostConfig&);
void validate_config(const Config&);
/// Appends warnings. Works after the daemon's defaults were filled in.
void validate_host_config(const HostConfig&, const std::vector<std::string>& runtimes, std::vector<std::string>& warnings);
/// Discards with a warning what the machine cannot do.
void validate_resources(Resources&, const Machine&, std::vector<std::string>& warnings);

} // namespace gantry::containers
