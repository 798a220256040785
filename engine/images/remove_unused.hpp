#pragma once

#include <cstdint>

#include "images/image_service.hpp"

namespace gantry::images {

/// Deletes an image with all its names, unless a container or another image is made of it, or it was used after `last_used_ns`.
/// Whether it went. Blocks.
bool remove_unused(ImageService&, const Image&, std::int64_t last_used_ns);

} // namespace gantry::images
