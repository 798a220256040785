// What the user said, as the body of POST /containers/create.
#include <algorithm>
#include <cctype>
#include <stdexcept>

#include "cli/args/numbers.hpp"
#include "cli/commands/container/create_options.hpp"
#include "cli/commands/container/env_file.hpp"
#include "cli/commands/container/flag_values.hpp"
#include "cli/commands/container/networks.hpp"
#include "cli/commands/container/ports.hpp"
#include "cli/failure.hpp"

namespace gantry::cli {
namespace {

Json or_null(const Strings& list) { return list.empty() ? Json(nullptr) : Json(list); }

Json or_empty(const Strings& list) { return list.empty() ? Json::array() : Json(list); }

Json map_of(const Strings& pairs) {
  Json map = Json::object();
  for (const std::string& pair : pairs) map[cut(pair, '=').first] = cut(pair, '=').second.value_or("");
  return map;
}

template <class Convert>
Json converted(const Strings& list, Convert convert) {
  Json out = Json::array();
  for (const std::string& one : list) out.push_back(convert(one));
  return out;
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

Json capabilities(const Strings& names) {
  if (names.empty()) return nullptr;
  Json out = Json::array();
  for (const std::string& name : names) {
    std::string full = upper(name);
    if (full != "ALL" && !full.starts_with("CAP_")) full = "CAP_" + full;
    if (std::find(out.begin(), out.end(), full) == out.end()) out.push_back(full);
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// A seccomp profile is a file of the client: its content travels.
Json security_options(const Strings& options) {
  Json out = Json::array();
  for (const std::string& option : options) {
    const auto mark = option.find_first_of("=:");
    const std::string key = option.substr(0, mark);
    if (mark == std::string::npos && key != "no-new-privileges") throw Failure("Invalid --security-opt: \"" + option + "\"", 125);
    const std::string value = mark == std::string::npos ? "" : option.substr(mark + 1);
    if (key != "seccomp" || value == "unconfined" || value == "builtin") {
      out.push_back(option);
      continue;
    }
    std::string text;
    try {
      text = read_file(value);
    } catch (const Failure& e) {
      throw Failure("opening seccomp profile (" + value + ") failed: " + e.what(), 125);
    }
    const Json profile = Json::parse(text, nullptr, false);
    if (profile.is_discarded()) throw Failure("compacting json for seccomp profile (" + value + ") failed: it is not JSON", 125);
    out.push_back("seccomp=" + profile.dump());
  }
  return out;
}

/// What Docker's API has no place for.
Json extensions(const CreateOptions& o) {
  Json out;
  if (!o.probe.empty() && o.no_healthcheck) throw Failure("--no-healthcheck conflicts with --probe", 125);
  if (!o.probe.empty() && !o.health_cmd.empty()) throw Failure("--health-cmd conflicts with --probe", 125);
  if (!o.probe.empty()) out["Probe"]["URL"] = o.probe;
  if (!o.on_unhealthy.empty()) out["OnUnhealthy"] = o.on_unhealthy;
  if (!o.egress.empty()) out["Egress"] = o.egress;
  return out;
}

Json health(const CreateOptions& o) {
  const bool any = !o.health_cmd.empty() || o.health_interval != 0 || o.health_timeout != 0 || o.health_start_period != 0 ||
                   o.health_retries != 0 || o.health_start_interval != 0;
  if (o.no_healthcheck && any) throw Failure("--no-healthcheck conflicts with --health-* options", 125);
  if (o.no_healthcheck) return {{"Test", {"NONE"}}};
  if (!any) return nullptr;
  const std::pair<const char*, std::int64_t> times[] = {{"interval", o.health_interval},
                                                        {"timeout", o.health_timeout},
                                                        {"start-period", o.health_start_period},
                                                        {"start-interval", o.health_start_interval}};
  for (const auto& [name, value] : times)
    if (value < 0) throw Failure("--health-" + std::string(name) + " cannot be negative", 125);
  if (o.health_retries < 0) throw Failure("--health-retries cannot be negative", 125);
  Json out = Json::object();
  if (!o.health_cmd.empty()) out["Test"] = {"CMD-SHELL", o.health_cmd};
  if (o.health_interval) out["Interval"] = o.health_interval;
  if (o.health_timeout) out["Timeout"] = o.health_timeout;
  if (o.health_start_period) out["StartPeriod"] = o.health_start_period;
  if (o.health_start_interval) out["StartInterval"] = o.health_start_interval;
  if (o.health_retries) out["Retries"] = o.health_retries;
  return out;
}

struct Volumes {
  Json binds = Json::array(), anonymous = Json::object();
};

Volumes volumes(const Strings& list) {
  Volumes out;
  for (const std::string& text : list) {
    const auto [source, rest] = cut(text, ':');
    if (!rest) {
      out.anonymous[text] = Json::object();
      continue;
    }
    std::string bind = text;
    // A relative path is the client's.
    if (source == "." || source == ".." || source.starts_with("./") || source.starts_with("../"))
      bind = absolute_path(source) + ":" + *rest;
    out.binds.push_back(bind);
  }
  return out;
}

void add_streams(Json& config, const CreateOptions& o, bool detached) {
  const auto wanted = [&o](const char* name) {
    return std::any_of(o.attach.begin(), o.attach.end(), [name](const std::string& one) { return upper(one) == name; });
  };
  const bool standard = o.attach.empty() && !detached;
  const bool input = wanted("STDIN") || (standard && o.interactive);
  config["AttachStdin"] = input;
  config["AttachStdout"] = standard || wanted("STDOUT");
  config["AttachStderr"] = standard || wanted("STDERR");
  config["Tty"] = o.tty;
  config["OpenStdin"] = o.interactive;
  config["StdinOnce"] = o.interactive && input;
}

Strings environment(const CreateOptions& o) {
  Strings env;
  for (const std::string& file : o.env_file)
    for (std::string& line : read_pairs_file(file, true)) env.push_back(std::move(line));
  for (const std::string& variable : o.env) {
    if (variable.empty() || variable[0] == '=') throw Failure("invalid environment variable: " + variable, 125);
    env.push_back(with_client_value(variable));
  }
  return env;
}

Strings labels(const CreateOptions& o) {
  Strings out;
  for (const std::string& file : o.label_file)
    for (std::string& line : read_pairs_file(file, false)) out.push_back(std::move(line));
  out.insert(out.end(), o.label.begin(), o.label.end());
  return out;
}

Json container_config(const CreateOptions& o, const FlagSet& flags, const Strings& words, bool detached, const Json& exposed,
                      const Json& anonymous) {
  Json c;
  c["Hostname"] = o.hostname;
  c["Domainname"] = o.domainname;
  c["User"] = o.user;
  add_streams(c, o, detached);
  if (!exposed.empty()) c["ExposedPorts"] = exposed;
  c["Env"] = or_null(environment(o));
  c["Cmd"] = words.size() > 1 ? Json(Strings(words.begin() + 1, words.end())) : Json(nullptr);
  if (const Json check = health(o); !check.is_null()) c["Healthcheck"] = check;
  c["Image"] = words[0];
  c["Volumes"] = anonymous;
  c["WorkingDir"] = o.workdir;
  // An empty --entrypoint clears the image's; that is said with one empty word.
  c["Entrypoint"] = flags.changed("entrypoint") ? Json(Strings{o.entrypoint}) : Json(nullptr);
  c["Labels"] = map_of(labels(o));
  if (flags.changed("stop-signal")) c["StopSignal"] = o.stop_signal;
  if (flags.changed("stop-timeout")) c["StopTimeout"] = o.stop_timeout;
  return c;
}

void add_resources(Json& h, const CreateOptions& o) {
  h["ShmSize"] = o.shm_size;
  h["Isolation"] = o.isolation;
  h["CpuShares"] = o.cpu_shares;
  h["Memory"] = o.memory;
  h["NanoCpus"] = o.cpus;
  h["CgroupParent"] = o.cgroup_parent;
  h["BlkioWeight"] = o.blkio_weight;
  h["BlkioWeightDevice"] = converted(o.blkio_weight_device, parse_weight_device);
  h["BlkioDeviceReadBps"] = converted(o.device_read_bps, [](const std::string& s) { return parse_device_rate(s, true); });
  h["BlkioDeviceWriteBps"] = converted(o.device_write_bps, [](const std::string& s) { return parse_device_rate(s, true); });
  h["BlkioDeviceReadIOps"] = converted(o.device_read_iops, [](const std::string& s) { return parse_device_rate(s, false); });
  h["BlkioDeviceWriteIOps"] = converted(o.device_write_iops, [](const std::string& s) { return parse_device_rate(s, false); });
  h["CpuPeriod"] = o.cpu_period;
  h["CpuQuota"] = o.cpu_quota;
  h["CpuRealtimePeriod"] = o.cpu_rt_period;
  h["CpuRealtimeRuntime"] = o.cpu_rt_runtime;
  h["CpusetCpus"] = o.cpuset_cpus;
  h["CpusetMems"] = o.cpuset_mems;
  const auto [devices, cdi_names] = split_devices(o.device);
  h["Devices"] = converted(devices, parse_device);
  h["DeviceCgroupRules"] = or_null(o.device_cgroup_rule);
  h["DeviceRequests"] = o.gpus.empty() ? Json(nullptr) : converted(o.gpus, parse_gpus);
  if (!cdi_names.empty()) h["DeviceRequests"].push_back({{"Driver", "cdi"}, {"DeviceIDs", cdi_names}});
  h["MemoryReservation"] = o.memory_reservation;
  h["MemorySwap"] = o.memory_swap;
  h["MemorySwappiness"] = o.memory_swappiness;
  h["OomKillDisable"] = o.oom_kill_disable;
  h["PidsLimit"] = o.pids_limit;
  h["CpuCount"] = o.cpu_count;
  h["CpuPercent"] = o.cpu_percent;
  h["IOMaximumIOps"] = o.io_maxiops;
  h["IOMaximumBandwidth"] = o.io_maxbandwidth;
  Json limits = converted(o.ulimit, parse_ulimit);
  std::sort(limits.begin(), limits.end(), [](const Json& a, const Json& b) { return a["Name"] < b["Name"]; });
  h["Ulimits"] = limits;
}

void add_isolation(Json& h, const CreateOptions& o) {
  h["CapAdd"] = capabilities(o.cap_add);
  h["CapDrop"] = capabilities(o.cap_drop);
  h["CgroupnsMode"] = o.cgroupns;
  h["GroupAdd"] = or_null(o.group_add);
  h["IpcMode"] = o.ipc;
  h["OomScoreAdj"] = o.oom_score_adj;
  h["PidMode"] = o.pid;
  h["Privileged"] = o.privileged;
  h["ReadonlyRootfs"] = o.read_only;
  h["SecurityOpt"] = o.security_opt.empty() ? Json(nullptr) : security_options(o.security_opt);
  if (!o.storage_opt.empty()) {
    for (const std::string& one : o.storage_opt)
      if (one.find('=') == std::string::npos) throw Failure("invalid storage option", 125);
    h["StorageOpt"] = map_of(o.storage_opt);
  }
  h["UTSMode"] = o.uts;
  h["UsernsMode"] = o.userns;
  if (!o.sysctl.empty()) h["Sysctls"] = map_of(o.sysctl);
  if (!o.runtime.empty()) h["Runtime"] = o.runtime;
}

Json host_config(const CreateOptions& o, const FlagSet& flags, const Json& binds, const Json& bindings) {
  Json h;
  h["Binds"] = binds.empty() ? Json(nullptr) : binds;
  h["ContainerIDFile"] = o.cidfile;
  h["LogConfig"] = {{"Type", o.log_driver}, {"Config", map_of(o.log_opt)}};
  h["NetworkMode"] = network_mode(o.network);
  h["PortBindings"] = bindings;
  h["RestartPolicy"] = parse_restart_policy(o.restart);
  h["AutoRemove"] = o.rm;
  h["VolumeDriver"] = o.volume_driver;
  h["VolumesFrom"] = or_null(o.volumes_from);
  if (!o.annotation.empty()) h["Annotations"] = map_of(o.annotation);
  Strings dns_options = o.dns_option;
  h["Dns"] = or_empty(o.dns);
  h["DnsOptions"] = or_empty(dns_options);
  h["DnsSearch"] = or_empty(o.dns_search);
  h["ExtraHosts"] = or_null(with_colon(o.add_host));
  h["Links"] = or_null(o.link);
  h["PublishAllPorts"] = o.publish_all;
  if (!o.tmpfs.empty()) {
    for (const std::string& one : o.tmpfs) h["Tmpfs"][cut(one, ':').first] = cut(one, ':').second.value_or("");
  }
  add_isolation(h, o);
  add_resources(h, o);
  if (!o.mount.empty()) h["Mounts"] = converted(o.mount, parse_mount);
  if (flags.changed("init")) h["Init"] = o.init;
  return h;
}

} // namespace

Json create_body(const CreateOptions& o, const FlagSet& flags, const Strings& words, bool detached) {
  if (o.rm && o.restart != "no" && !o.restart.empty())
    throw Failure("conflicting options: cannot specify both --restart and --rm", 125);
  if (o.memory_swappiness != -1 && (o.memory_swappiness < 0 || o.memory_swappiness > 100))
    throw Failure("invalid value: " + std::to_string(o.memory_swappiness) + ". Valid memory swappiness range is 0-100", 125);
  if (o.use_api_socket) throw Failure("--use-api-socket is not supported: mount the socket with --volume", 125);
  const Ports ports = parse_ports(o.publish, o.expose);
  const Volumes mounted = volumes(o.volume);
  Json body = container_config(o, flags, words, detached, ports.exposed, mounted.anonymous);
  body["HostConfig"] = host_config(o, flags, mounted.binds, ports.bindings);
  body["NetworkingConfig"] = {{"EndpointsConfig", endpoints(o)}};
  if (const Json more = extensions(o); !more.is_null()) body["Gantry"] = more;
  return body;
}

} // namespace gantry::cli
