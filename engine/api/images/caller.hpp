#pragma once

#include "api/http.hpp"
#include "registry/registry_service.hpp"

namespace gantry::api {

/// What a request says to registries: X-Registry-Auth, and X-Meta-* as it is. A header that cannot be decoded counts as none.
gantry::registry::Caller caller_of(const Request&);

} // namespace gantry::api
