#pragma once

#include "containers/model.hpp"

// JSON with the Docker API's key names. Reading is strict about types: an error (Code::invalid) names the key, what was
// found and what is allowed ("HostConfig.Memory: expected a number, got a string"). Unknown keys are ignored, null is absent.
namespace gantry::containers {

Config config_from_json(const Json&);
Json to_json(const Config&);
HostConfig host_config_from_json(const Json&);
/// Every key of the newest API, in Docker's order; null where Docker writes null.
Json to_json(const HostConfig&);

/// The resource and restart policy members of an object that is no HostConfig (the body of `update`).
Resources resources_from_json(const Json&);
RestartPolicy restart_policy_from_json(const Json&);
/// The member "Gantry" of a create request and of inspect; null when nothing is set.
Extensions extensions_from_json(const Json&);
Json to_json(const Extensions&);

/// The whole object for state.db.
Container container_from_json(const Json&);
Json to_json(const Container&);

} // namespace gantry::containers
