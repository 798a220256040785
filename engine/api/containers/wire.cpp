#include "api/containers/wire.hpp"

#include "api/containers/health_wire.hpp"
#include "api/containers/mount_wire.hpp"
#include "api/containers/network_wire.hpp"
#include "api/containers/status_text.hpp"
#include "api/gates.hpp"
#include "base/time.hpp"
#include "containers/attachments.hpp"
#include "containers/json_writer.hpp"
#include "containers/links.hpp"
#include "containers/model_json.hpp"
#include "networks/egress.hpp"

namespace gantry::api {

namespace {

using gantry::containers::Container;
using gantry::containers::Phase;

/// Arguments as the COMMAND column shows them: joined by spaces, those with a space in them quoted.
std::string command_text(const Container& container) {
  std::string text = container.path;
  for (const auto& argument : container.args)
    text += argument.find(' ') == std::string::npos ? ' ' + argument : " '" + argument + '\'';
  return text;
}

bool runs(Phase phase) { return phase == Phase::running || phase == Phase::paused || phase == Phase::restarting; }

using gantry::containers::told_phase;

Json state_json(const Container& container) {
  Json state;
  const Phase phase = told_phase(container);
  state["Status"] = gantry::containers::docker_status(phase);
  state["Running"] = runs(phase);
  state["Paused"] = container.phase == Phase::paused;
  state["Restarting"] = phase == Phase::restarting;
  state["OOMKilled"] = container.oom_killed;
  state["Dead"] = container.phase == Phase::dead;
  state["Pid"] = container.phase == Phase::running || container.phase == Phase::paused ? container.pid : 0;
  state["ExitCode"] = container.exit_code;
  state["Error"] = container.error;
  state["StartedAt"] = rfc3339_nano(container.started_ns);
  state["FinishedAt"] = rfc3339_nano(container.finished_ns);
  if (container.health) state["Health"] = health_json(*container.health);
  return state;
}

Json graph_driver_json(const Container& container, const InspectContext& context) {
  Json graph;
  graph["Data"] = nullptr;
  for (const auto& [key, value] : context.graph_data) graph["Data"][key] = value;
  graph["Name"] = container.driver;
  return graph;
}

/// Ours: which ids the container's are on the host.
Json user_namespace_json(const gantry::containers::IdMaps& maps) {
  const auto list = [](const std::vector<gantry::containers::IdRange>& ranges) {
    Json json = Json::array();
    for (const auto& range : ranges)
      json.push_back({{"ContainerID", range.container_id}, {"HostID", range.host_id}, {"Size", range.size}});
    return json;
  };
  return {{"UIDMappings", list(maps.uids)}, {"GIDMappings", list(maps.gids)}};
}

/// Files that exist from the first start on, whether it succeeded or not.
void add_paths(Json& json, const Container& container, const state::Paths& paths) {
  const bool started = container.started_ns != 0 || container.history.start.time_ns != 0;
  const auto file = [&](const char* name) { return started ? paths.container(container.id) + '/' + name : std::string(); };
  json["ResolvConfPath"] = file("resolv.conf");
  json["HostnamePath"] = file("hostname");
  json["HostsPath"] = file("hosts");
  const bool logged = started && container.host_config.log_config.type == "json-file";
  json["LogPath"] = logged ? paths.container_log(container.id) : "";
}

/// The MAC address that was asked for in the container's main network is told as the whole container's, too.
Json config_json(const Container& container) {
  gantry::containers::Config config = container.config;
  const auto* main = gantry::containers::find_attachment(container, container.host_config.network_mode);
  if (config.mac_address.empty() && main != nullptr) config.mac_address = main->settings.mac_address;
  return gantry::containers::to_json(config);
}

} // namespace

Json container_summary(const Container& container, const std::string& image, std::int64_t now_ns,
                       const std::optional<ContainerSize>& size, ApiVersion version) {
  Json json;
  json["Id"] = container.id;
  json["Names"] = Json::array({'/' + container.name});
  json["Image"] = image;
  json["ImageID"] = container.image_id;
  json["Command"] = command_text(container);
  json["Created"] = container.created_ns / 1'000'000'000;
  json["Ports"] = container_ports(container);
  if (size && size->first != 0) json["SizeRw"] = size->first;
  if (size && size->second != 0) json["SizeRootFs"] = size->second;
  json["Labels"] = container.config.labels;
  json["State"] = gantry::containers::docker_status(told_phase(container));
  json["Status"] = status_text(container, now_ns);
  json["HostConfig"]["NetworkMode"] = container.host_config.network_mode;
  if (!container.host_config.annotations.empty()) json["HostConfig"]["Annotations"] = container.host_config.annotations;
  json["NetworkSettings"]["Networks"] = container_networks(container, version, Endpoints::listed);
  json["Mounts"] = mount_points(container.mounts);
  if (version < ApiVersion{1, 46}) apply_gates(WireObject::container_summary, version, json);
  return json;
}

Json container_inspect(const Container& container, const InspectContext& context, ApiVersion version) {
  Json json;
  json["Id"] = container.id;
  json["Created"] = rfc3339_nano(container.created_ns);
  json["Path"] = container.path;
  json["Args"] = container.args;
  json["State"] = state_json(container);
  json["Image"] = container.image_id;
  add_paths(json, container, context.paths);
  json["Name"] = '/' + container.name;
  json["RestartCount"] = container.restart_count;
  json["Driver"] = container.driver;
  json["Platform"] = container.platform;
  json["MountLabel"] = container.mount_label;
  json["ProcessLabel"] = container.process_label;
  json["AppArmorProfile"] = container.apparmor_profile;
  json["ExecIDs"] = nullptr;
  if (!context.exec_ids.empty()) json["ExecIDs"] = context.exec_ids;
  json["HostConfig"] = gantry::containers::to_json(container.host_config);
  json["HostConfig"]["Links"] = gantry::containers::null_if_empty(gantry::containers::shown_links(container));
  json["GraphDriver"] = graph_driver_json(container, context);
  if (context.size) json["SizeRw"] = context.size->first;
  if (context.size) json["SizeRootFs"] = context.size->second;
  json["Mounts"] = mount_points(container.mounts);
  json["Config"] = config_json(container);
  json["NetworkSettings"] = network_settings(container, version);
  if (const Json extensions = gantry::containers::to_json(container.extensions); !extensions.is_null())
    json["Gantry"] = extensions;
  const auto& annotations = container.host_config.annotations;
  if (const auto egress = annotations.find(gantry::networks::egress_key); egress != annotations.end())
    json["Gantry"]["Egress"] = gantry::networks::egress_list(egress->second);
  if (!container.id_maps.empty()) json["Gantry"]["UserNamespace"] = user_namespace_json(container.id_maps);
  apply_gates(WireObject::container_inspect, version, json);
  return json;
}

} // namespace gantry::api
