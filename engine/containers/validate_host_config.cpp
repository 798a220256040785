#include <algorithm>
#include <charconv>

#include "base/error.hpp"
#include "containers/validate.hpp"
#include "networks/address.hpp"

namespace gantry::containers {
namespace {

bool is_port(std::string_view text) {
  std::uint32_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port <= 65535;
}

bool is_port_or_range(const std::string& text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string::npos) return is_port(text);
  const std::string first = text.substr(0, dash), last = text.substr(dash + 1);
  return is_port(first) && is_port(last) && std::stoul(first) <= std::stoul(last);
}

void check_ports(const HostConfig& config) {
  const auto refuse = [](const std::string& port) { throw invalid("invalid port specification: \"" + port + "\""); };
  for (const auto& [container_port, bindings] : config.port_bindings) {
    const std::string port = container_port.substr(0, container_port.find('/'));
    if (!is_port_or_range(port)) refuse(port);
    for (const auto& binding : bindings) {
      if (!binding.host_port.empty() && !is_port_or_range(binding.host_port)) refuse(binding.host_port);
    }
  }
}

void check_mode(const char* what, const std::string& mode, std::initializer_list<std::string_view> words) {
  if (mode.empty() || mode.starts_with("container:")) return;
  if (std::find(words.begin(), words.end(), mode) == words.end())
    throw invalid(std::string("invalid ") + what + " mode: " + mode);
}

void check_modes(const HostConfig& config) {
  check_mode("PID", config.pid_mode, {"host"});
  check_mode("IPC", config.ipc_mode, {"none", "private", "shareable", "host"});
  if (!config.uts_mode.empty() && config.uts_mode != "host") throw invalid("invalid UTS mode: " + config.uts_mode);
  if (!config.cgroupns_mode.empty() && config.cgroupns_mode != "private" && config.cgroupns_mode != "host") {
    throw invalid("invalid cgroup namespace mode: " + config.cgroupns_mode);
  }
  if (!config.isolation.empty() && config.isolation != "default") {
    throw invalid("invalid isolation (" + config.isolation + "): linux only supports 'default'");
  }
}

void check_paths(const HostConfig& config) {
  for (const auto& [path, options] : config.tmpfs) {
    if (!path.starts_with('/')) throw invalid("invalid mount path: '" + path + "' mount path must be absolute");
  }
  for (const auto& host : config.extra_hosts) {
    const std::size_t colon = host.find(':');
    if (colon == std::string::npos || colon == 0 || host.find_first_of("\n ") != std::string::npos) {
      throw invalid("bad format for add-host: \"" + host + "\"");
    }
    const std::string address = host.substr(colon + 1);
    if (address != "host-gateway" && !networks::Address::parse(address))
      throw invalid("invalid IP address in add-host: \"" + address + "\"");
  }
  for (const auto& server : config.dns)
    if (!networks::Address::parse(server)) throw invalid("bad nameserver address " + server + ": unable to parse IP");
  if (config.annotations.contains(""))
    throw invalid("invalid Annotations: the empty string is not permitted as an annotation key");
  for (const auto* list : {&config.dns, &config.dns_search, &config.dns_options}) {
    for (const auto& text : *list) {
      if (text.find('\n') != std::string::npos) throw invalid("DNS setting \"" + text + "\" contains a newline");
    }
  }
}

void check_cgroup_parent(const std::string& parent) {
  const bool control = std::any_of(parent.begin(), parent.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (control || ("/" + parent + "/").find("/../") != std::string::npos) {
    throw invalid("invalid cgroup parent \"" + parent + "\": a path without \"..\" and control characters is allowed");
  }
  // systemd's "slice:prefix:name"; a plain "x.slice" is a directory as any other.
  if (parent.find(".slice:") != std::string::npos) {
    throw invalid("invalid cgroup parent \"" + parent + "\": the cgroup driver is cgroupfs, which takes a path such as \"/" +
                  parent.substr(0, parent.find(':')) + "\"");
  }
}

} // namespace

void validate_restart_policy(const RestartPolicy& policy) {
  if (policy.name.empty()) return;
  if (policy.name == "always" || policy.name == "unless-stopped" || policy.name == "no") {
    if (policy.maximum_retry_count != 0) {
      throw invalid("invalid restart policy: maximum retry count can only be used with 'on-failure'");
    }
  } else if (policy.name != "on-failure") {
    throw invalid("invalid restart policy: unknown policy '" + policy.name +
                  "'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'");
  } else if (policy.maximum_retry_count < 0) {
    throw invalid("invalid restart policy: maximum retry count cannot be negative");
  }
}

void validate_host_config(const HostConfig& config, std::vector<std::string>& warnings) {
  validate_restart_policy(config.restart_policy);
  const bool restarts = !config.restart_policy.name.empty() && config.restart_policy.name != "no";
  if (config.auto_remove && restarts) throw invalid("can't create 'AutoRemove' container with restart policy");
  check_cgroup_parent(config.resources.cgroup_parent);
  check_ports(config);
  check_modes(config);
  check_paths(config);
  if (config.oom_score_adj < -1000 || config.oom_score_adj > 1000) {
    throw invalid("Invalid value " + std::to_string(config.oom_score_adj) + ", range for oom score adj is [-1000, 1000]");
  }
  if (config.shm_size < 0) throw invalid("SHM size can not be less than 0");
  if (config.network_mode == "host" && !config.port_bindings.empty()) {
    warnings.emplace_back("Published ports are discarded when using host network mode");
  }
}

} // namespace gantry::containers
