#include "api/archive_stream.hpp"
#include "api/images/handlers.hpp"

namespace gantry::api {

Task<void> get_saved_images(Services& services, Request& request, Reply& reply) {
  co_await stream_archive(services.pool, reply, "application/x-tar", services.images.save(request.query.all("names")));
}

Task<void> get_saved_image(Services& services, Request& request, Reply& reply) {
  std::vector<std::string> names{request.param("name")};
  co_await stream_archive(services.pool, reply, "application/x-tar", services.images.save(names));
}

} // namespace gantry::api
