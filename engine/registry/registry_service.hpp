#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/json.hpp"
#include "events/bus.hpp"
#include "images/image_service.hpp"
#include "registry/cancel.hpp"
#include "registry/credentials.hpp"
#include "registry/settings.hpp"
#include "registry/transfer.hpp"
#include "state/database.hpp"
#include "state/paths.hpp"

namespace gantry::registry {

/// Who asks, on the way to a registry.
struct Caller {
  Credentials credentials;
  Headers meta; ///< X-Meta-* of the client's request: the registry gets them, too
};

struct PullRequest {
  std::string image;    ///< familiar name, maybe with tag or digest
  std::string tag;      ///< tag or digest beside it; without any, all tags are pulled
  std::string platform; ///< "os[/arch[/variant]]", empty: this machine's
};

struct PushRequest {
  std::string image;    ///< without tag
  std::string tag;      ///< empty: all tags
  std::string platform; ///< as for pull; empty: what the name points to
};

struct SearchRequest {
  std::string term; ///< "[HOST/]TERM"
  std::int64_t limit = 25;
  int official = -1; ///< 0 and 1 are filters
  std::int64_t stars = 0;
};

/// Moves images between this machine and registries. Every call blocks, for as long as the network takes: give it a thread of
/// its own. `progress` is called from several threads. Errors carry Docker's texts. Thread-safe.
class RegistryService {
 public:
  RegistryService(const state::Paths&, state::Database&, images::ImageService&, events::Bus&, std::function<Settings()>);
  ~RegistryService();

  void pull(const PullRequest&, const Caller&, const images::Progress& progress, CancelPtr);
  void push(const PushRequest&, const Caller&, const images::Progress& progress, CancelPtr);
  /// Checks credentials; the identity token that the registry gave in exchange, empty: none. unauthorized when they are wrong.
  std::string login(const Credentials&, Cancel&);
  /// {"Descriptor":…, "Platforms":[…]} of what a reference points to.
  Json inspect(const std::string& reference, const Caller&, Cancel&);
  /// A list of {"name","description","is_official","is_automated","star_count"}.
  Json search(const SearchRequest&, const Caller&, Cancel&);
  /// How hosts that are no registries are reached: by the same proxies.
  Transport outside() const;
  /// Deletes what cancelled pulls left behind and nobody uses, from `age_s` seconds of age on; its bytes.
  std::uint64_t clean(std::int64_t age_s);

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

} // namespace gantry::registry
