#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json.hpp"

// What steps came to, in the config of the image that they led to (BUILDKIT_INLINE_CACHE=1):
//
//   "gantry.build.cache.v1": [{"key": "sha256:…", "history": 3, "layers": 1, "image": {…}}]
//
// "key" is the step's in the cache, "image" the config behind it without "history" and "rootfs": these are the first `history`
// lines and the first `layers` layers of the image's own.
namespace gantry::build {

/// One step: what the cache finds it by, and the image's config behind it.
struct KeptStep {
  std::string key, document;
};

/// A config with its steps; those that did not lead to it are left out.
std::string with_inline_cache(const std::string& document, const std::vector<KeptStep>& steps);

/// Takes them out.
void drop_inline_cache(Json& document);

/// The configs of the steps by their keys. Images are anybody's: what makes no sense is left out.
std::map<std::string, std::string> inline_cache_of(const Json& document);

} // namespace gantry::build
