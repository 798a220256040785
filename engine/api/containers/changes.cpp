#include "api/containers/handlers.hpp"

namespace gantry::api {

Task<void> get_container_changes(Services& services, Request& request, Reply& reply) {
  const std::vector<Change> changes = co_await services.containers.changes(request.param("id"));
  Json list; // null when nothing has changed
  for (const auto& change : changes) list.push_back({{"Path", change.path}, {"Kind", static_cast<int>(change.kind)}});
  reply.json(200, list);
}

} // namespace gantry::api
