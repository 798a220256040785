#include "containers/container_json.hpp"

#include "containers/health/health_json.hpp"
#include "containers/json_reader.hpp"
#include "containers/model_json.hpp"
#include "containers/network_json.hpp"

namespace gantry::containers {
namespace {

std::vector<IdRange> ranges_from(const JsonReader& reader, const char* key) {
  std::vector<IdRange> ranges;
  reader.read_objects(key, ranges, [](const JsonReader& item) {
    IdRange range;
    item.read("container", range.container_id);
    item.read("host", range.host_id);
    item.read("size", range.size);
    return range;
  });
  return ranges;
}

Json to_json(const std::vector<IdRange>& ranges) {
  Json list = Json::array();
  for (const auto& range : ranges)
    list.push_back({{"container", range.container_id}, {"host", range.host_id}, {"size", range.size}});
  return list;
}

} // namespace

Json state_json(const Container& container) {
  return {{"pid", container.pid},
          {"exit_code", container.exit_code},
          {"error", container.error},
          {"oom_killed", container.oom_killed},
          {"started_ns", container.started_ns},
          {"finished_ns", container.finished_ns},
          {"restart_count", container.restart_count},
          {"manually_stopped", container.manually_stopped},
          {"health", stored_health(container)},
          {"paused_ns", container.paused_ns},
          {"history", to_json(container.history)},
          {"runtime_state", container.runtime_state},
          {"networks", to_json(container.networks)},
          {"ports", to_json(container.ports)}};
}

void apply_state(Container& container, const Json& state) {
  const JsonReader reader(state, "state");
  reader.read("pid", container.pid);
  reader.read("exit_code", container.exit_code);
  reader.read("error", container.error);
  reader.read("oom_killed", container.oom_killed);
  reader.read("started_ns", container.started_ns);
  reader.read("finished_ns", container.finished_ns);
  reader.read("restart_count", container.restart_count);
  reader.read("manually_stopped", container.manually_stopped);
  if (const Json* health = reader.find("health")) container.health = health_from_stored(*health);
  reader.read("paused_ns", container.paused_ns);
  if (const Json* history = reader.find("history")) container.history = history_from_json(*history, reader.name("history"));
  reader.read("runtime_state", container.runtime_state);
  container.networks = attachments_from(reader, "networks");
  container.ports = published_ports_from(reader, "ports");
}

Container container_from_json(const Json& json) {
  const JsonReader reader(json, "container");
  Container container;
  reader.read("id", container.id);
  reader.read("name", container.name);
  reader.read("created_ns", container.created_ns);
  if (const Json* config = reader.find("config")) container.config = config_from_json(*config);
  if (const Json* host_config = reader.find("host_config")) container.host_config = host_config_from_json(*host_config);
  if (const Json* extensions = reader.find("extensions")) container.extensions = extensions_from_json(*extensions);
  reader.read("image_id", container.image_id);
  reader.read("image_ref", container.image_ref);
  reader.read("driver", container.driver);
  reader.read("platform", container.platform);
  reader.read("path", container.path);
  reader.read("args", container.args);
  container.id_maps = {ranges_from(reader, "uid_map"), ranges_from(reader, "gid_map")};
  reader.read("apparmor_profile", container.apparmor_profile);
  std::string phase(to_string(container.phase));
  reader.read("phase", phase);
  container.phase = phase_from(phase);
  if (const Json* state = reader.find("state")) apply_state(container, *state);
  return container;
}

Json to_json(const Container& container) {
  return {{"id", container.id},
          {"name", container.name},
          {"created_ns", container.created_ns},
          {"config", to_json(container.config)},
          {"host_config", to_json(container.host_config)},
          {"extensions", to_json(container.extensions)},
          {"image_id", container.image_id},
          {"image_ref", container.image_ref},
          {"driver", container.driver},
          {"platform", container.platform},
          {"path", container.path},
          {"args", container.args},
          {"uid_map", to_json(container.id_maps.uids)},
          {"gid_map", to_json(container.id_maps.gids)},
          {"apparmor_profile", container.apparmor_profile},
          {"phase", to_string(container.phase)},
          {"state", state_json(container)}};
}

} // namespace gantry::containers
