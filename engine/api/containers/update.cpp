#include "api/containers/handlers.hpp"
#include "containers/json_reader.hpp"
#include "containers/model_json.hpp"
#include "containers/mount_changes_json.hpp"

namespace gantry::api {
namespace {

using gantry::containers::UpdateRequest;

UpdateRequest read_update_request(const Request& request) {
  const Json body = request.json();
  if (!body.is_object()) throw invalid("invalid JSON: the body of an update must be an object");
  UpdateRequest update;
  update.resources = gantry::containers::resources_from_json(body);
  update.restart_policy = gantry::containers::restart_policy_from_json(body);
  if (const Json* more = gantry::containers::JsonReader(body, "").find("Gantry")) {
    update.network = gantry::containers::network_changes_from_json(*more);
    update.mounts = gantry::containers::mount_changes_from_json(*more);
  }
  auto& resources = update.resources;
  if (request.version < ApiVersion{1, 40}) resources.pids_limit.reset();
  if (request.version >= ApiVersion{1, 42}) resources.kernel_memory = 0;
  // Any negative number has always meant "no limit".
  if (resources.pids_limit && *resources.pids_limit < 0) resources.pids_limit = 0;
  return update;
}

} // namespace

Task<void> post_container_update(Services& services, Request& request, Reply& reply) {
  auto update = read_update_request(request);
  const auto warnings = co_await services.containers.update(request.param("id"), std::move(update));
  Json body;
  body["Warnings"] = warnings.empty() ? Json(nullptr) : Json(warnings);
  reply.json(200, body);
}

} // namespace gantry::api
