#include "containers/health/validate_health.hpp"

#include "base/error.hpp"
#include "containers/health/rules.hpp"

namespace gantry::containers {
namespace {

void check_kind(const StringList& test, std::vector<std::string>& warnings) {
  const std::string& kind = test.front();
  if (kind == "CMD" && test.size() < 2) throw invalid("Healthcheck: CMD needs a command");
  if (kind == "NONE" || kind == "CMD" || kind == "CMD-SHELL") return;
  // Docker creates such a container and tells its own log.
  warnings.push_back("Unknown healthcheck type '" + kind + "' (expected 'CMD'): the container has no health check");
}

} // namespace

void refuse_two_checks(const Config& config, const Extensions& extensions) {
  if (extensions.probe_url.empty() || !config.healthcheck || config.healthcheck->test.empty()) return;
  throw invalid("Gantry.Probe and Healthcheck.Test cannot both be set: a container has one health check");
}

void validate_health(const Container& container, std::vector<std::string>& warnings) {
  const Extensions& extensions = container.extensions;
  if (container.config.healthcheck && !container.config.healthcheck->test.empty()) {
    check_kind(container.config.healthcheck->test, warnings);
  }
  const bool has_check = probe_of(container).has_value();
  const std::string& action = extensions.on_unhealthy;
  if (action.empty() || action == "none") return;
  if (action != "restart" && action != "stop") {
    throw invalid("Gantry.OnUnhealthy: \"" + action + "\" is not one of none, restart and stop");
  }
  if (!has_check) throw invalid("Gantry.OnUnhealthy: the container has no health check that could find it unhealthy");
}

} // namespace gantry::containers
