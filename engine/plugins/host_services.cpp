#include "plugins/host_services.hpp"

#include <exception>
#include <utility>

#include <gantry/sdk/detail/view.hpp>

#include "base/file.hpp"
#include "base/log.hpp"

namespace gantry::plugins {

HostServices::HostServices(std::string plugin, HostPaths paths) : plugin_(std::move(plugin)), paths_(std::move(paths)) {
  make_directories(paths_.state_dir, 0700);
  make_directories(paths_.run_dir, 0700);
  c_.size = sizeof c_;
  c_.ctx = this;
  c_.state_dir = detail::view(paths_.state_dir);
  c_.run_dir = detail::view(paths_.run_dir);
  c_.libexec_dir = detail::view(paths_.libexec_dir);
  c_.instance = detail::view(paths_.instance);
  c_.log = &HostServices::log;
  c_.service = [](void*, const gantry_str*) -> const void* { return nullptr; };
}

void HostServices::log(void* ctx, std::int32_t level, const gantry_str* message) noexcept {
  try {
    const std::string line = static_cast<HostServices*>(ctx)->plugin_ + ": " + detail::text(message);
    if (level >= GANTRY_LOG_ERROR) return gantry::log::error(line);
    if (level == GANTRY_LOG_WARN) return gantry::log::warn(line);
    if (level == GANTRY_LOG_INFO) return gantry::log::info(line);
    gantry::log::debug(line);
  } catch (const std::exception&) {
    // A log line that cannot be formed is not worth more than itself.
  }
}

} // namespace gantry::plugins
