#pragma once

#include <memory>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include <gantry/sdk/fd.hpp>

#include "build/request.hpp"
#include "images/image_service.hpp"
#include "registry/cancel.hpp"
#include "registry/registry_service.hpp"

namespace gantry::containers {
class ContainerService;
}

namespace gantry::build {

class Sessions;

/// What building needs of the engine.
struct Collaborators {
  boost::asio::any_io_executor executor; ///< where the coroutines of `containers` run
  const state::Paths& paths;
  state::Database& database;
  StorageDriver& storage;
  images::ImageService& images;
  registry::RegistryService& registries;
  containers::ContainerService& containers;
  std::string init_program{}; ///< gantry-init, which gives secrets to a step as variables
  containers::IdMaps ids{};   ///< of every container; empty: the host's
  std::vector<std::string> cdi_spec_dirs{};
};

/// Builds images from Dockerfiles, and keeps what every step came to. Layers of kept steps are leased: make it before garbage is
/// collected. Thread-safe.
class BuildService {
 public:
  explicit BuildService(Collaborators);
  ~BuildService();

  /// Kills and removes the steps that a daemon left running that was killed. Once, when containers are recovered and before the
  /// first build. Blocks.
  void end_abandoned_steps();
  /// Blocks for as long as the build takes: on a thread of its own. `context` is a tar (any compression), empty with a remote.
  /// `progress` gets the classic builder's messages; a step that fails is told there (errorDetail) and nothing is thrown. What is
  /// wrong before the first step is thrown. A cancel kills the container that runs, and throws cancelled.
  void build(const BuildRequest&, UniqueFd context, const images::Progress& progress, registry::CancelPtr);
  /// Steps and cache mounts, oldest first. Blocks: the mounts are measured.
  std::vector<CacheEntry> cache() const;
  /// Blocks.
  PruneReport prune(const PruneRequest&);
  /// What clients lend to builds that are about to come.
  Sessions& sessions();
  /// Reads what a session's build calls `name`: files (a tar of any compression), or the one image of an OCI layout. Blocks until
  /// the tar's end. not_found for a session that does not wait; invalid for a tar that is damaged.
  void lend_context(const std::string& session, const std::string& name, UniqueFd tar, bool is_oci_layout);

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

} // namespace gantry::build
