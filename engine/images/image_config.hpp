#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace gantry::images {

/// What the engine itself needs from an image's config.
struct ImageConfig {
  Json document;
  std::vector<std::string> diff_ids;
  std::int64_t created_ns = 0;
};

/// Parses and checks an untrusted config: types of everything that is used later, rootfs, a Linux image.
ImageConfig parse_image_config(std::string_view bytes);

/// "amd64", "arm64", … of this machine.
std::string host_architecture();

} // namespace gantry::images
