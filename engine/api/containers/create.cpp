#include <algorithm>
#include <array>
#include <cctype>

#include "api/containers/handlers.hpp"
#include "base/text.hpp"
#include "containers/json_reader.hpp"
#include "containers/model_json.hpp"
#include "networks/egress.hpp"

namespace gantry::api {

namespace {

using gantry::containers::CreateRequest;
using gantry::containers::CreateResult;

/// What older clients expect of a host configuration that leaves it open.
void apply_old_defaults(gantry::containers::HostConfig& host, ApiVersion version) {
  if (version < ApiVersion{1, 25}) host.auto_remove = false; // it was the client's business
  if (version < ApiVersion{1, 40} && host.ipc_mode.empty()) host.ipc_mode = "shareable";
  if (version < ApiVersion{1, 41} && host.cgroupns_mode.empty()) host.cgroupns_mode = "host";
}

const Json& member(const Json& object, const char* key) {
  static const Json null;
  const Json* found = gantry::containers::JsonReader(object, "").find(key);
  return found == nullptr ? null : *found;
}

/// NetworkingConfig.EndpointsConfig, or null.
Json read_endpoints(const Json& body, ApiVersion version) {
  const auto& networking = member(body, "NetworkingConfig");
  if (networking.is_null()) return nullptr;
  if (!networking.is_object()) throw invalid("NetworkingConfig: expected an object");
  const auto& endpoints = member(networking, "EndpointsConfig");
  if (endpoints.is_null()) return nullptr;
  if (!endpoints.is_object()) throw invalid("NetworkingConfig.EndpointsConfig: expected an object");
  if (version < ApiVersion{1, 44} && endpoints.size() > 1)
    throw invalid("Container cannot be created with multiple network endpoints. Use API version 1.44 or newer");
  return endpoints;
}

void check_image_mounts(const gantry::containers::HostConfig& host, ApiVersion version) {
  if (version >= ApiVersion{1, 48} || !host.mounts.is_array()) return;
  for (const Json& mount : host.mounts) {
    if (mount.is_object() && member(mount, "Type") == "image") throw invalid("Mount type \"Image\" needs API v1.48 or newer");
  }
}

/// Options that belong to another type of mount; older clients send them, and get away with it where nothing reads them.
void check_mount_options(const gantry::containers::HostConfig& host, ApiVersion version) {
  if (version < ApiVersion{1, 42} || !host.mounts.is_array()) return;
  constexpr std::array<std::pair<const char*, const char*>, 3> owners{
      {{"BindOptions", "bind"}, {"VolumeOptions", "volume"}, {"TmpfsOptions", "tmpfs"}}};
  for (const Json& mount : host.mounts) {
    if (!mount.is_object()) continue;
    const Json& type = member(mount, "Type");
    for (const auto& [options, owner] : owners)
      if (!member(mount, options).is_null() && type != owner)
        throw invalid(std::string(options) + " must not be specified on mount type " + type.dump());
  }
}

std::string names(const std::vector<std::string>& list) {
  std::string text;
  for (const auto& name : list) text += (text.empty() ? "" : ", ") + name;
  return text;
}

/// A misspelt member would be a check or an action that never comes.
void check_members(const Json& object, const std::string& path, const std::vector<std::string>& known) {
  if (!object.is_object()) return; // told by whoever reads it
  for (const auto& [name, value] : object.items()) {
    const auto is_name = [&](const std::string& other) { return same_in_any_case(name, other); };
    if (std::none_of(known.begin(), known.end(), is_name))
      throw invalid(path + '.' + name + ": unknown member; allowed are " + names(known));
  }
}

gantry::containers::Extensions read_extensions(const Json& extensions) {
  check_members(extensions, "Gantry", {"Probe", "OnUnhealthy", "Egress"});
  if (extensions.is_object()) check_members(member(extensions, "Probe"), "Gantry.Probe", {"URL"});
  return gantry::containers::extensions_from_json(extensions);
}

/// The policy is kept where Docker's clients can put it, too.
void read_egress(const Json& extensions, gantry::containers::HostConfig& host) {
  std::optional<std::vector<std::string>> egress;
  gantry::containers::JsonReader(extensions, "Gantry").read("Egress", egress);
  if (egress) host.annotations[gantry::networks::egress_key] = gantry::networks::egress_text(*egress);
}

/// A body that says nothing about what runs.
void check_config(const Json& body) {
  for (const auto& [name, value] : body.items())
    if (name != "HostConfig" && name != "NetworkingConfig" && name != "Gantry") return;
  throw invalid("config cannot be empty in order to create a container");
}

CreateRequest read_create_request(const Request& request) {
  const auto body = request.json();
  if (body.is_null()) throw invalid("invalid JSON: got EOF while reading request body");
  if (!body.is_object()) throw invalid("invalid JSON: expected an object");
  check_config(body);
  CreateRequest create;
  create.name = request.query.get("name");
  create.config = gantry::containers::config_from_json(body);
  const auto& host = member(body, "HostConfig");
  if (!host.is_null()) create.host_config = gantry::containers::host_config_from_json(host);
  check_mount_options(create.host_config, request.version);
  check_image_mounts(create.host_config, request.version);
  const auto& extensions = member(body, "Gantry");
  if (!extensions.is_null()) create.extensions = read_extensions(extensions);
  create.endpoints = read_endpoints(body, request.version);
  if (request.version >= ApiVersion{1, 41}) create.platform = request.query.get("platform");
  if (request.version < ApiVersion{1, 42}) create.host_config.console_rows = create.host_config.console_cols = 0;
  if (request.version < ApiVersion{1, 44} && create.config.healthcheck) create.config.healthcheck->start_interval_ns = 0;
  if (request.version < ApiVersion{1, 43}) create.host_config.annotations.clear();
  if (!extensions.is_null()) read_egress(extensions, create.host_config);
  if (request.version >= ApiVersion{1, 42}) create.host_config.resources.kernel_memory = 0;
  apply_old_defaults(create.host_config, request.version);
  return create;
}

} // namespace

Task<void> post_container_create(Services& services, Request& request, Reply& reply) {
  auto create = read_create_request(request);
  const CreateResult created = co_await services.containers.create(std::move(create));
  Json body;
  body["Id"] = created.id;
  body["Warnings"] = created.warnings;
  reply.json(201, body);
}

} // namespace gantry::api
