// The published layout of the C ABI: struct, member, offset, size. A record of an older minor must be a prefix of the newer.
#include <gtest/gtest.h>

#include <cstddef>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gantry/abi/v1/core.h>
#include <gantry/abi/v1/log.h>
#include <gantry/abi/v1/network.h>
#include <gantry/abi/v1/runtime.h>
#include <gantry/abi/v1/storage.h>
#include <gantry/abi/v1/volume.h>

namespace {

std::string line(const char* type, const char* member, std::size_t offset, std::size_t size) {
  return std::string(type) + " " + member + " " + std::to_string(offset) + " " + std::to_string(size);
}

#define MEMBER(type, member) line(#type, #member, offsetof(type, member), sizeof(type::member))
#define WHOLE(type) line(#type, "*", 0, sizeof(type))

std::vector<std::string> core_layout() {
  return {
      WHOLE(gantry_str),
      MEMBER(gantry_str, ptr),
      MEMBER(gantry_str, len),
      WHOLE(gantry_array),
      MEMBER(gantry_array, ptr),
      MEMBER(gantry_array, count),
      MEMBER(gantry_array, stride),
      WHOLE(gantry_kv),
      MEMBER(gantry_kv, key),
      MEMBER(gantry_kv, value),
      WHOLE(gantry_sink),
      MEMBER(gantry_sink, size),
      MEMBER(gantry_sink, reserved),
      MEMBER(gantry_sink, ctx),
      MEMBER(gantry_sink, put),
      WHOLE(gantry_call),
      MEMBER(gantry_call, size),
      MEMBER(gantry_call, reserved),
      MEMBER(gantry_call, ctx),
      MEMBER(gantry_call, deadline_ns),
      MEMBER(gantry_call, request_id),
      MEMBER(gantry_call, cancelled),
      MEMBER(gantry_call, cancel_fd),
      MEMBER(gantry_call, progress),
      MEMBER(gantry_call, fail),
      WHOLE(gantry_host),
      MEMBER(gantry_host, size),
      MEMBER(gantry_host, reserved),
      MEMBER(gantry_host, ctx),
      MEMBER(gantry_host, state_dir),
      MEMBER(gantry_host, run_dir),
      MEMBER(gantry_host, libexec_dir),
      MEMBER(gantry_host, instance),
      MEMBER(gantry_host, log),
      MEMBER(gantry_host, service),
      WHOLE(gantry_driver),
      MEMBER(gantry_driver, size),
      MEMBER(gantry_driver, reserved),
      MEMBER(gantry_driver, name),
      MEMBER(gantry_driver, interface),
      MEMBER(gantry_driver, table),
      MEMBER(gantry_driver, create),
      MEMBER(gantry_driver, destroy),
      WHOLE(gantry_plugin),
      MEMBER(gantry_plugin, size),
      MEMBER(gantry_plugin, abi_major),
      MEMBER(gantry_plugin, abi_minor),
      MEMBER(gantry_plugin, reserved),
      MEMBER(gantry_plugin, id),
      MEMBER(gantry_plugin, version),
      MEMBER(gantry_plugin, drivers),
      WHOLE(gantry_engine),
      MEMBER(gantry_engine, size),
      MEMBER(gantry_engine, abi_major),
      MEMBER(gantry_engine, abi_minor),
      MEMBER(gantry_engine, reserved),
      WHOLE(gantry_mount),
      MEMBER(gantry_mount, size),
      MEMBER(gantry_mount, reserved),
      MEMBER(gantry_mount, type),
      MEMBER(gantry_mount, source),
      MEMBER(gantry_mount, target),
      MEMBER(gantry_mount, options),
  };
}

std::vector<std::string> runtime_layout() {
  return {
      WHOLE(gantry_runtime_features),
      MEMBER(gantry_runtime_features, size),
      MEMBER(gantry_runtime_features, cgroup_version),
      MEMBER(gantry_runtime_features, flags),
      MEMBER(gantry_runtime_features, reserved),
      MEMBER(gantry_runtime_features, version),
      MEMBER(gantry_runtime_features, cgroup_driver),
      WHOLE(gantry_stdio),
      MEMBER(gantry_stdio, size),
      MEMBER(gantry_stdio, flags),
      MEMBER(gantry_stdio, rows),
      MEMBER(gantry_stdio, cols),
      WHOLE(gantry_log_policy),
      MEMBER(gantry_log_policy, size),
      MEMBER(gantry_log_policy, max_files),
      MEMBER(gantry_log_policy, max_bytes),
      MEMBER(gantry_log_policy, format),
      MEMBER(gantry_log_policy, path),
      MEMBER(gantry_log_policy, attrs_json),
      MEMBER(gantry_log_policy, flags),
      MEMBER(gantry_log_policy, reserved),
      WHOLE(gantry_runtime_create),
      MEMBER(gantry_runtime_create, size),
      MEMBER(gantry_runtime_create, reserved),
      MEMBER(gantry_runtime_create, id),
      MEMBER(gantry_runtime_create, bundle),
      MEMBER(gantry_runtime_create, oci_spec_json),
      MEMBER(gantry_runtime_create, rootfs),
      MEMBER(gantry_runtime_create, user),
      MEMBER(gantry_runtime_create, groups),
      MEMBER(gantry_runtime_create, stdio),
      MEMBER(gantry_runtime_create, log),
      MEMBER(gantry_runtime_create, runtime),
      WHOLE(gantry_runtime_attach),
      MEMBER(gantry_runtime_attach, size),
      MEMBER(gantry_runtime_attach, flags),
      MEMBER(gantry_runtime_attach, client_fd_take),
      MEMBER(gantry_runtime_attach, reserved),
      MEMBER(gantry_runtime_attach, id),
      MEMBER(gantry_runtime_attach, exec_id),
      MEMBER(gantry_runtime_attach, detach_keys),
      MEMBER(gantry_runtime_attach, pending),
      WHOLE(gantry_runtime_exec),
      MEMBER(gantry_runtime_exec, size),
      MEMBER(gantry_runtime_exec, reserved),
      MEMBER(gantry_runtime_exec, id),
      MEMBER(gantry_runtime_exec, exec_id),
      MEMBER(gantry_runtime_exec, oci_process_json),
      MEMBER(gantry_runtime_exec, user),
      MEMBER(gantry_runtime_exec, groups),
      MEMBER(gantry_runtime_exec, stdio),
      MEMBER(gantry_runtime_exec, attach),
      WHOLE(gantry_runtime_process),
      MEMBER(gantry_runtime_process, size),
      MEMBER(gantry_runtime_process, pid),
      MEMBER(gantry_runtime_process, exit_fd_take),
      MEMBER(gantry_runtime_process, state),
      MEMBER(gantry_runtime_process, state_json),
      WHOLE(gantry_runtime_exit),
      MEMBER(gantry_runtime_exit, size),
      MEMBER(gantry_runtime_exit, code),
      MEMBER(gantry_runtime_exit, signal),
      MEMBER(gantry_runtime_exit, oom_killed),
      MEMBER(gantry_runtime_exit, time_ns),
      WHOLE(gantry_runtime_stats),
      MEMBER(gantry_runtime_stats, size),
      MEMBER(gantry_runtime_stats, reserved),
      MEMBER(gantry_runtime_stats, cpu_total_ns),
      MEMBER(gantry_runtime_stats, cpu_user_ns),
      MEMBER(gantry_runtime_stats, cpu_system_ns),
      MEMBER(gantry_runtime_stats, memory_usage),
      MEMBER(gantry_runtime_stats, memory_limit),
      MEMBER(gantry_runtime_stats, memory_max_usage),
      MEMBER(gantry_runtime_stats, pids),
      MEMBER(gantry_runtime_stats, pids_limit),
      MEMBER(gantry_runtime_stats, extra_json),
      WHOLE(gantry_runtime_table),
      MEMBER(gantry_runtime_table, size),
      MEMBER(gantry_runtime_table, reserved),
      MEMBER(gantry_runtime_table, features),
      MEMBER(gantry_runtime_table, create),
      MEMBER(gantry_runtime_table, start),
      MEMBER(gantry_runtime_table, signal),
      MEMBER(gantry_runtime_table, pause),
      MEMBER(gantry_runtime_table, resume),
      MEMBER(gantry_runtime_table, update),
      MEMBER(gantry_runtime_table, remove),
      MEMBER(gantry_runtime_table, exec),
      MEMBER(gantry_runtime_table, resize),
      MEMBER(gantry_runtime_table, close_stdin),
      MEMBER(gantry_runtime_table, attach),
      MEMBER(gantry_runtime_table, exit_info),
      MEMBER(gantry_runtime_table, stats),
      MEMBER(gantry_runtime_table, processes),
      MEMBER(gantry_runtime_table, reattach),
      MEMBER(gantry_runtime_table, execs),
      MEMBER(gantry_runtime_table, reattach_exec),
      MEMBER(gantry_runtime_table, reconcile),
      MEMBER(gantry_runtime_table, mount),
      MEMBER(gantry_runtime_table, unmount),
      MEMBER(gantry_runtime_table, reconfigure),
  };
}

std::vector<std::string> storage_layout() {
  return {
      WHOLE(gantry_snapshot_info),
      MEMBER(gantry_snapshot_info, size),
      MEMBER(gantry_snapshot_info, kind),
      MEMBER(gantry_snapshot_info, id),
      MEMBER(gantry_snapshot_info, parent),
      WHOLE(gantry_snapshot_options),
      MEMBER(gantry_snapshot_options, size),
      MEMBER(gantry_snapshot_options, reserved),
      MEMBER(gantry_snapshot_options, quota_bytes),
      WHOLE(gantry_disk_usage),
      MEMBER(gantry_disk_usage, size),
      MEMBER(gantry_disk_usage, reserved),
      MEMBER(gantry_disk_usage, bytes),
      MEMBER(gantry_disk_usage, inodes),
      WHOLE(gantry_applied_layer),
      MEMBER(gantry_applied_layer, size),
      MEMBER(gantry_applied_layer, reserved),
      MEMBER(gantry_applied_layer, diff_id),
      MEMBER(gantry_applied_layer, bytes),
      WHOLE(gantry_change),
      MEMBER(gantry_change, size),
      MEMBER(gantry_change, kind),
      MEMBER(gantry_change, path),
      WHOLE(gantry_storage_table),
      MEMBER(gantry_storage_table, size),
      MEMBER(gantry_storage_table, reserved),
      MEMBER(gantry_storage_table, name),
      MEMBER(gantry_storage_table, status),
      MEMBER(gantry_storage_table, prepare),
      MEMBER(gantry_storage_table, view),
      MEMBER(gantry_storage_table, mounts),
      MEMBER(gantry_storage_table, commit),
      MEMBER(gantry_storage_table, remove),
      MEMBER(gantry_storage_table, stat),
      MEMBER(gantry_storage_table, list),
      MEMBER(gantry_storage_table, usage),
      MEMBER(gantry_storage_table, reconcile),
      MEMBER(gantry_storage_table, graph_data),
      MEMBER(gantry_storage_table, apply),
      MEMBER(gantry_storage_table, diff),
      MEMBER(gantry_storage_table, export_tree),
      MEMBER(gantry_storage_table, changes),
  };
}

std::vector<std::string> log_layout() {
  return {
      WHOLE(gantry_log_source),
      MEMBER(gantry_log_source, size),
      MEMBER(gantry_log_source, reserved),
      MEMBER(gantry_log_source, id),
      MEMBER(gantry_log_source, name),
      MEMBER(gantry_log_source, image_id),
      MEMBER(gantry_log_source, image_name),
      MEMBER(gantry_log_source, command),
      MEMBER(gantry_log_source, tag),
      MEMBER(gantry_log_source, created_ns),
      MEMBER(gantry_log_source, options),
      MEMBER(gantry_log_source, attributes),
      WHOLE(gantry_log_record),
      MEMBER(gantry_log_record, size),
      MEMBER(gantry_log_record, flags),
      MEMBER(gantry_log_record, time_ns),
      MEMBER(gantry_log_record, text),
      MEMBER(gantry_log_record, line),
      MEMBER(gantry_log_record, part),
      MEMBER(gantry_log_record, reserved),
      WHOLE(gantry_log_progress),
      MEMBER(gantry_log_progress, size),
      MEMBER(gantry_log_progress, reserved),
      MEMBER(gantry_log_progress, delivered),
      WHOLE(gantry_log_table),
      MEMBER(gantry_log_table, size),
      MEMBER(gantry_log_table, reserved),
      MEMBER(gantry_log_table, validate),
      MEMBER(gantry_log_table, open),
      MEMBER(gantry_log_table, write),
      MEMBER(gantry_log_table, close),
  };
}

std::vector<std::string> network_layout() {
  return {
      WHOLE(gantry_address_pool),
      MEMBER(gantry_address_pool, size),
      MEMBER(gantry_address_pool, reserved),
      MEMBER(gantry_address_pool, subnet),
      MEMBER(gantry_address_pool, gateway),
      WHOLE(gantry_network_create),
      MEMBER(gantry_network_create, size),
      MEMBER(gantry_network_create, flags),
      MEMBER(gantry_network_create, id),
      MEMBER(gantry_network_create, name),
      MEMBER(gantry_network_create, pools),
      MEMBER(gantry_network_create, options),
      WHOLE(gantry_endpoint_create),
      MEMBER(gantry_endpoint_create, size),
      MEMBER(gantry_endpoint_create, reserved),
      MEMBER(gantry_endpoint_create, network_id),
      MEMBER(gantry_endpoint_create, endpoint_id),
      MEMBER(gantry_endpoint_create, mac),
      MEMBER(gantry_endpoint_create, addresses),
      MEMBER(gantry_endpoint_create, options),
      WHOLE(gantry_endpoint),
      MEMBER(gantry_endpoint, size),
      MEMBER(gantry_endpoint, reserved),
      MEMBER(gantry_endpoint, mac),
      MEMBER(gantry_endpoint, addresses),
      WHOLE(gantry_network_join),
      MEMBER(gantry_network_join, size),
      MEMBER(gantry_network_join, netns_fd),
      MEMBER(gantry_network_join, network_id),
      MEMBER(gantry_network_join, endpoint_id),
      MEMBER(gantry_network_join, interface_hint),
      MEMBER(gantry_network_join, options),
      MEMBER(gantry_network_join, flags),
      MEMBER(gantry_network_join, reserved),
      WHOLE(gantry_route),
      MEMBER(gantry_route, size),
      MEMBER(gantry_route, reserved),
      MEMBER(gantry_route, destination),
      MEMBER(gantry_route, gateway),
      WHOLE(gantry_joined),
      MEMBER(gantry_joined, size),
      MEMBER(gantry_joined, reserved),
      MEMBER(gantry_joined, interface),
      MEMBER(gantry_joined, routes),
      WHOLE(gantry_port),
      MEMBER(gantry_port, size),
      MEMBER(gantry_port, container_port),
      MEMBER(gantry_port, host_port),
      MEMBER(gantry_port, host_port_end),
      MEMBER(gantry_port, protocol),
      MEMBER(gantry_port, host_ip),
      WHOLE(gantry_network_table),
      MEMBER(gantry_network_table, size),
      MEMBER(gantry_network_table, reserved),
      MEMBER(gantry_network_table, create_network),
      MEMBER(gantry_network_table, delete_network),
      MEMBER(gantry_network_table, create_endpoint),
      MEMBER(gantry_network_table, delete_endpoint),
      MEMBER(gantry_network_table, join),
      MEMBER(gantry_network_table, leave),
      MEMBER(gantry_network_table, publish),
      MEMBER(gantry_network_table, reconcile),
  };
}

std::vector<std::string> volume_layout() {
  return {
      WHOLE(gantry_volume_create),         MEMBER(gantry_volume_create, size),     MEMBER(gantry_volume_create, reserved),
      MEMBER(gantry_volume_create, name),  MEMBER(gantry_volume_create, options),  MEMBER(gantry_volume_create, labels),
      WHOLE(gantry_volume_info),           MEMBER(gantry_volume_info, size),       MEMBER(gantry_volume_info, flags),
      MEMBER(gantry_volume_info, name),    MEMBER(gantry_volume_info, mountpoint), MEMBER(gantry_volume_info, created_ns),
      MEMBER(gantry_volume_info, options), MEMBER(gantry_volume_info, labels),     MEMBER(gantry_volume_info, status),
      WHOLE(gantry_volume_usage),          MEMBER(gantry_volume_usage, size),      MEMBER(gantry_volume_usage, reserved),
      MEMBER(gantry_volume_usage, bytes),  MEMBER(gantry_volume_usage, inodes),    WHOLE(gantry_volume_table),
      MEMBER(gantry_volume_table, size),   MEMBER(gantry_volume_table, reserved),  MEMBER(gantry_volume_table, create),
      MEMBER(gantry_volume_table, remove), MEMBER(gantry_volume_table, mount),     MEMBER(gantry_volume_table, unmount),
      MEMBER(gantry_volume_table, get),    MEMBER(gantry_volume_table, list),      MEMBER(gantry_volume_table, reconcile),
      MEMBER(gantry_volume_table, usage),  MEMBER(gantry_volume_table, rename),    MEMBER(gantry_volume_table, snapshot),
  };
}

std::vector<std::string> layout() {
  std::vector<std::string> all = core_layout();
  for (const auto& part : {runtime_layout(), storage_layout(), log_layout(), network_layout(), volume_layout()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

std::string text(const std::vector<std::string>& lines) {
  std::string all;
  for (const auto& line : lines) all += line + "\n";
  return all;
}

std::string record(const std::string& version) {
  std::ifstream file(GANTRY_SOURCE "/sdk/abi/" + version + ".txt");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST(AbiLayout, is_the_recorded_one_of_this_minor) {
  const std::string version = std::to_string(GANTRY_ABI_MAJOR) + "." + std::to_string(GANTRY_ABI_MINOR);
  EXPECT_EQ(text(layout()), record(version)) << "a change of the layout is a new minor with a record of its own";
}

} // namespace
