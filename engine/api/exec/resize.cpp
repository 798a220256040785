#include "api/exec/handlers.hpp"
#include "api/terminal_size.hpp"

namespace gantry::api {

Task<void> post_exec_resize(Services& services, Request& request, Reply& reply) {
  const auto size = read_terminal_size(request.query);
  co_await services.containers.exec_resize(request.param("id"), size.rows, size.cols);
  reply.empty(200);
}

} // namespace gantry::api
