#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/id.hpp"
#include "base/rollback.hpp"
#include "base/time.hpp"
#include "containers/apparmor.hpp"
#include "containers/attachments.hpp"
#include "containers/auto_remove.hpp"
#include "containers/byte_size.hpp"
#include "containers/change_networks.hpp"
#include "containers/device_requests.hpp"
#include "containers/driver_call.hpp"
#include "containers/failpoints.hpp"
#include "containers/health/validate_health.hpp"
#include "containers/image_defaults.hpp"
#include "containers/links.hpp"
#include "containers/log_identity.hpp"
#include "containers/log_policy.hpp"
#include "containers/mounts.hpp"
#include "containers/names.hpp"
#include "containers/namespace_join.hpp"
#include "containers/network_files.hpp"
#include "containers/parts.hpp"
#include "containers/selinux/choose_labels.hpp"
#include "containers/spec/security_options.hpp"
#include "containers/spec_context.hpp"
#include "containers/user_namespace.hpp"
#include "containers/validate.hpp"
#include "containers/volumes.hpp"
#include "images/image_store.hpp"

namespace gantry::containers {
namespace {

void choose_hostname(Container& container) {
  Config& config = container.config;
  if (!config.hostname.empty()) return;
  config.hostname = short_id(container.id);
  if (container.host_config.network_mode != "host") return;
  char name[256] = {};
  if (::gethostname(name, sizeof name - 1) == 0) config.hostname = name;
}

void split_command(Container& container) {
  StringList words = container.config.entrypoint.value_or(StringList{});
  const StringList cmd = container.config.cmd.value_or(StringList{});
  words.insert(words.end(), cmd.begin(), cmd.end());
  if (words.empty()) throw invalid("no command specified");
  container.path = words.front();
  container.args.assign(words.begin() + 1, words.end());
}

/// Inspect shows what is hidden and protected. "systempaths=unconfined" and an empty list of the client stay as they are.
void choose_system_paths(HostConfig& config) {
  if (config.privileged || parse_security_options(config.security_opt).unconfined_system_paths) return;
  if (!config.masked_paths) config.masked_paths = default_masked_paths();
  if (!config.readonly_paths) config.readonly_paths = default_readonly_paths();
}

/// 400 and not 404, which clients of create take for a missing image and pull it.
void check_exists(const Parts& parts, const std::string& reference) {
  try {
    (void)parts.index.find(reference);
  } catch (const Error& cause) {
    if (cause.code() != Code::not_found) throw;
    throw invalid(cause.what());
  }
}

void check_other_containers(const Parts& parts, const HostConfig& config) {
  constexpr std::string_view joined = "container:";
  for (const std::string* mode : {&config.pid_mode, &config.ipc_mode}) {
    if (mode->starts_with(joined)) check_exists(parts, mode->substr(joined.size()));
  }
  for (const std::string& source : config.volumes_from) check_exists(parts, parse_volumes_from(source).container);
}

void apply_daemon_defaults(HostConfig& config, Parts& parts, unsigned cgroup_version) {
  const Defaults& defaults = parts.defaults;
  if (config.ipc_mode.empty()) config.ipc_mode = defaults.ipc_mode;
  if (config.restart_policy.name.empty()) config.restart_policy.name = "no";
  if (config.shm_size == 0) config.shm_size = defaults.shm_size;
  if (config.runtime.empty()) config.runtime = parts.runtimes.by_default();
  if (config.cgroupns_mode.empty()) config.cgroupns_mode = defaults.cgroupns_mode;
  if (config.cgroupns_mode.empty()) config.cgroupns_mode = cgroup_version == 2 && !config.privileged ? "private" : "host";
  complete_log_config(config.log_config, defaults.log_driver, defaults.log_opts, parts.drivers.logs);
}

/// What only the spec reads: a trial run refuses it now instead of at start.
bool needs_trial(const HostConfig& config) {
  const Resources& r = config.resources;
  const bool security =
      !config.cap_add.empty() || !config.cap_drop.empty() || !config.security_opt.empty() || !config.sysctls.empty();
  const bool block_io = !r.blkio_weight_device.empty() || !r.blkio_device_read_bps.empty() || !r.blkio_device_write_bps.empty() ||
                        !r.blkio_device_read_iops.empty() || !r.blkio_device_write_iops.empty();
  return security || block_io || !r.ulimits.empty() || !r.device_cgroup_rules.empty();
}

void try_spec(Parts& parts, const Container& container) {
  if (!needs_trial(container.host_config)) return;
  Container trial = container;
  trial.host_config.resources.devices.clear();
  for (std::string* mode : {&trial.host_config.network_mode, &trial.host_config.ipc_mode, &trial.host_config.pid_mode}) {
    if (mode->starts_with("container:")) mode->clear();
  }
  (void)make_spec(trial, make_spec_context(parts, trial));
}

void check(Parts& parts, Container& container, std::vector<std::string>& warnings) {
  HostConfig& config = container.host_config;
  const unsigned cgroup_version = parts.features().cgroup_version;
  validate_config(container.config);
  validate_health(container, warnings);
  apply_daemon_defaults(config, parts, cgroup_version);
  (void)parse_device_requests(config.resources.device_requests);
  (void)parts.runtimes.for_driver(config.runtime);
  validate_host_config(config, warnings);
  settle_container_egress(config);
  validate_resources(config.resources, this_machine(cgroup_version), warnings);
  check_other_containers(parts, config);
  choose_id_maps(parts, container);
  container.apparmor_profile = apparmor_profile_for(config, parts.features().apparmor);
  check_mount_sources(requested_points(config));
  try_spec(parts, container);
  choose_system_paths(config);
  selinux::choose_labels(parts, container);
  (void)log_source(container); // a wrong tag or expression is told now
}

SnapshotOptions snapshot_options(const HostConfig& config) {
  SnapshotOptions options;
  for (const auto& [key, value] : config.storage_opt) {
    if (key != "size") throw invalid("Unknown option " + key);
    const auto size = parse_byte_size(value);
    if (!size) throw invalid("invalid size: '" + value + "'");
    options.quota_bytes = static_cast<std::uint64_t>(*size);
  }
  return options;
}

/// Everything on disk: directory, snapshot, row. Undone in reverse when a step fails.
void build(Parts& parts, Container& container, const std::string& top_layer) {
  DriverCall call;
  Rollback rollback;
  const SnapshotOptions options = snapshot_options(container.host_config);
  failpoint("create.before_prepare");
  const std::string directory = parts.paths.container(container.id);
  make_directories(directory, 0710);
  rollback.add("remove " + directory, [directory] { std::filesystem::remove_all(directory); });
  write_network_files(container, directory, parts.defaults);
  failpoint("create.after_directory");
  rollback.add("remove snapshot " + container.id, [&] { parts.drivers.storage.remove(call, container.id); });
  parts.drivers.storage.prepare(call, container.id, top_layer, options);
  failpoint("create.after_prepare");
  rollback.add("abandon volumes of " + container.id, [&] { parts.volumes.abandon(container.id); });
  choose_mounts(parts, container);
  fill_volumes(parts, container);
  failpoint("create.after_volumes");
  parts.store.insert(container);
  rollback.add("remove row " + container.id, [&] { parts.store.erase(container.id); });
  failpoint("create.after_row");
  parts.volumes.settle(container.id);
  rollback.dismiss();
}

CreateResult create_container(Parts& parts, CreateRequest request) {
  CreateResult result;
  Container container;
  container.id = random_id();
  container.config = std::move(request.config);
  container.host_config = std::move(request.host_config);
  validate_namespaces(container.config, container.host_config);
  if (container.config.image.empty()) {
    const bool says_what =
        container.config.cmd.value_or(StringList{}).size() + container.config.entrypoint.value_or(StringList{}).size() > 0;
    throw invalid(says_what ? "no image specified" : "no command specified");
  }
  const images::ImagePtr image = parts.images.resolve(container.config.image, request.platform);
  container.image_id = image->id;
  container.image_ref = container.config.image;
  parts.images.store().touch(image->id);
  refuse_two_checks(container.config, request.extensions);
  container.extensions = std::move(request.extensions);
  apply_image_defaults(container.config, image->config);
  if (!container.extensions.probe_url.empty() && container.config.healthcheck) container.config.healthcheck->test.clear();
  split_command(container);
  // Its ids and categories are its own from here on: by the index when it is stored.
  Rollback settled;
  settled.add("settle what is " + container.id + "'s", [&parts, id = container.id] {
    parts.id_pool.settle(id);
    parts.categories.settle(id);
  });
  resolve_joined(parts, container.host_config);
  container.networks = choose_networks(parts, container, request.endpoints);
  check_links(parts, container.host_config);
  choose_hostname(container);
  check(parts, container, result.warnings);
  container.driver = parts.storage_name();
  container.created_ns = now_ns();

  if (request.name.empty()) {
    container.name = parts.index.reserve_generated(container.id);
  } else {
    container.name = checked_name(request.name);
    parts.index.reserve(container.name, container.id);
  }
  Rollback rollback;
  rollback.add("release name", [&parts, name = container.name] { parts.index.release(name); });
  build(parts, container, image->top_layer);
  rollback.dismiss();

  result.id = container.id;
  auto entry = std::make_shared<Entry>(std::move(container));
  parts.index.add(entry);
  parts.publish(*entry->snapshot(), "create");
  return result;
}

} // namespace

Task<CreateResult> ContainerService::create(CreateRequest request) {
  if (!request.name.empty()) co_await free_held_name(impl_->parts, request.name);
  auto job = [parts = impl_->parts, request = std::move(request)]() mutable {
    return create_container(*parts, std::move(request));
  };
  co_return co_await on(impl_->parts->pool, std::move(job));
}

} // namespace gantry::containers
