#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "containers/model.hpp"
#include "registry/credentials.hpp"

namespace gantry::build {

/// What a RUN gets only when the client allows it: BuildKit's "network.host", "security.insecure" and "device".
enum class Entitlement { network_host, security_insecure, device };

/// What a client asks of a build.
struct BuildRequest {
  std::string dockerfile = "Dockerfile"; ///< path in the context
  std::string remote;                    ///< URL of a Dockerfile, a tarball or a git repository instead of a context that is sent
  std::vector<std::string> tags;
  bool quiet = false, no_cache = false, pull = false, remove = true, force_remove = false;
  bool steps = false;    ///< tell steps as they run (docs/api.md), not the classic builder's story
  bool check = false;    ///< only look at the Dockerfile
  std::string positions; ///< the name of the Dockerfile for errors that show the place; empty: dockerd's texts
  std::vector<std::string> cache_from;
  std::map<std::string, std::optional<std::string>> args; ///< absent value: mentioned, but unset
  containers::Labels labels;
  std::string target, platform, network_mode;
  std::int64_t shm_size = 0;
  containers::StringList extra_hosts;
  containers::Resources resources;
  std::map<std::string, registry::Credentials> credentials; ///< by registry
  std::string session;                                      ///< id of what the client lends (session/session.hpp); empty: nothing
  std::map<std::string, std::string> contexts;              ///< named ones by what they are called (context/named_contexts.hpp)
  bool setuid = false;           ///< COPY and ADD keep setuid and setgid bits of files, as BuildKit does
  std::set<Entitlement> allowed; ///< what steps may ask for beyond a container's rights
  bool squash = false;           ///< one layer of all that the last stage adds
};

/// One step that was kept, or a cache mount.
struct CacheEntry {
  std::string key, parent; ///< ids
  std::string description;
  std::string result{};   ///< id of the image that a step led to
  std::uint64_t size = 0; ///< bytes of its layer, or files
  std::int64_t created_ns = 0, used_ns = 0;
  std::int64_t usage_count = 0;
  bool shared = false;          ///< an image has its layer, too
  bool in_use = false;          ///< a step has it mounted right now
  std::string type = "regular"; ///< or "exec.cachemount"
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
  std::vector<std::string> types; ///< only of these; empty: of all
  bool dry_run = false;           ///< only tell what would go
};

} // namespace gantry::build
