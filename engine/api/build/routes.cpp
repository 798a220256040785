#include "api/routes.hpp"
#include "api/build/handlers.hpp"

namespace gantry::api {

namespace {

/// With a remote nothing is sent, and the client is watched from the beginning.
Body body_of_build(const Request& request) { return request.query.get("remote").empty() ? Body::stream : Body::memory; }

} // namespace

void add_build_routes(Router& router) {
  router.add(Method::post, "/build", post_build, {Body::stream, oldest_version, body_of_build});
  router.add(Method::post, "/build/session", post_build_session);
  router.add(Method::post, "/build/session/context", post_build_session_context, {Body::stream});
  router.add(Method::post, "/session", post_session, {Body::memory, ApiVersion{1, 31}});
  router.add(Method::post, "/grpc", post_grpc, {Body::memory, ApiVersion{1, 39}});
  router.add(Method::post, "/build/prune", post_build_prune, {Body::memory, ApiVersion{1, 31}});
  router.add(Method::post, "/build/cancel", post_build_cancel, {Body::memory, ApiVersion{1, 39}});
}

} // namespace gantry::api
