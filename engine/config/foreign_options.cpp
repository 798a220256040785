#include <algorithm>
#include <set>

#include "base/error.hpp"
#include "config/option.hpp"

namespace gantry::config {

namespace {

using Harmless = std::set<std::string>;

bool is_harmless(const Values& values, const Harmless& harmless) {
  return std::all_of(values.begin(), values.end(), [&](const auto& v) { return v.empty() || harmless.contains(v); });
}

/// Warned about unless the value asks for what happens anyway.
Option ignored(const std::string& key, const std::string& flag, Kind kind, Harmless harmless = {}) {
  auto apply = [key, harmless](Config& c, const Values& values) {
    if (!is_harmless(values, harmless)) c.warnings.push_back("the setting \"" + key + "\" has no effect in this version");
  };
  return {key, flag, kind, "", apply};
}

/// Ignoring it would admit clients that the administrator wants to keep out.
Option refused(const std::string& key, const std::string& flag, Kind kind, Harmless harmless = {}) {
  auto apply = [harmless](Config&, const Values& values) {
    if (!is_harmless(values, harmless))
      throw invalid("not supported by this version; without it the API would be open to more clients than intended");
  };
  return {key, flag, kind, "", apply};
}

} // namespace

const std::vector<Option>& foreign_options() {
  static const Harmless off = {"false"}, on = {"true"};
  static const std::vector<Option> all = {
      refused("authorization-plugins", "--authorization-plugin", Kind::list),
      ignored("allow-direct-routing", "--allow-direct-routing", Kind::boolean, off),
      ignored("allow-nondistributable-artifacts", "--allow-nondistributable-artifacts", Kind::list),
      ignored("api-cors-header", "--api-cors-header", Kind::text),
      ignored("bip6", "--bip6", Kind::text),
      ignored("bridge-accept-fwmark", "--bridge-accept-fwmark", Kind::text),
      ignored("containerd", "--containerd", Kind::text),
      ignored("containerd-namespace", "--containerd-namespace", Kind::text, {"moby"}),
      ignored("containerd-plugin-namespace", "--containerd-plugins-namespace", Kind::text, {"plugins.moby"}),
      ignored("cpu-rt-period", "--cpu-rt-period", Kind::number, {"0"}),
      ignored("cpu-rt-runtime", "--cpu-rt-runtime", Kind::number, {"0"}),
      ignored("cri-containerd", "--cri-containerd", Kind::boolean, off),
      ignored("default-gateway", "--default-gateway", Kind::text),
      ignored("default-gateway-v6", "--default-gateway-v6", Kind::text),
      ignored("default-network-opts", "--default-network-opt", Kind::any),
      ignored("exec-opts", "--exec-opt", Kind::list, {"native.cgroupdriver=cgroupfs"}),
      ignored("features", "--feature", Kind::any),
      ignored("firewall-backend", "--firewall-backend", Kind::text),
      ignored("fixed-cidr-v6", "--fixed-cidr-v6", Kind::text),
      ignored("host-gateway-ip", "--host-gateway-ip", Kind::text),
      ignored("host-gateway-ips", "", Kind::list),
      ignored("ip-forward-no-drop", "--ip-forward-no-drop", Kind::boolean, off),
      ignored("ip6tables", "--ip6tables", Kind::boolean, {"true", "false"}),
      ignored("iptables", "--iptables", Kind::boolean, {"true", "false"}),
      ignored("ipv6", "--ipv6", Kind::boolean, off),
      ignored("log-format", "--log-format", Kind::text, {"text"}),
      ignored("metrics-addr", "--metrics-addr", Kind::text),
      ignored("min-api-version", "--min-api-version", Kind::text, {"1.24"}),
      ignored("network-control-plane-mtu", "--network-control-plane-mtu", Kind::number, {"1500"}),
      ignored("node-generic-resources", "--node-generic-resource", Kind::list),
      ignored("nri-opts", "--nri-opts", Kind::any),
      ignored("oom-score-adjust", "--oom-score-adjust", Kind::number, {"0"}),
      ignored("raw-logs", "--raw-logs", Kind::boolean, {"true", "false"}),
      ignored("rootless", "--rootless", Kind::boolean, off),
      ignored("selinux-enabled", "--selinux-enabled", Kind::boolean, off),
      ignored("storage-opts", "--storage-opt", Kind::list),
      ignored("swarm-default-advertise-addr", "--swarm-default-advertise-addr", Kind::text),
      ignored("swarm-raft-heartbeat-tick", "--swarm-raft-heartbeat-tick", Kind::number),
      ignored("swarm-raft-election-tick", "--swarm-raft-election-tick", Kind::number),
      ignored("userland-proxy", "--userland-proxy", Kind::boolean, {"true", "false"}),
      ignored("userland-proxy-path", "--userland-proxy-path", Kind::text),
  };
  return all;
}

} // namespace gantry::config
