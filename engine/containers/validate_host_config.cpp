#include <algorithm>
#include <charconv>

#include "base/error.hpp"
#include "containers/validate.hpp"

namespace gantry::containers {
namespace {

void check_restart_policy(const HostConfig& config) {
  const RestartPolicy& policy = config.restart_policy;
  const bool plain = policy.name.empty() || policy.name == "no";
  if (policy.name == "always" || policy.name == "unless-stopped" || plain) {
    // Docker lets a count without a policy pass.
    if (policy.maximum_retry_count != 0 && !policy.name.empty()) {
      throw invalid("maximum retry count cannot be used with restart policy '" + policy.name + "'");
    }
  } else if (policy.name != "on-failure") {
    throw invalid("invalid restart policy '" + policy.name + "'");
  } else if (policy.maximum_retry_count < 0) {
    throw invalid("maximum retry count cannot be negative");
  }
  if (config.auto_remove && !plain) throw invalid("can't create 'AutoRemove' container with restart policy");
}

bool is_port(std::string_view text) {
  std::uint32_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port <= 65535;
}

bool is_port_or_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return is_port(text);
  return is_port(text.substr(0, dash)) && is_port(text.substr(dash + 1));
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
  if (!config.userns_mode.empty() && config.userns_mode != "host") throw invalid("invalid userns mode: " + config.userns_mode);
  if (!config.cgroupns_mode.empty() && config.cgroupns_mode != "private" && config.cgroupns_mode != "host") {
    throw invalid("invalid cgroup namespace mode: " + config.cgroupns_mode);
  }
  if (!config.isolation.empty() && config.isolation != "default") {
    throw invalid("Invalid isolation: \"" + config.isolation + "\" - linux only supports 'default'");
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
  }
  for (const auto* list : {&config.dns, &config.dns_search, &config.dns_options}) {
    for (const auto& text : *list) {
      if (text.find('\n') != std::string::npos) throw invalid("DNS setting \"" + text + "\" contains a newline");
    }
  }
}

} // namespace

void validate_host_config(const HostConfig& config, std::vector<std::string>& warnings) {
  check_restart_policy(config);
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
