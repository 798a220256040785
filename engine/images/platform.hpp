#pragma once

#include <string>

#include "base/json.hpp"

namespace gantry::images {

struct Platform {
  std::string os, architecture, variant;
  std::string os_version{};

  /// "linux/arm64/v8"
  std::string text() const { return os + "/" + architecture + (variant.empty() ? "" : "/" + variant); }
};

/// "os[/arch[/variant]]", "arch[/variant]", or OCI's JSON object; Docker's other names of architectures are understood. Empty:
/// this machine. invalid with Docker's text otherwise.
Platform parse_platform(const std::string& text);

/// What an image's config says about itself.
Platform platform_of(const Json& config);

/// Whether an image for `offered` runs where `wanted` was asked for: same system and architecture, and a variant that is not
/// newer. `better` of two such: the newer variant.
bool runs_on(const Platform& offered, const Platform& wanted);
bool is_better(const Platform& offered, const Platform& than);

} // namespace gantry::images
