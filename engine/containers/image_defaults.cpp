#include "containers/image_defaults.hpp"

#include <algorithm>

#include "containers/model_json.hpp"

namespace gantry::containers {
namespace {

std::string_view key_of(std::string_view assignment) { return assignment.substr(0, assignment.find('=')); }

void inherit_env(StringList& env, const StringList& image_env) {
  for (const auto& assignment : image_env) {
    const auto same_key = [&](const std::string& mine) { return key_of(mine) == key_of(assignment); };
    if (std::none_of(env.begin(), env.end(), same_key)) env.push_back(assignment);
  }
}

void unite(StringList& sorted, const StringList& more) {
  sorted.insert(sorted.end(), more.begin(), more.end());
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
}

template <class T>
void inherit(T& mine, const T& image) {
  if (mine == T{}) mine = image;
}

bool empty(const std::optional<StringList>& words) { return !words || words->empty(); }

void inherit_command(Config& config, const Config& image) {
  if (empty(config.entrypoint)) {
    if (empty(config.cmd)) {
      config.cmd = image.cmd;
      config.args_escaped = image.args_escaped;
    }
    if (!config.entrypoint) config.entrypoint = image.entrypoint;
  }
  if (config.entrypoint && (config.entrypoint->empty() || *config.entrypoint == StringList{""})) config.entrypoint.reset();
}

void inherit_healthcheck(Config& config, const Config& image) {
  if (!image.healthcheck) return;
  if (!config.healthcheck) {
    config.healthcheck = image.healthcheck;
    return;
  }
  Healthcheck& mine = *config.healthcheck;
  inherit(mine.test, image.healthcheck->test);
  inherit(mine.interval_ns, image.healthcheck->interval_ns);
  inherit(mine.timeout_ns, image.healthcheck->timeout_ns);
  inherit(mine.start_period_ns, image.healthcheck->start_period_ns);
  inherit(mine.start_interval_ns, image.healthcheck->start_interval_ns);
  inherit(mine.retries, image.healthcheck->retries);
}

} // namespace

void apply_image_defaults(Config& config, const Json& image_config) {
  const auto it = image_config.find("config");
  const Config image = it == image_config.end() || it->is_null() ? Config{} : config_from_json(*it);
  inherit(config.user, image.user);
  inherit(config.working_dir, image.working_dir);
  inherit(config.stop_signal, image.stop_signal);
  inherit_env(config.env, image.env);
  config.labels.insert(image.labels.begin(), image.labels.end());
  unite(config.exposed_ports, image.exposed_ports);
  unite(config.volumes, image.volumes);
  inherit_command(config, image);
  inherit_healthcheck(config, image);
}

} // namespace gantry::containers
