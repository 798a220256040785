#include "base/error.hpp"
#include "containers/validate.hpp"

// Options that exclude each other because they concern a namespace that the container does not have of its own. Docker checks
// what the client sent, before the image's settings are merged in.
namespace gantry::containers {
namespace {

Error conflicting(const std::string& what) { return invalid("conflicting options: " + what); }

void check_joined_network(const Config& config, const HostConfig& host) {
  if (!config.hostname.empty()) throw conflicting("hostname and the network mode");
  if (!host.links.empty()) {
    throw conflicting("container type network can't be used with links. This would result in undefined behavior");
  }
  if (!host.dns.empty()) throw conflicting("dns and the network mode");
  if (!host.extra_hosts.empty()) throw conflicting("custom host-to-IP mapping and the network mode");
  if (!config.mac_address.empty()) throw conflicting("mac-address and the network mode");
  if (!host.port_bindings.empty() || host.publish_all_ports) {
    throw conflicting("port publishing and the container type network mode");
  }
  if (!config.exposed_ports.empty()) throw conflicting("port exposing and the container type network mode");
}

void check_container_mode(const char* what, const std::string& mode) {
  const std::string prefix = "container:";
  if (!mode.starts_with(prefix)) return;
  const std::string name = mode.substr(prefix.size());
  if (name.empty() || name.find(':') != std::string::npos) throw invalid(std::string("invalid ") + what + " mode: " + mode);
}

} // namespace

void validate_namespaces(const Config& config, const HostConfig& host) {
  if (host.network_mode == "container" || host.network_mode == "container:") {
    throw invalid("Invalid network mode: invalid container format container:<name|id>");
  }
  check_container_mode("PID", host.pid_mode);
  check_container_mode("IPC", host.ipc_mode);
  if (host.uts_mode == "host" && !config.hostname.empty()) throw conflicting("hostname and the UTS mode");
  if (host.network_mode.starts_with("container:")) return check_joined_network(config, host);
  if (host.network_mode == "host" && !host.links.empty()) {
    throw conflicting("host type networking can't be used with links. This would result in undefined behavior");
  }
}

} // namespace gantry::containers
