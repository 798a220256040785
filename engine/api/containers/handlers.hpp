#pragma once

#include "api/http.hpp"
#include "api/services.hpp"

// One handler per file of this folder.
namespace gantry::api {

Task<void> get_containers(Services&, Request&, Reply&);
Task<void> post_container_create(Services&, Request&, Reply&);
Task<void> get_container(Services&, Request&, Reply&);
Task<void> post_container_start(Services&, Request&, Reply&);
Task<void> refuse_checkpoints(Services&, Request&, Reply&);
Task<void> post_container_stop(Services&, Request&, Reply&);
Task<void> post_container_restart(Services&, Request&, Reply&);
Task<void> post_container_kill(Services&, Request&, Reply&);
Task<void> post_container_pause(Services&, Request&, Reply&);
Task<void> post_container_unpause(Services&, Request&, Reply&);
Task<void> post_container_wait(Services&, Request&, Reply&);
Task<void> post_container_rename(Services&, Request&, Reply&);
Task<void> post_container_update(Services&, Request&, Reply&);
Task<void> post_container_attach(Services&, Request&, Reply&);
Task<void> get_container_attach_ws(Services&, Request&, Reply&);
Task<void> get_container_logs(Services&, Request&, Reply&);
Task<void> post_container_resize(Services&, Request&, Reply&);
Task<void> delete_container(Services&, Request&, Reply&);
Task<void> get_container_top(Services&, Request&, Reply&);
Task<void> get_container_changes(Services&, Request&, Reply&);
Task<void> get_container_export(Services&, Request&, Reply&);
Task<void> post_container_prune(Services&, Request&, Reply&);
Task<void> get_container_stats(Services&, Request&, Reply&);
Task<void> head_container_archive(Services&, Request&, Reply&);
Task<void> get_container_archive(Services&, Request&, Reply&);
Task<void> put_container_archive(Services&, Request&, Reply&);
Task<void> post_commit(Services&, Request&, Reply&);
Task<void> get_container_explain(Services&, Request&, Reply&);

} // namespace gantry::api
