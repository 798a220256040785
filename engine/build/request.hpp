#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "containers/model.hpp"
#include "registry/credentials.hpp"

namespace gantry::build {

/// What a client asks of a build.
struct BuildRequest {
  std::string dockerfile = "Dockerfile"; ///< path in the context
  std::string remote;                    ///< URL of a Dockerfile, a tarball or a git repository instead of a context that is sent
  std::vector<std::string> tags;
  bool quiet = false, no_cache = false, pull = false, remove = true, force_remove = false;
  std::vector<std::string> cache_from;
  std::map<std::string, std::optional<std::string>> args; ///< absent value: mentioned, but unset
  containers::Labels labels;
  std::string target, platform, network_mode;
  std::int64_t shm_size = 0;
  containers::StringList extra_hosts;
  containers::Resources resources;
  std::map<std::string, registry::Credentials> credentials; ///< by registry
};

/// One step that was kept.
struct CacheEntry {
  std::string key, parent; ///< ids
  std::string description;
  std::uint64_t size = 0; ///< bytes of its layer
  std::int64_t created_ns = 0, used_ns = 0;
  std::int64_t usage_count = 0;
  bool shared = false; ///< an image has its layer, too
};

struct PruneReport {
  std::vector<std::string> deleted;
  std::uint64_t reclaimed = 0;
  std::uint64_t held = 0; ///< bytes that only the cache kept before
};

/// Everything is deleted that was not used for `unused_ns`; of that the oldest, until `keep` bytes are left.
struct PruneRequest {
  std::int64_t unused_ns = 0;
  std::uint64_t keep = 0;
  bool dry_run = false; ///< only tell what would go
};

} // namespace gantry::build
