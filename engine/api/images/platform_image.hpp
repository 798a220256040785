#pragma once

#include <string>
#include <vector>

#include "api/http.hpp"
#include "images/image_service.hpp"

namespace gantry::api {

/// The image that `reference` leads to, which has to be for `platform` (JSON or "os[/arch[/variant]]"; empty: any); not_found
/// with Docker's text when it is for another one.
gantry::images::ImagePtr image_for(const gantry::images::ImageService&, const std::string& reference,
                                   const std::string& platform);

} // namespace gantry::api
