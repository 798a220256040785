#pragma once

#include "api/server.hpp"
#include "config/config.hpp"
#include "containers/container_service.hpp"
#include "daemon/install_tree.hpp"
#include "plugins/registry.hpp"
#include "state/paths.hpp"
#include "system/system_service.hpp"

// The configuration in the words of each service.
namespace gantry::daemon {

containers::Defaults container_defaults(const config::Config&, const InstallTree&);
plugins::PluginOptions plugin_options(const config::Config&, const InstallTree&, const state::Paths&);
plugins::Selection plugin_selection(const config::Config&);
/// The daemon's default log driver; invalid when there is none of that name, or its options are wrong.
std::string checked_log_driver(const config::Config&, const containers::LogDrivers& plugins);
api::ServerOptions server_options(const config::Config&);
system::DriverFacts driver_facts(StorageDriver&, const volumes::VolumeDrivers&, const containers::LogDrivers&,
                                 const containers::Defaults&);

} // namespace gantry::daemon
