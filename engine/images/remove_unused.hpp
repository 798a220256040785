#pragma once

#include <cstdint>

#include "images/image_service.hpp"

namespace gantry::images {

/// Deletes an image with all its names, unless a container or another image is made of it, or it was used after `last_used_ns`.
/// Whether it went. Blocks.
bool remove_unused(ImageService&, const Image&, std::int64_t last_used_ns);

/// Deletes an image that has no name, with the parents that nothing holds any more. One that has got a name meanwhile stays, and
/// what is used is in_use. Blocks.
std::vector<DeletedImage> remove_nameless(ImageService&, const std::string& id);

} // namespace gantry::images
