#pragma once

#include <string>

#include "images/image_service.hpp"
#include "registry/cancel.hpp"
#include "registry/transfer.hpp"

namespace gantry::api {

/// ImageService::import of what an http or https URL gives ("http://" when it says neither). Blocks as long as the network takes;
/// what was received goes when anything fails. The bytes are complete on disk before the import begins: a server that breaks off
/// makes no image. `transport` is how the host is reached.
void import_from_url(gantry::images::ImageService&, const state::Paths&, const gantry::registry::Transport& transport,
                     std::string url, gantry::images::ImportOptions, const gantry::images::Progress&, gantry::registry::Cancel&);

} // namespace gantry::api
