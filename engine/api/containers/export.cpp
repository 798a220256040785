#include "api/archive_stream.hpp"
#include "api/containers/handlers.hpp"

namespace gantry::api {

Task<void> get_container_export(Services& services, Request& request, Reply& reply) {
  co_await stream_archive(services.pool, reply, "application/octet-stream", services.containers.export_tree(request.param("id")));
}

} // namespace gantry::api
