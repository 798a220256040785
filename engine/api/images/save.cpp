#include "api/archive_stream.hpp"
#include "api/images/handlers.hpp"

namespace gantry::api {
namespace {

/// Docker takes several since 1.52; they mean the same to older clients.
std::vector<std::string> platforms_wanted(const Request& request) {
  return request.version < ApiVersion{1, 48} ? std::vector<std::string>() : request.query.all("platform");
}

Task<void> save(Services& services, const Request& request, Reply& reply, std::vector<std::string> names) {
  co_await stream_archive(services.pool, reply, "application/x-tar", services.images.save(names, platforms_wanted(request)));
}

} // namespace

Task<void> get_saved_images(Services& services, Request& request, Reply& reply) {
  auto names = request.query.all("names");
  co_await save(services, request, reply, std::move(names));
}

Task<void> get_saved_image(Services& services, Request& request, Reply& reply) {
  std::vector<std::string> names(1, request.param("name")); // a list in braces breaks g++ 12
  co_await save(services, request, reply, std::move(names));
}

} // namespace gantry::api
