#include <array>

#include "base/error.hpp"
#include "containers/signals.hpp"
#include "containers/validate.hpp"

namespace gantry::containers {
namespace {

constexpr std::int64_t shortest_time_ns = 1'000'000;

/// NUL ends a string for the kernel: what came behind it would be lost without a word.
void refuse_nul(const std::string& what, const std::string& text) {
  if (text.find('\0') != std::string::npos) throw invalid(what + " contains a NUL byte");
}

void check_duration(const char* name, std::int64_t ns) {
  if (ns != 0 && ns < shortest_time_ns) throw invalid(std::string(name) + " in Healthcheck cannot be less than 1ms");
}

void check_healthcheck(const Healthcheck& check) {
  check_duration("Interval", check.interval_ns);
  check_duration("Timeout", check.timeout_ns);
  check_duration("StartPeriod", check.start_period_ns);
  check_duration("StartInterval", check.start_interval_ns);
  if (check.retries < 0) throw invalid("Retries in Healthcheck cannot be negative");
  for (const auto& word : check.test) refuse_nul("Healthcheck", word);
}

void refuse_nul(const std::string& what, const StringList& texts) {
  for (const auto& text : texts) refuse_nul(what, text);
}

void check_text(const Config& config) {
  refuse_nul("Env", config.env);
  if (config.cmd) refuse_nul("Cmd", *config.cmd);
  if (config.entrypoint) refuse_nul("Entrypoint", *config.entrypoint);
  for (const auto* text : std::array{&config.user, &config.working_dir, &config.hostname, &config.domainname}) {
    refuse_nul("Config", *text);
  }
}

} // namespace

void validate_config(const Config& config) {
  check_text(config);
  if (!config.working_dir.empty() && config.working_dir.front() != '/') {
    throw invalid("the working directory '" + config.working_dir + "' is invalid, it needs to be an absolute path");
  }
  for (const auto& assignment : config.env) {
    if (assignment.empty() || assignment.front() == '=') throw invalid("invalid environment variable: " + assignment);
  }
  if (!config.stop_signal.empty()) {
    const auto number = parse_signal(config.stop_signal);
    if (!number) throw invalid("invalid signal: " + config.stop_signal);
  }
  // What the kernel takes: HOST_NAME_MAX.
  if (config.hostname.size() > 64) throw invalid("invalid hostname \"" + config.hostname + "\": longer than 64 characters");
  if (config.healthcheck) check_healthcheck(*config.healthcheck);
}

} // namespace gantry::containers
