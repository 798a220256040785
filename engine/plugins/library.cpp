#define BOOST_DLL_USE_STD_FS
#include "plugins/library.hpp"

#include <dlfcn.h>

#include <boost/dll/shared_library.hpp>
#include <cstddef>
#include <mutex>
#include <vector>

#include <gantry/sdk/detail/view.hpp>

#include "base/error.hpp"
#include "plugins/trusted_file.hpp"

namespace gantry::plugins {

namespace {

namespace dll = boost::dll;

/// Leaked on purpose: see open_library.
void keep_for_ever(const dll::shared_library& library) {
  static std::mutex guard;
  static auto& libraries = *new std::vector<dll::shared_library>;
  const std::lock_guard lock(guard);
  libraries.push_back(library);
}

dll::shared_library load(const std::string& path) {
  dll::shared_library library;
  dll::fs::error_code ec;
  library.load(path, ec, dll::load_mode::rtld_now | dll::load_mode::rtld_local);
  if (ec) {
    const char* why = ::dlerror();
    throw unavailable("the library cannot be loaded: " + (why != nullptr ? std::string(why) : ec.message()));
  }
  keep_for_ever(library);
  return library;
}

const gantry_plugin* enter(const dll::shared_library& library, const std::string& path) {
  if (!library.has(GANTRY_ENTRY_SYMBOL))
    throw unavailable(path + " is not a Gantry plugin: it does not export " GANTRY_ENTRY_SYMBOL);
  const gantry_engine engine{sizeof(gantry_engine), GANTRY_ABI_MAJOR, GANTRY_ABI_MINOR, 0};
  auto& entry = library.get<gantry_plugin_entry>(GANTRY_ENTRY_SYMBOL);
  try {
    return entry(&engine);
  } catch (...) {
    throw unavailable("the plugin let an exception out of its entry");
  }
}

void check(const gantry_plugin& plugin, const Manifest& manifest) {
  constexpr auto needed = offsetof(gantry_plugin, drivers) + sizeof(gantry_array);
  if (plugin.size < needed) {
    throw unavailable("the plugin describes itself in " + std::to_string(plugin.size) + " bytes, at least " +
                      std::to_string(needed) + " are needed");
  }
  const AbiVersion theirs{plugin.abi_major, plugin.abi_minor};
  if (theirs != engine_abi())
    throw unavailable("plugin ABI " + to_string(theirs) + ", this engine speaks " + to_string(engine_abi()));
  const std::string id = detail::text(plugin.id), version = detail::text(plugin.version);
  if (id != manifest.id || version != manifest.version) {
    throw unavailable("the library says that it is " + id + " " + version + ", its manifest says " + manifest.id + " " +
                      manifest.version);
  }
}

} // namespace

gantry_plugin open_library(const std::string& path, const Manifest& manifest) {
  check_trusted_file(path);
  const gantry_plugin* theirs = enter(load(path), path);
  if (theirs == nullptr) throw unavailable("the plugin refuses this engine, which speaks ABI " + to_string(engine_abi()));
  const gantry_plugin plugin = detail::read(theirs);
  check(plugin, manifest);
  return plugin;
}

} // namespace gantry::plugins
