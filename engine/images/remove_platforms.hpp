#pragma once

#include <string>
#include <vector>

#include "images/image_service.hpp"

namespace gantry::images {

/// ImageService::remove of some of the platforms under a name ("os[/arch[/variant]]" or OCI's JSON); the others keep it.
/// not_found when the name does not lead to one of them. Blocks.
std::vector<DeletedImage> remove_platforms(ImageService&, const std::string& reference, const std::vector<std::string>& platforms,
                                           bool force, bool prune);

} // namespace gantry::images
