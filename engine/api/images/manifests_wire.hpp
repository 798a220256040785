#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "containers/container_service.hpp"
#include "images/image_target.hpp"

namespace gantry::api {

/// Ids of the containers that are made of an image.
using ContainersOf = std::function<std::vector<std::string>(const std::string& image_id)>;
/// As they are now.
ContainersOf containers_by_image(const gantry::containers::ContainerService&);

/// What `manifests=1` adds to an image: Descriptor and Manifests of all that its name stands for. Blocks.
void add_manifests(Json& image, gantry::images::ImageStore&, const gantry::images::ImageTarget&, const ContainersOf&);

/// The images that share the first name of this one, the one that it means without a platform first; just this one when it has
/// names of its own or none.
std::vector<gantry::images::ImagePtr> platforms_beside(const gantry::images::Catalogue&, const gantry::images::ImagePtr&);

/// Whether each name of the image means another platform unless one is given.
bool is_second(const gantry::images::Catalogue&, const gantry::images::Image&);

} // namespace gantry::api
