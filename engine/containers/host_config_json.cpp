#include <array>

#include "containers/json_reader.hpp"
#include "containers/json_writer.hpp"
#include "containers/model_json.hpp"
#include "containers/resources_json.hpp"

namespace gantry::containers {
namespace {

PortBinding binding_from(const JsonReader& reader) {
  PortBinding binding;
  reader.read("HostIp", binding.host_ip);
  reader.read("HostPort", binding.host_port);
  return binding;
}

void read_port_bindings(const JsonReader& reader, HostConfig& config) {
  const Json* value = reader.find("PortBindings");
  if (!value) return;
  const std::string path = reader.name("PortBindings");
  if (!value->is_object()) JsonReader::refuse(path, "an object", *value);
  for (const auto& item : value->items()) {
    auto& bindings = config.port_bindings[item.key()];
    const Json& list = item.value();
    if (list.is_null()) continue;
    const std::string name = path + "." + item.key();
    if (!list.is_array()) JsonReader::refuse(name, "a list", list);
    bindings.clear();
    for (std::size_t i = 0; i < list.size(); ++i)
      bindings.push_back(binding_from(JsonReader(list[i], name + "[" + std::to_string(i) + "]")));
  }
}

void read_console_size(const JsonReader& reader, HostConfig& config) {
  const Json* value = reader.find("ConsoleSize");
  if (!value) return;
  if (!value->is_array() || value->size() != 2) JsonReader::refuse(reader.name("ConsoleSize"), "a list [height, width]", *value);
  JsonReader::convert((*value)[0], reader.name("ConsoleSize[0]"), config.console_rows);
  JsonReader::convert((*value)[1], reader.name("ConsoleSize[1]"), config.console_cols);
}

void read_restart_policy(const JsonReader& reader, RestartPolicy& out) {
  const Json* policy = reader.find("RestartPolicy");
  if (!policy) return;
  const JsonReader inner(*policy, reader.name("RestartPolicy"));
  inner.read("Name", out.name);
  inner.read("MaximumRetryCount", out.maximum_retry_count);
}

void read_nested(const JsonReader& reader, HostConfig& config) {
  if (const Json* log = reader.find("LogConfig")) {
    const JsonReader inner(*log, reader.name("LogConfig"));
    inner.read("Type", config.log_config.type);
    inner.read("Config", config.log_config.config);
  }
  read_restart_policy(reader, config.restart_policy);
  read_port_bindings(reader, config);
  read_console_size(reader, config);
}

void read_namespaces(const JsonReader& reader, HostConfig& config) {
  reader.read("NetworkMode", config.network_mode);
  reader.read("CgroupnsMode", config.cgroupns_mode);
  reader.read("IpcMode", config.ipc_mode);
  reader.read("PidMode", config.pid_mode);
  reader.read("UTSMode", config.uts_mode);
  reader.read("UsernsMode", config.userns_mode);
  reader.read("Cgroup", config.cgroup);
  reader.read("Dns", config.dns);
  reader.read("DnsOptions", config.dns_options);
  reader.read("DnsSearch", config.dns_search);
  reader.read("ExtraHosts", config.extra_hosts);
  reader.read("Links", config.links);
  reader.read("PublishAllPorts", config.publish_all_ports);
}

void read_security(const JsonReader& reader, HostConfig& config) {
  reader.read("CapAdd", config.cap_add);
  reader.read("CapDrop", config.cap_drop);
  reader.read("GroupAdd", config.group_add);
  reader.read("Privileged", config.privileged);
  reader.read("ReadonlyRootfs", config.readonly_rootfs);
  reader.read("SecurityOpt", config.security_opt);
  reader.read("MaskedPaths", config.masked_paths);
  reader.read("ReadonlyPaths", config.readonly_paths);
  reader.read("Sysctls", config.sysctls);
  reader.read("OomScoreAdj", config.oom_score_adj);
}

void read_rest(const JsonReader& reader, HostConfig& config) {
  reader.read("Binds", config.binds);
  reader.read("ContainerIDFile", config.container_id_file);
  reader.read("AutoRemove", config.auto_remove);
  reader.read("VolumeDriver", config.volume_driver);
  reader.read("VolumesFrom", config.volumes_from);
  reader.read("Mounts", config.mounts);
  reader.read("Annotations", config.annotations);
  reader.read("StorageOpt", config.storage_opt);
  reader.read("Tmpfs", config.tmpfs);
  reader.read("ShmSize", config.shm_size);
  reader.read("Runtime", config.runtime);
  reader.read("Isolation", config.isolation);
  reader.read("Init", config.init);
}

Json port_bindings_json(const HostConfig& config) {
  Json json = Json::object();
  for (const auto& [port, bindings] : config.port_bindings) {
    Json list = Json::array();
    for (const auto& binding : bindings) list.push_back({{"HostIp", binding.host_ip}, {"HostPort", binding.host_port}});
    append(json, port, std::move(list));
  }
  return json;
}

void write_first(Json& json, const HostConfig& config) {
  json["Binds"] = null_if_empty(config.binds);
  json["ContainerIDFile"] = config.container_id_file;
  json["LogConfig"] = {{"Type", config.log_config.type}, {"Config", object_of(config.log_config.config)}};
  json["NetworkMode"] = config.network_mode;
  json["PortBindings"] = port_bindings_json(config);
  json["RestartPolicy"] = {{"Name", config.restart_policy.name},
                           {"MaximumRetryCount", config.restart_policy.maximum_retry_count}};
  json["AutoRemove"] = config.auto_remove;
  json["VolumeDriver"] = config.volume_driver;
  json["VolumesFrom"] = null_if_empty(config.volumes_from);
  json["ConsoleSize"] = std::array{config.console_rows, config.console_cols};
  if (!config.annotations.empty()) json["Annotations"] = object_of(config.annotations);
}

void write_isolation(Json& json, const HostConfig& config) {
  json["CapAdd"] = null_if_empty(config.cap_add);
  json["CapDrop"] = null_if_empty(config.cap_drop);
  json["CgroupnsMode"] = config.cgroupns_mode;
  json["Dns"] = config.dns;
  json["DnsOptions"] = config.dns_options;
  json["DnsSearch"] = config.dns_search;
  json["ExtraHosts"] = null_if_empty(config.extra_hosts);
  json["GroupAdd"] = null_if_empty(config.group_add);
  json["IpcMode"] = config.ipc_mode;
  json["Cgroup"] = config.cgroup;
  json["Links"] = null_if_empty(config.links);
  json["OomScoreAdj"] = config.oom_score_adj;
  json["PidMode"] = config.pid_mode;
  json["Privileged"] = config.privileged;
  json["PublishAllPorts"] = config.publish_all_ports;
  json["ReadonlyRootfs"] = config.readonly_rootfs;
  json["SecurityOpt"] = null_if_empty(config.security_opt);
  if (!config.storage_opt.empty()) json["StorageOpt"] = object_of(config.storage_opt);
  if (!config.tmpfs.empty()) json["Tmpfs"] = object_of(config.tmpfs);
  json["UTSMode"] = config.uts_mode;
  json["UsernsMode"] = config.userns_mode;
  json["ShmSize"] = config.shm_size;
  if (!config.sysctls.empty()) json["Sysctls"] = object_of(config.sysctls);
  json["Runtime"] = config.runtime;
  json["Isolation"] = config.isolation;
}

/// Lists that dockerd gives back as they came: null where the client left them out.
constexpr std::array may_be_null{"PortBindings",
                                 "Dns",
                                 "DnsOptions",
                                 "DnsSearch",
                                 "BlkioWeightDevice",
                                 "BlkioDeviceReadBps",
                                 "BlkioDeviceWriteBps",
                                 "BlkioDeviceReadIOps",
                                 "BlkioDeviceWriteIOps",
                                 "Devices",
                                 "Ulimits"};

void note_left_out(const JsonReader& reader, HostConfig& config) {
  for (const char* name : may_be_null)
    if (!reader.find(name)) config.left_out.insert(name);
}

void show_left_out(Json& json, const HostConfig& config) {
  for (const auto& name : config.left_out)
    if (Json& list = json[name]; list.empty()) list = nullptr;
}

} // namespace

Resources resources_from_json(const Json& json) {
  Resources resources;
  read_resources(JsonReader(json, ""), resources);
  return resources;
}

RestartPolicy restart_policy_from_json(const Json& json) {
  RestartPolicy policy;
  read_restart_policy(JsonReader(json, ""), policy);
  return policy;
}

HostConfig host_config_from_json(const Json& json) {
  const JsonReader reader(json, "HostConfig");
  HostConfig config;
  read_nested(reader, config);
  read_namespaces(reader, config);
  read_security(reader, config);
  read_rest(reader, config);
  read_resources(reader, config.resources);
  note_left_out(reader, config);
  return config;
}

Json to_json(const HostConfig& config) {
  Json json = Json::object();
  write_first(json, config);
  write_isolation(json, config);
  write_resources(json, config.resources);
  if (!config.mounts.is_null()) json["Mounts"] = config.mounts;
  json["MaskedPaths"] = null_if_absent(config.masked_paths);
  json["ReadonlyPaths"] = null_if_absent(config.readonly_paths);
  if (config.init) json["Init"] = *config.init;
  show_left_out(json, config);
  return json;
}

} // namespace gantry::containers
