#include "daemon/services.hpp"

#include <algorithm>

#include "config/parse_value.hpp"
#include "daemon/settings.hpp"
#include "daemon/subordinate_ids.hpp"
#include "system/engine_id.hpp"

namespace gantry::daemon {

namespace {

/// Blocking calls in flight: drivers, SQLite writes, unpacking.
constexpr std::size_t pool_threads = 16;

/// The lock file lives in the data root, which has to be there first.
std::string lock_in(const state::Paths& paths) {
  paths.create();
  return paths.lock();
}

bool uses(const containers::Container& container, const std::string& image) {
  const auto mounts_it = [&](const containers::MountPoint& point) { return point.type == "image" && point.source == image; };
  return container.image_id == image || std::any_of(container.mounts.begin(), container.mounts.end(), mounts_it);
}

std::vector<images::ImageUser> users_of(const containers::ContainerService& containers, const std::string& image) {
  std::vector<images::ImageUser> users;
  for (const auto& container : containers.list()) {
    if (!uses(*container, image)) continue;
    const auto phase = container->phase;
    const bool idle =
        phase == containers::Phase::created || phase == containers::Phase::exited || phase == containers::Phase::dead;
    users.push_back({container->id, !idle});
  }
  return users;
}

/// With userns-remap the data root is a directory of its own below the configured one.
config::Config in_its_root(config::Config config) {
  if (config.userns_remap.empty()) return config;
  config.data_root = remapped_data_root(config.data_root, remapped_ids(config.userns_remap));
  return config;
}

plugins::Registry& loaded(plugins::Registry& registry, const config::Config& config) {
  registry.load(plugin_selection(config));
  (void)checked_log_driver(config, registry.logs());
  return registry;
}

std::uint64_t default_quota(const config::Config& config) {
  const auto size = config.storage_opts.find("size");
  return size == config.storage_opts.end() ? 0 : static_cast<std::uint64_t>(config::parse_bytes(size->second));
}

} // namespace

Services::Services(config::Config wanted, const InstallTree& tree)
    : config(in_its_root(std::move(wanted))),
      paths(config.get()->data_root, config.get()->exec_root),
      lock(lock_in(paths)),
      pid_file(config.get()->pidfile),
      database(paths.database()),
      registry(plugin_options(*config.get(), tree, paths)),
      pool(pool_threads),
      images(paths, database, loaded(registry, *config.get()).storage(), events),
      registries(paths, database, images, events, [this] { return registry_settings(*config.get()); }),
      networks(database, events, registry.networks(), network_settings(*config.get(), tree, paths)),
      volumes(database, registry.volumes(), events),
      container_storage(registry.storage(), default_quota(*config.get())),
      containers(io.context().get_executor(), pool, paths, database,
                 {registry.runtime(), container_storage, registry.logs(), &networks}, images, volumes, events,
                 container_defaults(*config.get(), tree)),
      builds({io.context().get_executor(), paths, database, registry.storage(), images, registries, containers,
              tree.libexec + "/gantry-init",
              config.get()->userns_remap.empty() ? containers::IdMaps{} : remapped_ids(config.get()->userns_remap),
              container_defaults(*config.get(), tree).cdi_spec_dirs}),
      system(system::load_engine_id(paths.engine_id()), config, containers, images,
             driver_facts(registry.storage(), registry.networks(), registry.volumes(), registry.logs(),
                          container_defaults(*config.get(), tree))),
      store_keeper(config, images, builds, events),
      server(io.context().get_executor(),
             {containers, images, registries, networks, volumes, events, system, registry, paths, registry.storage(), pool,
              std::make_shared<api::SummaryTexts>(), &builds, &buildkit},
             server_options(*config.get())),
      buildkit(tree.libexec + "/gantry-buildkit", [this](UniqueFd client) { server.serve(std::move(client)); }) {
  system.set_store_keeper(&store_keeper);
  images.set_users([this](const std::string& image) { return users_of(containers, image); });
}

} // namespace gantry::daemon
