#pragma once

#include "api/server.hpp"
#include "config/config.hpp"
#include "containers/container_service.hpp"
#include "daemon/install_tree.hpp"
#include "networks/network_service.hpp"
#include "plugins/registry.hpp"
#include "registry/settings.hpp"
#include "state/paths.hpp"
#include "system/system_service.hpp"

// The configuration in the words of each service.
namespace gantry::daemon {

containers::RuntimeNames runtime_names(const config::Config&);
/// What the runtime driver is configured with, now and by a reload.
Json runtime_driver_config(const config::Config&);
containers::Defaults container_defaults(const config::Config&, const InstallTree&);
networks::Settings network_settings(const config::Config&, const InstallTree&, const state::Paths&);
plugins::PluginOptions plugin_options(const config::Config&, const InstallTree&, const state::Paths&);
plugins::Selection plugin_selection(const config::Config&);
/// The daemon's default log driver; invalid when there is none of that name, or its options are wrong.
std::string checked_log_driver(const config::Config&, const containers::LogDrivers& plugins);
registry::Settings registry_settings(const config::Config&);
api::ServerOptions server_options(const config::Config&);
system::DriverFacts driver_facts(StorageDriver&, const networks::NetworkDrivers&, const volumes::VolumeDrivers&,
                                 const containers::LogDrivers&, const containers::Defaults&);

} // namespace gantry::daemon
