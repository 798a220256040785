#include "api/containers/handlers.hpp"

namespace gantry::api {

namespace {

/// Very old clients send "{}" or "null"; a HostConfig here was removed with API 1.24.
constexpr std::size_t longest_ignored_body = 7;

} // namespace

Task<void> post_container_start(Services& services, Request& request, Reply& reply) {
  if (request.body.size() > longest_ignored_body)
    throw invalid("starting container with non-empty request body was deprecated since API v1.22 and removed in v1.24");
  if (request.query.has("checkpoint") && !request.query.get("checkpoint").empty())
    throw invalid("checkpoint is only supported in experimental mode");
  const auto changed = co_await services.containers.start(request.param("id"));
  reply.empty(changed == gantry::containers::Changed::yes ? 204 : 304);
}

} // namespace gantry::api
