#include "daemon/reload.hpp"

#include "base/error.hpp"
#include "base/log.hpp"
#include "config/load.hpp"

namespace gantry::daemon {

void reload(Services& services, const config::CommandLine& line) {
  try {
    services.config.reload(config::load(line));
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
  services.events.publish(std::move(event));
}

} // namespace gantry::daemon
