#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gantry/sdk/fd.hpp>

#include "base/json.hpp"
#include "containers/model.hpp"

// OCI runtime-spec generation: pure functions of a container and what the daemon resolved for it.
namespace gantry::containers {

/// What the spec needs besides the container itself.
struct SpecContext {
  std::string hosts_path, hostname_path, resolv_conf_path; ///< files to bind over /etc/…; empty: none (host network uses copies)
  std::string dockerenv_path;                              ///< empty file for /.dockerenv, by which programs know where they are
  std::string cgroup_path;                                 ///< "/<parent>/<id>"
  std::uint32_t cgroup_version = 1;
  std::string init_path;                ///< host path of the static init for --init, empty: no init
  std::string network_ns_path;          ///< join this one; empty with network mode "none": a new one; "host": the host's
  std::string ipc_ns_path, pid_ns_path; ///< for container:<id> modes
  std::string shm_ns_path;              ///< mount namespace of the container whose IPC namespace is joined
  std::string user_ns_path; ///< of the container whose user namespace is shared; empty: a new one where there are maps
  IdMaps id_maps;           ///< empty: the host's ids
  std::vector<std::shared_ptr<UniqueFd>> held; ///< what the paths of namespaces lead to
  bool seccomp = true, apparmor = false;
  bool selinux = false;                            ///< the container's labels apply
  std::string seccomp_profile;                     ///< the daemon's default, as SecurityOptions::seccomp
  bool no_new_privileges = false;                  ///< the daemon's default
  std::vector<std::string> available_capabilities; ///< of the daemon, "CAP_…"; privileged and ALL grant these
  std::vector<Ulimit> default_ulimits;
  std::vector<Json> mounts;       ///< OCI mounts of volumes and binds, in order
  std::vector<Json> device_edits; ///< CDI's containerEdits
  Json hooks;                     ///< OCI hooks of the daemon's configuration, or null
};

/// OCI config.json of a container. `process.user` is left 0:0: names are resolved by the runtime (RuntimeCreate::user).
/// Errors: invalid with Docker's text for unknown capabilities, bad seccomp JSON, bad sysctls, bad devices.
Json make_spec(const Container&, const SpecContext&);

/// OCI `process` of an exec in a container whose spec was made with `context`.
Json make_exec_process(const Container&, const SpecContext&, const StringList& cmd, const StringList& env, const std::string& cwd,
                       bool tty, bool privileged);

/// OCI linux.resources for Resources: what they limit. What is absent is left as a new cgroup has it.
Json make_resources(const Resources&, std::uint32_t cgroup_version);

/// The same for a live container whose `wanted` limits were just merged into `all`: only what those change.
Json make_changed_resources(const Resources& wanted, const Resources& all, std::uint32_t cgroup_version);

/// Everything that make_changed_resources may change, also where nothing is limited: brings a live cgroup back to `all`.
Json make_whole_resources(const Resources& all, std::uint32_t cgroup_version);

/// OCI linux.seccomp of the builtin profile for a capability set; the allow rules equal Docker's default profile.
Json default_seccomp(const std::vector<std::string>& capabilities);

} // namespace gantry::containers
