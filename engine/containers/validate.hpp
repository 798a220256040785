#pragma once

#include <string>
#include <vector>

#include "containers/machine.hpp"
#include "containers/model.hpp"

// Checks of what a user may ask of create, in Docker's words (Code::invalid).
namespace gantry::containers {

/// create, or a later change: update may leave out what was said before.
enum class Occasion { create, update };

/// On what the client sent.
void validate_namespaces(const Config&, const HostConfig&);
void validate_config(const Config&);
void validate_restart_policy(const RestartPolicy&);
/// Appends warnings. Works after the daemon's defaults were filled in.
void validate_host_config(const HostConfig&, std::vector<std::string>& warnings);
/// Discards with a warning what the machine cannot do.
void validate_resources(Resources&, const Machine&, std::vector<std::string>& warnings, Occasion = Occasion::create);

} // namespace gantry::containers
