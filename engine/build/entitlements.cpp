#include "build/entitlements.hpp"

#include "base/error.hpp"
#include "build/mounts/mount_flag.hpp"
#include "containers/cdi/device.hpp"

namespace gantry::build {
namespace {

constexpr std::string_view device_flag = "--device=";

Error not_allowed(const std::string& what, const std::string& option) {
  return Error(Code::forbidden, what + " is not allowed: build with --allow " + option);
}

std::string network_of(const Instruction& instruction, const BuildRequest& request) {
  std::string mode = flag_value(instruction, "network");
  if (mode.empty() || mode == "default") return {};
  if (mode != "none" && mode != "host") throw invalid("invalid network mode \"" + mode + "\": expected default, none or host");
  const bool may = request.network_mode == "host" || request.allowed.contains(Entitlement::network_host);
  if (mode == "host" && !may) throw not_allowed("network.host", "network.host, or --network host");
  return mode;
}

bool is_insecure(const Instruction& instruction, const BuildRequest& request) {
  const std::string mode = flag_value(instruction, "security");
  if (mode.empty() || mode == "sandbox") return false;
  if (mode != "insecure") throw invalid("security \"" + mode + "\" is not valid: expected sandbox or insecure");
  if (!request.allowed.contains(Entitlement::security_insecure)) throw not_allowed("security.insecure", "security.insecure");
  return true;
}

struct DeviceFlag {
  std::string name;
  bool required = false;
};

/// "[name=]NAME[,required[=BOOL]]"
DeviceFlag parse_device(const std::string& text) {
  DeviceFlag device;
  for (const auto& field : csv_fields(text)) {
    if (field == "required" || field == "required=true" || field == "required=1") {
      device.required = true;
    } else if (field == "required=false" || field == "required=0") {
      device.required = false;
    } else {
      device.name = field.starts_with("name=") ? field.substr(5) : field;
    }
  }
  if (!containers::cdi::is_qualified_name(device.name))
    throw invalid("invalid device name \"" + device.name + "\": expected vendor.com/class=name");
  return device;
}

bool is_there(const std::string& device, const std::vector<std::string>& cdi_spec_dirs) {
  try {
    (void)containers::cdi::find_edits(cdi_spec_dirs, {device});
    return true;
  } catch (const Error&) {
    return false;
  }
}

} // namespace

Entitlement parse_entitlement(const std::string& name) {
  if (name == "network.host") return Entitlement::network_host;
  if (name == "security.insecure") return Entitlement::security_insecure;
  if (name == "device") return Entitlement::device;
  throw invalid("unknown entitlement " + name);
}

RunRights rights_of(const Instruction& instruction, const BuildRequest& request, const std::vector<std::string>& cdi_spec_dirs) {
  RunRights rights{network_of(instruction, request), is_insecure(instruction, request), {}};
  for (const auto& flag : instruction.flags) {
    if (!flag.starts_with(device_flag)) continue;
    const DeviceFlag device = parse_device(flag.substr(device_flag.size()));
    const bool allowed = request.allowed.contains(Entitlement::device);
    if (!allowed && device.required) throw not_allowed("device " + device.name, "device");
    if (allowed && (device.required || is_there(device.name, cdi_spec_dirs))) rights.devices.push_back(device.name);
  }
  return rights;
}

std::string rights_key(const RunRights& rights) {
  std::string key = rights.network_mode + (rights.privileged ? " insecure" : "");
  for (const auto& device : rights.devices) key += " device " + device;
  return key;
}

} // namespace gantry::build
