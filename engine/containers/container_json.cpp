#include "containers/container_json.hpp"

#include "containers/health/health_json.hpp"
#include "containers/json_reader.hpp"
#include "containers/model_json.hpp"
#include "containers/mounts.hpp"
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

MountPoint mount_point_from(const JsonReader& reader) {
  MountPoint point;
  reader.read("type", point.type);
  reader.read("name", point.name);
  reader.read("driver", point.driver);
  reader.read("source", point.source);
  reader.read("destination", point.destination);
  reader.read("mode", point.mode);
  reader.read("propagation", point.propagation);
  reader.read("subpath", point.subpath);
  reader.read("rw", point.rw);
  reader.read("anonymous", point.anonymous);
  reader.read("copy", point.copy);
  reader.read("recursive", point.recursive);
  reader.read("make_source", point.make_source);
  reader.read("live", point.live);
  reader.read("mapped", point.mapped);
  reader.read("submounts", point.submounts);
  reader.read("tmpfs_size", point.tmpfs_size);
  reader.read("tmpfs_mode", point.tmpfs_mode);
  reader.read("tmpfs_options", point.tmpfs_options);
  return point;
}

Json to_json(const MountPoint& point) {
  return {{"type", point.type},
          {"name", point.name},
          {"driver", point.driver},
          {"source", point.source},
          {"destination", point.destination},
          {"mode", point.mode},
          {"propagation", point.propagation},
          {"subpath", point.subpath},
          {"rw", point.rw},
          {"anonymous", point.anonymous},
          {"copy", point.copy},
          {"recursive", point.recursive},
          {"make_source", point.make_source},
          {"live", point.live},
          {"mapped", point.mapped},
          {"submounts", point.submounts},
          {"tmpfs_size", point.tmpfs_size},
          {"tmpfs_mode", point.tmpfs_mode},
          {"tmpfs_options", point.tmpfs_options}};
}

Json to_json(const std::vector<MountPoint>& points) {
  Json list = Json::array();
  for (const auto& point : points) list.push_back(to_json(point));
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
          {"removes_volumes", container.removes_volumes},
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
  reader.read("removes_volumes", container.removes_volumes);
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
  reader.read_objects("mounts", container.mounts, mount_point_from);
  // Made before mounts were kept: it has none that are not in its configuration.
  if (!reader.find("mounts")) container.mounts = requested_points(container.host_config);
  reader.read("apparmor_profile", container.apparmor_profile);
  reader.read("process_label", container.process_label);
  reader.read("mount_label", container.mount_label);
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
          {"mounts", to_json(container.mounts)},
          {"apparmor_profile", container.apparmor_profile},
          {"process_label", container.process_label},
          {"mount_label", container.mount_label},
          {"phase", to_string(container.phase)},
          {"state", state_json(container)}};
}

} // namespace gantry::containers
