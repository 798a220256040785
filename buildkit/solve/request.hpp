#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "buildkit/engine/daemon.hpp"

namespace gantry::buildkit {

using Attributes = std::map<std::string, std::string>;

/// "" for one that is not there.
std::string value_of(const Attributes& attributes, const std::string& key);

/// Where a result goes, or a cache comes from: "local", "registry" … and what belongs to it.
struct Export {
  std::string type;
  Attributes attributes{};
};

/// What a client wants built. Nothing in it can be trusted.
struct BuildWish {
  std::string ref, session, frontend;
  Attributes attributes{};
  std::vector<Export> exports{}, cache_exports{}, cache_imports{};
  std::vector<std::string> entitlements{};
  std::shared_ptr<UniqueFd> uploaded{}; ///< the context as a tar, when it does not come by the session
};

/// Says no to what this API does not do here: definitions, frontends from images, source policies, several platforms, caches
/// elsewhere than in images. Throws std::runtime_error with what a client can show.
void check_wish(const BuildWish& wish);

/// Where the files of a build come from.
struct Sources {
  std::string dockerfile = "Dockerfile";       ///< its name where it lies
  std::string dockerfile_local = "dockerfile"; ///< the directory of the session that it is in
  std::string context_local = "context";
  std::string remote;                          ///< of a context that the engine fetches; "" for the session's
  std::string upload;                          ///< the path of a tar that the session sends; "" for none
  bool own_dockerfile = false;                 ///< with `remote`: the Dockerfile is the session's all the same
  std::map<std::string, std::string> locals{}; ///< named contexts of the session: name -> directory
};

Sources sources_of(const BuildWish& wish);

/// The parameters of POST /build, but those that depend on where the files are. Throws std::runtime_error.
Query parameters_of(const BuildWish& wish);

/// Values of "build-arg:*" and the like, without the prefix.
std::map<std::string, std::string> with_prefix(const Attributes& attributes, const std::string& prefix);

/// A line of CSV, as Go's reader has it ("" gives none).
std::vector<std::string> split_list(const std::string& text);

} // namespace gantry::buildkit
