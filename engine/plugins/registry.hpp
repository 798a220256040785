#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gantry/sdk/log.hpp>
#include <gantry/sdk/network.hpp>
#include <gantry/sdk/runtime.hpp>
#include <gantry/sdk/storage.hpp>
#include <gantry/sdk/volume.hpp>

#include "base/json.hpp"

// The plugins of this daemon. A file on disk does nothing by itself: only what the configuration selects is loaded, every
// other one is listed as skipped, and every refusal is kept as one sentence.
namespace gantry::plugins {

struct PluginOptions {
  std::string plugin_dir;  ///< absolute; holds <name>.so and <name>.json
  std::string state_root;  ///< a plugin's state directory is <state_root>/<name>
  std::string run_root;    ///< a plugin's run directory is <run_root>/<name>
  std::string libexec_dir; ///< helper executables
  std::string instance;    ///< this daemon's name
  bool safe_mode = false;  ///< load the plugins that ship with the engine and no others
};

/// What the configuration names for one kind of driver.
struct Choice {
  std::string plugin;           ///< file name without ".so": "storage-overlay"
  Json config = Json::object(); ///< checked against the manifest's schema, whose defaults are filled in
  bool required = true;         ///< the daemon does not start without it
};

/// Kind ("runtime", "storage", "network", "volume", "log") → choice. One of "runtime" and "storage", any number of the others.
using Selection = std::multimap<std::string, Choice>;

enum class PluginState { loaded, skipped, failed };
/// "loaded", "skipped", "failed".
const char* to_string(PluginState);

struct PluginStatus {
  std::string name; ///< file name without ".so"
  std::string id;
  std::string version;
  std::string kind; ///< "runtime"; several are joined by a comma
  PluginState state = PluginState::skipped;
  std::string reason; ///< one sentence, empty when loaded
  std::string path;   ///< of the .so
};

class Registry {
 public:
  explicit Registry(PluginOptions options);
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  /// Loads what is selected. unavailable, with the reason, when a required plugin cannot be had. Called once, before any
  /// other thread looks at the registry.
  void load(const Selection& selection);

  /// The drivers; unavailable when none of the kind is loaded. References stay valid as long as the registry.
  RuntimeDriver& runtime();
  StorageDriver& storage();
  /// By driver name; of two drivers with one name the first that was selected counts.
  const std::map<std::string, NetworkDriver*>& networks() const;
  /// By driver name; of two drivers with one name the first that was selected counts.
  const std::map<std::string, LogDriver*>& logs() const;
  const std::map<std::string, VolumeDriver*>& volumes() const;

  /// Every plugin of the directory and every one that was selected, ordered by name.
  std::vector<PluginStatus> list() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace gantry::plugins
