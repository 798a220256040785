#include "plugins/loader.hpp"

#include <gantry/sdk/detail/view.hpp>
#include <utility>

#include "base/error.hpp"
#include "plugins/instance.hpp"
#include "plugins/library.hpp"
#include "plugins/log_adapter.hpp"
#include "plugins/network_adapter.hpp"
#include "plugins/runtime_adapter.hpp"
#include "plugins/schema.hpp"
#include "plugins/storage_adapter.hpp"
#include "plugins/tables.hpp"
#include "plugins/volume_adapter.hpp"

namespace gantry::plugins {

namespace {

std::string kinds_of(const Manifest& manifest) {
  std::string list;
  for (const auto& driver : manifest.drivers) list += (list.empty() ? "" : ", ") + driver.interface;
  return list;
}

gantry_driver find(const gantry_plugin& plugin, const ManifestDriver& wanted) {
  gantry_driver found{};
  detail::each<gantry_driver>(plugin.drivers, sizeof(std::uint64_t), [&](const gantry_driver* theirs) {
    const gantry_driver driver = detail::read(theirs);
    if (detail::text(driver.name) == wanted.name && detail::text(driver.interface) == wanted.interface) found = driver;
  });
  if (found.size == 0) {
    throw unavailable("the manifest promises driver '" + wanted.name + "' with interface " + wanted.interface +
                      ", the library does not have it");
  }
  return found;
}

} // namespace

std::vector<ManifestDriver> drivers_of(const Manifest& manifest, const std::string& kind) {
  std::vector<ManifestDriver> found;
  for (const auto& driver : manifest.drivers) {
    if (driver.kind() == kind) found.push_back(driver);
  }
  if (!found.empty()) return found;
  throw unavailable("the plugin has no " + kind + " driver that this engine knows, it offers " + kinds_of(manifest));
}

LoadedDriver load_driver(const std::string& library, const std::string& name, const ManifestDriver& wanted,
                         const Manifest& manifest, const Json& config, HostPaths paths) {
  if (manifest.requires_abi != engine_abi())
    throw unavailable("plugin ABI " + to_string(manifest.requires_abi) + ", this engine speaks " + to_string(engine_abi()));
  const std::string settings = apply_schema(manifest.config_schema, config, "config").dump();
  const gantry_driver driver = find(open_library(library, manifest), wanted);
  const auto make_instance = [&] {
    return std::make_unique<DriverInstance>(driver, std::make_unique<HostServices>(name, std::move(paths)), settings);
  };
  LoadedDriver loaded;
  const std::string kind = wanted.kind();
  if (kind == "runtime") {
    const auto table = normalise(static_cast<const gantry_runtime_table*>(driver.table), wanted.name);
    loaded.runtime = adapt_runtime(table, make_instance());
  } else if (kind == "network") {
    const auto table = normalise(static_cast<const gantry_network_table*>(driver.table), wanted.name);
    loaded.network = adapt_network(table, make_instance());
  } else if (kind == "volume") {
    const auto table = normalise(static_cast<const gantry_volume_table*>(driver.table), wanted.name);
    loaded.volume = adapt_volume(table, make_instance());
  } else if (kind == "log") {
    const auto table = normalise(static_cast<const gantry_log_table*>(driver.table), wanted.name);
    loaded.log = adapt_log(table, make_instance());
  } else {
    const auto table = normalise(static_cast<const gantry_storage_table*>(driver.table), wanted.name);
    loaded.storage = adapt_storage(table, make_instance());
  }
  return loaded;
}

} // namespace gantry::plugins
