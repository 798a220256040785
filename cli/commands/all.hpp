#pragma once

namespace gantry::cli {

struct Invocation;

// The commands. Each parses its flags, does its work, and returns the exit code.

int attach_container(Invocation&);
int create_container_command(Invocation&);
int container_diff(Invocation&);
int exec_in_container(Invocation&);
int explain_containers(Invocation&);
int export_container(Invocation&);
int inspect_containers(Invocation&);
int kill_containers(Invocation&);
int list_containers(Invocation&);
int container_logs(Invocation&);
int pause_containers(Invocation&);
int container_port(Invocation&);
int prune_containers(Invocation&);
int remove_containers(Invocation&);
int rename_container(Invocation&);
int restart_containers(Invocation&);
int run_container(Invocation&);
int start_containers(Invocation&);
int container_stats(Invocation&);
int stop_containers(Invocation&);
int container_top(Invocation&);
int unpause_containers(Invocation&);
int update_containers(Invocation&);
int wait_containers(Invocation&);

int image_history(Invocation&);
int import_image(Invocation&);
int inspect_images(Invocation&);
int list_images(Invocation&);
int load_images(Invocation&);
int pull_image_command(Invocation&);
int push_image(Invocation&);
int prune_images(Invocation&);
int remove_images(Invocation&);
int save_images(Invocation&);
int tag_image(Invocation&);
int build_image(Invocation&);
int prune_build_cache(Invocation&);

int copy_files(Invocation&);
int commit_container(Invocation&);

int create_volume(Invocation&);
int inspect_volumes(Invocation&);
int list_volumes(Invocation&);
int prune_volumes(Invocation&);
int remove_volumes(Invocation&);
int log_in(Invocation&);
int log_out(Invocation&);
int search_registry(Invocation&);

int check_system(Invocation&);
int collect_garbage(Invocation&);
int system_df(Invocation&);
int connect_network(Invocation&);
int create_network(Invocation&);
int disconnect_network(Invocation&);
int inspect_networks(Invocation&);
int list_networks(Invocation&);
int prune_networks(Invocation&);
int remove_networks(Invocation&);
int update_networks(Invocation&);

int system_events(Invocation&);
int system_info(Invocation&);
int inspect_any(Invocation&);
int show_version(Invocation&);

int list_plugins(Invocation&);

} // namespace gantry::cli
