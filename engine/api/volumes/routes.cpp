#include "api/routes.hpp"
#include "api/volumes/handlers.hpp"

namespace gantry::api {

namespace {

/// Only cluster volumes can be changed, and there is no cluster.
Task<void> put_volume(Services&, Request&, Reply&) {
  throw unavailable("volume update only valid for cluster volumes, but swarm is unavailable");
  co_return;
}

} // namespace

void add_volume_routes(Router& router) {
  router.add(Method::get, "/volumes", get_volumes);
  router.add(Method::post, "/volumes/create", post_volume_create);
  router.add(Method::post, "/volumes/prune", post_volume_prune);
  router.add(Method::get, "/volumes/{name}", get_volume);
  router.add(Method::put, "/volumes/{name}", put_volume);
  router.add(Method::del, "/volumes/{name}", delete_volume);
  router.add(Method::post, "/volumes/{name}/clone", post_volume_clone);
  router.add(Method::post, "/volumes/{name}/rename", post_volume_rename);
  router.add(Method::post, "/volumes/{name}/snapshot", post_volume_snapshot);
  router.add(Method::get, "/volumes/{name}/export", get_volume_export);
  router.add(Method::post, "/volumes/{name}/import", post_volume_import, {Body::stream, oldest_version});
}

} // namespace gantry::api
