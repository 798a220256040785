#pragma once

#include <string>

#include "api/http.hpp"
#include "api/services.hpp"

// Clients of BuildKit, who are handed over to gantry-buildkit (buildkit/companion.hpp).
namespace gantry::api {

/// POST /build?version=2, as docker's CLI 20.10 builds with DOCKER_BUILDKIT=1: the build itself, or the context of one
/// (`buildid=upload-request:ID`).
Task<void> build_with_buildkit(Services&, Request&, Reply&);
/// An id that is nobody's is fine.
Task<void> cancel_with_buildkit(Services&, const std::string& id);

} // namespace gantry::api
