#include "api/archive_stream.hpp"
#include "api/images/handlers.hpp"
#include "base/error.hpp"

namespace gantry::api {

namespace {

/// One platform; what several of them would make is no archive of ours.
std::string platform_of(const Request& request) {
  if (request.version < ApiVersion{1, 48}) return {};
  const auto all = request.query.all("platform");
  if (all.size() > 1) throw not_implemented("only one platform can be saved at a time");
  return all.empty() ? "" : all.front();
}

Task<void> save(Services& services, const Request& request, Reply& reply, std::vector<std::string> names) {
  co_await stream_archive(services.pool, reply, "application/x-tar", services.images.save(names, platform_of(request)));
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
