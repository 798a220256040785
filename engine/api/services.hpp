#pragma once

#include <memory>

#include "api/containers/summary_texts.hpp"
#include "base/async.hpp"
#include "containers/container_service.hpp"
#include "events/bus.hpp"
#include "images/image_service.hpp"
#include "registry/registry_service.hpp"
#include "volumes/volume_service.hpp"

namespace gantry::system {
class SystemService;
}
namespace gantry::networks {
class NetworkService;
}
namespace gantry::plugins {
class Registry;
}
namespace gantry::build {
class BuildService;
}
namespace gantry::buildkit {
class Companion;
}

namespace gantry::api {

/// Everything that handlers may call; wired in main.cpp.
struct Services {
  gantry::containers::ContainerService& containers;
  gantry::images::ImageService& images;
  gantry::registry::RegistryService& registries;
  gantry::networks::NetworkService& networks;
  gantry::volumes::VolumeService& volumes;
  gantry::events::Bus& events;
  gantry::system::SystemService& system;
  gantry::plugins::Registry& plugins;
  const state::Paths& paths;
  StorageDriver& storage; ///< only for what inspect shows
  Pool& pool;             ///< for blocking calls: co_await on(services.pool, …)
  std::shared_ptr<SummaryTexts> summaries = std::make_shared<SummaryTexts>(); ///< of GET /containers/json
  gantry::build::BuildService* builds = nullptr;                              ///< null: nothing can be built
  gantry::buildkit::Companion* buildkit = nullptr;                            ///< null: BuildKit's API is not there
};

} // namespace gantry::api
