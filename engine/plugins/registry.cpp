#include "plugins/registry.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "base/log.hpp"
#include "plugins/loader.hpp"
#include "plugins/manifest.hpp"

namespace gantry::plugins {

namespace {

/// What ships with the engine, and all that --safe-mode loads.
constexpr std::array<std::string_view, 10> in_tree = {"runtime-linux", "storage-overlay", "net-bridge",   "net-macvlan",
                                                      "volume-local",  "log-syslog",      "log-journald", "log-gelf",
                                                      "log-fluentd",   "volume-docker"};

bool is_in_tree(const std::string& name) { return std::find(in_tree.begin(), in_tree.end(), name) != in_tree.end(); }

/// Also keeps a name from leaving the plugin directory.
void check_name(const std::string& name) {
  const bool ok = !name.empty() && name.size() <= 64 && name[0] != '-' &&
                  name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
  if (!ok) throw invalid("'" + name + "' is not a plugin name: 1 to 64 of a-z, 0-9 and -");
}

void check_kind(const std::string& kind) {
  if (kind == "runtime" || kind == "storage" || kind == "network" || kind == "volume" || kind == "log") return;
  throw unavailable("this engine does not use " + kind + " plugins");
}

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ",") + word;
  return text;
}

} // namespace

const char* to_string(PluginState state) {
  switch (state) {
    case PluginState::loaded:
      return "loaded";
    case PluginState::skipped:
      return "skipped";
    case PluginState::failed:
      return "failed";
  }
  return "failed";
}

struct Registry::State {
  explicit State(PluginOptions o) : options(std::move(o)) {}

  std::string path(const std::string& name, const char* suffix) const { return options.plugin_dir + "/" + name + suffix; }
  PluginStatus& status(const std::string& name);
  Manifest describe(const std::string& name);
  void survey();
  bool load(const std::string& kind, const Choice& choice);
  LoadedDriver load(const ManifestDriver& driver, const Manifest& manifest, const Choice& choice) const;
  void take(const std::string& name, LoadedDriver loaded);

  PluginOptions options;
  std::map<std::string, PluginStatus> plugins;
  std::unique_ptr<RuntimeDriver> runtime;
  std::unique_ptr<StorageDriver> storage;
  std::vector<std::unique_ptr<NetworkDriver>> network_drivers;
  std::map<std::string, NetworkDriver*> networks;
  std::vector<std::unique_ptr<VolumeDriver>> volume_drivers;
  std::map<std::string, VolumeDriver*> volumes;
  std::vector<std::unique_ptr<LogDriver>> log_drivers;
  std::map<std::string, LogDriver*> logs;
};

PluginStatus& Registry::State::status(const std::string& name) {
  auto& status = plugins[name];
  status.name = name;
  status.path = path(name, ".so");
  return status;
}

/// Reads the manifest and shows what it says.
Manifest Registry::State::describe(const std::string& name) {
  Manifest manifest = read_manifest(path(name, ".json"));
  auto& shown = status(name);
  shown.id = manifest.id;
  shown.version = manifest.version;
  shown.kind = join(manifest.kinds());
  return manifest;
}

/// Lists what lies in the directory and was not selected.
void Registry::State::survey() {
  std::error_code ec;
  for (const auto& file : std::filesystem::directory_iterator(options.plugin_dir, ec)) {
    if (file.path().extension() != ".so" && file.path().extension() != ".json") continue;
    const std::string name = file.path().stem().string();
    if (plugins.count(name) != 0) continue;
    auto& shown = status(name);
    shown.reason = "the configuration does not select it";
    try {
      check_name(name);
      describe(name);
    } catch (const Error& e) {
      shown.reason = e.what();
    }
  }
}

LoadedDriver Registry::State::load(const ManifestDriver& driver, const Manifest& manifest, const Choice& choice) const {
  HostPaths paths{options.state_root + "/" + choice.plugin, options.run_root + "/" + choice.plugin, options.libexec_dir,
                  options.instance};
  return load_driver(path(choice.plugin, ".so"), choice.plugin, driver, manifest, choice.config, std::move(paths));
}

void Registry::State::take(const std::string& name, LoadedDriver loaded) {
  if (loaded.runtime) runtime = std::move(loaded.runtime);
  if (loaded.storage) storage = std::move(loaded.storage);
  if (loaded.network) {
    networks.emplace(name, loaded.network.get());
    network_drivers.push_back(std::move(loaded.network));
  }
  if (loaded.volume) {
    volumes.emplace(name, loaded.volume.get());
    volume_drivers.push_back(std::move(loaded.volume));
  }
  if (!loaded.log) return;
  logs.emplace(name, loaded.log.get());
  log_drivers.push_back(std::move(loaded.log));
}

/// False, with the reason kept, when the plugin is not to be had.
bool Registry::State::load(const std::string& kind, const Choice& choice) {
  auto& shown = status(choice.plugin);
  shown.kind = kind;
  shown.state = PluginState::failed;
  try {
    check_kind(kind);
    check_name(choice.plugin);
    if (options.safe_mode && !is_in_tree(choice.plugin)) {
      shown.state = PluginState::skipped;
      throw unavailable("safe mode loads only the plugins that ship with the engine");
    }
    const Manifest manifest = describe(choice.plugin);
    auto wanted = drivers_of(manifest, kind);
    if (kind == "runtime" || kind == "storage") wanted.resize(1);
    for (const auto& driver : wanted) take(driver.name, load(driver, manifest, choice));
  } catch (const Error& e) {
    shown.reason = e.what();
    log::warn("plugin " + choice.plugin + " is " + to_string(shown.state) + ": " + e.what());
    return false;
  }
  shown.state = PluginState::loaded;
  return true;
}

Registry::Registry(PluginOptions options) : state_(std::make_unique<State>(std::move(options))) {}
Registry::~Registry() = default;

void Registry::load(const Selection& selection) {
  for (const auto& [kind, choice] : selection) {
    if (state_->load(kind, choice) || !choice.required) continue;
    throw unavailable("the " + kind + " plugin '" + choice.plugin +
                      "' is required and cannot be loaded: " + state_->status(choice.plugin).reason);
  }
  state_->survey();
}

RuntimeDriver& Registry::runtime() {
  if (!state_->runtime) throw unavailable("no runtime plugin is loaded");
  return *state_->runtime;
}

StorageDriver& Registry::storage() {
  if (!state_->storage) throw unavailable("no storage plugin is loaded");
  return *state_->storage;
}

const std::map<std::string, NetworkDriver*>& Registry::networks() const { return state_->networks; }

const std::map<std::string, LogDriver*>& Registry::logs() const { return state_->logs; }

const std::map<std::string, VolumeDriver*>& Registry::volumes() const { return state_->volumes; }

std::vector<PluginStatus> Registry::list() const {
  std::vector<PluginStatus> result;
  for (const auto& [name, status] : state_->plugins) result.push_back(status);
  return result;
}

} // namespace gantry::plugins
