#pragma once

#include <string>

#include "build/build_service.hpp"
#include "build/session/session.hpp"

namespace gantry::build {

/// Fetches an image with what the client knows of registries: it has said it before, or its session (null: none) is asked.
/// Blocks; throws cancelled.
void pull_image(Collaborators&, const BuildRequest&, const SessionPtr&, const std::string& name, const std::string& platform,
                const images::Progress&, const registry::CancelPtr&);

/// The image of that name, fetched (nothing is told of that) when it is not here.
images::ImagePtr find_or_pull(Collaborators&, const BuildRequest&, const SessionPtr&, const std::string& name,
                              const registry::CancelPtr&);

} // namespace gantry::build
