#include "api/images/routes.hpp"

#include "api/images/handlers.hpp"

namespace gantry::api {
namespace {

/// An import brings an archive; a pull brings nothing, and is watched for the client's end.
Body body_of_create(const Request& request) { return request.query.get("fromImage").empty() ? Body::stream : Body::memory; }

} // namespace

void add_image_routes(Router& router) {
  router.add(Method::get, "/images/json", get_images);
  router.add(Method::get, "/images/get", get_saved_images);
  router.add(Method::post, "/images/load", post_image_load, {Body::stream, oldest_version});
  router.add(Method::post, "/images/create", post_image_create, {Body::stream, oldest_version, body_of_create});
  router.add(Method::post, "/images/prune", post_image_prune, {Body::memory, ApiVersion{1, 25}});
  router.add(Method::get, "/images/{name...}/json", get_image);
  router.add(Method::get, "/images/{name...}/history", get_image_history);
  router.add(Method::get, "/images/{name...}/get", get_saved_image);
  router.add(Method::get, "/images/search", get_image_search);
  router.add(Method::post, "/images/{name...}/push", post_image_push);
  router.add(Method::post, "/images/{name...}/tag", post_image_tag);
  router.add(Method::get, "/distribution/{name...}/json", get_distribution, {Body::memory, ApiVersion{1, 30}});
  router.add(Method::del, "/images/{name...}", delete_image);
}

} // namespace gantry::api
