#include "daemon/reload.hpp"

#include "base/error.hpp"
#include "base/log.hpp"
#include "config/load.hpp"
#include "containers/driver_call.hpp"
#include "daemon/settings.hpp"

namespace gantry::daemon {
namespace {

/// The driver has to know them before anybody asks for them.
void take_runtimes(Services& services, const config::Config& fresh) {
  const Json wanted = runtime_driver_config(fresh);
  if (wanted == runtime_driver_config(*services.config.get())) return;
  containers::DriverCall call;
  services.registry.runtime().reconfigure(call, wanted.dump());
}

/// "NAME:PATH NAME:PATH", as dockerd lists them.
std::string runtime_list(const config::Config& config) {
  std::string text;
  for (const auto& [name, runtime] : config.runtimes) text += (text.empty() ? "" : " ") + name + ":" + runtime.path;
  return text;
}

} // namespace

void reload(Services& services, const config::CommandLine& line) {
  try {
    const config::Config fresh = config::load(line);
    take_runtimes(services, fresh);
    services.config.reload(fresh);
    services.containers.set_runtimes(runtime_names(fresh));
  } catch (const Error& e) {
    log::error(std::string("reload: ") + e.what());
    return;
  }
  const auto config = services.config.get();
  log::set_level(config->effective_log_level());
  log::info("configuration reloaded");
  events::Event event{"daemon", "reload", services.system.id(), {}, 0};
  event.attributes["name"] = services.system.host_name();
  event.attributes["debug"] = config->debug ? "true" : "false";
  event.attributes["labels"] = Json(config->labels).dump();
  event.attributes["live-restore"] = config->live_restore ? "true" : "false";
  event.attributes["shutdown-timeout"] = std::to_string(config->shutdown_timeout_s);
  event.attributes["default-runtime"] = config->default_runtime;
  event.attributes["runtimes"] = runtime_list(*config);
  services.events.publish(std::move(event));
}

} // namespace gantry::daemon
