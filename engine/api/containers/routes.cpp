#include "api/routes.hpp"

#include "api/containers/handlers.hpp"

namespace gantry::api {

void add_container_routes(Router& router) {
  router.add(Method::get, "/containers/json", get_containers);
  router.add(Method::post, "/containers/create", post_container_create);
  router.add(Method::get, "/containers/{id}/json", get_container);
  router.add(Method::post, "/containers/{id}/start", post_container_start);
  router.add(Method::post, "/containers/{id}/stop", post_container_stop);
  router.add(Method::post, "/containers/{id}/restart", post_container_restart);
  router.add(Method::post, "/containers/{id}/kill", post_container_kill);
  router.add(Method::post, "/containers/{id}/pause", post_container_pause);
  router.add(Method::post, "/containers/{id}/unpause", post_container_unpause);
  router.add(Method::post, "/containers/{id}/wait", post_container_wait);
  router.add(Method::post, "/containers/{id}/rename", post_container_rename);
  router.add(Method::post, "/containers/{id}/update", post_container_update);
  router.add(Method::post, "/containers/{id}/attach", post_container_attach);
  router.add(Method::get, "/containers/{id}/attach/ws", get_container_attach_ws);
  router.add(Method::get, "/containers/{id}/logs", get_container_logs);
  router.add(Method::post, "/containers/{id}/resize", post_container_resize);
  router.add(Method::get, "/containers/{id}/top", get_container_top);
  router.add(Method::get, "/containers/{id}/stats", get_container_stats);
  router.add(Method::get, "/containers/{id}/changes", get_container_changes);
  router.add(Method::get, "/containers/{id}/export", get_container_export);
  router.add(Method::head, "/containers/{id}/archive", head_container_archive);
  router.add(Method::get, "/containers/{id}/archive", get_container_archive);
  router.add(Method::put, "/containers/{id}/archive", put_container_archive, {Body::stream, oldest_version});
  router.add(Method::post, "/commit", post_commit);
  router.add(Method::post, "/containers/prune", post_container_prune);
  router.add(Method::get, "/containers/{id}/checkpoints", refuse_checkpoints);
  router.add(Method::post, "/containers/{id}/checkpoints", refuse_checkpoints);
  router.add(Method::del, "/containers/{id}/checkpoints/{checkpoint}", refuse_checkpoints);
  router.add(Method::get, "/gantry/containers/{id}/explain", get_container_explain);
  router.add(Method::del, "/containers/{id}", delete_container);
}

} // namespace gantry::api
