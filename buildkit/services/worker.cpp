#include <sys/utsname.h>

#include "buildkit/services/control.hpp"

namespace gantry::buildkit {
namespace {

std::string architecture() {
  utsname names{};
  ::uname(&names);
  std::string machine = names.machine;
  if (machine == "x86_64") return "amd64";
  if (machine == "aarch64") return "arm64";
  if (machine.starts_with("armv")) return "arm";
  return machine;
}

/// Where "host-gateway" leads: buildx puts it in the place of that word.
std::string host_gateway(Daemon& daemon) {
  try {
    const Cancellation never;
    const Json network = daemon.call("GET", "/networks/bridge", {}, never);
    for (const Json& config : network.at("IPAM").at("Config"))
      if (config.contains("Gateway")) return config.value("Gateway", "");
  } catch (const std::exception&) { // there may be no such network
  }
  return "";
}

} // namespace

moby::buildkit::v1::types::WorkerRecord worker(Daemon& daemon) {
  moby::buildkit::v1::types::WorkerRecord record;
  record.set_id("gantry");
  if (const std::string gateway = host_gateway(daemon); !gateway.empty())
    (*record.mutable_labels())["org.mobyproject.buildkit.worker.moby.host-gateway-ip"] = gateway;
  auto* platform = record.add_platforms();
  platform->set_os("linux");
  platform->set_architecture(architecture());
  *record.mutable_version() = version();
  return record;
}

} // namespace gantry::buildkit
