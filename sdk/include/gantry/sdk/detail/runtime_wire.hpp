#pragma once

#include <fcntl.h>

#include <gantry/abi/v1/runtime.h>
#include <gantry/sdk/detail/view.hpp>
#include <gantry/sdk/runtime.hpp>

// The structs of gantry/abi/v1/runtime.h as those of gantry/sdk/runtime.hpp (`*_of`) and back (`to_*`, `*View`). A view
// borrows from the value that it was made of.
namespace gantry::detail {

inline std::uint32_t bit(bool on, std::uint32_t flag) { return on ? flag : 0; }

inline std::uint16_t dimension(std::uint32_t n) { return static_cast<std::uint16_t>(std::min<std::uint32_t>(n, 0xffff)); }

inline StdioPolicy stdio_of(const gantry_stdio* theirs) {
  const gantry_stdio s = read(theirs);
  StdioPolicy policy;
  policy.tty = s.flags & GANTRY_STDIO_TTY;
  policy.open_stdin = s.flags & GANTRY_STDIO_OPEN_STDIN;
  policy.stdin_once = s.flags & GANTRY_STDIO_STDIN_ONCE;
  policy.rows = dimension(s.rows);
  policy.cols = dimension(s.cols);
  return policy;
}

inline gantry_stdio to_stdio(const StdioPolicy& policy) {
  auto s = sized<gantry_stdio>();
  s.flags = bit(policy.tty, GANTRY_STDIO_TTY) | bit(policy.open_stdin, GANTRY_STDIO_OPEN_STDIN) |
            bit(policy.stdin_once, GANTRY_STDIO_STDIN_ONCE);
  s.rows = policy.rows;
  s.cols = policy.cols;
  return s;
}

inline LogPolicy log_policy_of(const gantry_log_policy* theirs) {
  const gantry_log_policy l = read(theirs);
  LogPolicy policy;
  policy.format = text(l.format);
  policy.path = text(l.path);
  policy.max_bytes = l.max_bytes;
  policy.max_files = l.max_files;
  policy.attrs_json = text(l.attrs_json);
  policy.exact = l.flags & GANTRY_LOG_POLICY_EXACT;
  policy.counted = l.flags & GANTRY_LOG_POLICY_COUNTED;
  return policy;
}

inline gantry_log_policy to_log_policy(const LogPolicy& policy) {
  auto l = sized<gantry_log_policy>();
  l.max_files = policy.max_files;
  l.max_bytes = policy.max_bytes;
  l.format = view(policy.format);
  l.path = view(policy.path);
  l.attrs_json = view(policy.attrs_json);
  l.flags = bit(policy.exact, GANTRY_LOG_POLICY_EXACT) | bit(policy.counted, GANTRY_LOG_POLICY_COUNTED);
  return l;
}

inline RuntimeCreate create_of(const gantry_runtime_create* theirs) {
  const gantry_runtime_create c = read(theirs);
  RuntimeCreate request;
  request.id = text(c.id);
  request.bundle = text(c.bundle);
  request.oci_spec_json = text(c.oci_spec_json);
  request.rootfs = mounts_of(c.rootfs);
  request.user = text(c.user);
  request.groups = texts(c.groups);
  request.stdio = stdio_of(c.stdio);
  request.log = log_policy_of(c.log);
  request.runtime = text(c.runtime);
  return request;
}

class CreateView {
 public:
  explicit CreateView(const RuntimeCreate& r)
      : rootfs_(r.rootfs), groups_(views(r.groups)), stdio_(to_stdio(r.stdio)), log_(to_log_policy(r.log)) {
    c_.id = view(r.id);
    c_.bundle = view(r.bundle);
    c_.oci_spec_json = view(r.oci_spec_json);
    c_.rootfs = rootfs_.array();
    c_.user = view(r.user);
    c_.groups = array_of(groups_);
    c_.stdio = &stdio_;
    c_.log = &log_;
    c_.runtime = view(r.runtime);
  }
  CreateView(const CreateView&) = delete;
  CreateView& operator=(const CreateView&) = delete;
  const gantry_runtime_create* get() const { return &c_; }

 private:
  MountViews rootfs_;
  std::vector<gantry_str> groups_;
  gantry_stdio stdio_;
  gantry_log_policy log_;
  gantry_runtime_create c_ = sized<gantry_runtime_create>();
};

/// Takes the client's descriptor before anything else can fail.
inline RuntimeAttach attach_of(const gantry_runtime_attach* theirs) {
  const gantry_runtime_attach a = read(theirs);
  RuntimeAttach request;
  request.client = UniqueFd(a.client_fd_take);
  request.id = text(a.id);
  request.exec_id = text(a.exec_id);
  request.in = a.flags & GANTRY_ATTACH_IN;
  request.out = a.flags & GANTRY_ATTACH_OUT;
  request.err = a.flags & GANTRY_ATTACH_ERR;
  request.framed = a.flags & GANTRY_ATTACH_FRAMED;
  request.replay_log = a.flags & GANTRY_ATTACH_REPLAY_LOG;
  request.stream = a.flags & GANTRY_ATTACH_STREAM;
  request.detach_keys = text(a.detach_keys);
  request.pending = text(a.pending);
  return request;
}

/// Gives the client's descriptor away.
inline gantry_runtime_attach to_attach(RuntimeAttach& r) {
  auto a = sized<gantry_runtime_attach>();
  a.flags = bit(r.in, GANTRY_ATTACH_IN) | bit(r.out, GANTRY_ATTACH_OUT) | bit(r.err, GANTRY_ATTACH_ERR) |
            bit(r.framed, GANTRY_ATTACH_FRAMED) | bit(r.replay_log, GANTRY_ATTACH_REPLAY_LOG) |
            bit(r.stream, GANTRY_ATTACH_STREAM);
  a.client_fd_take = r.client.release();
  a.id = view(r.id);
  a.exec_id = view(r.exec_id);
  a.detach_keys = view(r.detach_keys);
  a.pending = view(r.pending);
  return a;
}

inline RuntimeExec exec_of(const gantry_runtime_exec* theirs) {
  const gantry_runtime_exec e = read(theirs);
  RuntimeExec request;
  if (e.attach != nullptr) request.attach = attach_of(e.attach);
  request.id = text(e.id);
  request.exec_id = text(e.exec_id);
  request.oci_process_json = text(e.oci_process_json);
  request.user = text(e.user);
  request.groups = texts(e.groups);
  request.stdio = stdio_of(e.stdio);
  return request;
}

class ExecView {
 public:
  explicit ExecView(RuntimeExec& r) : groups_(views(r.groups)), stdio_(to_stdio(r.stdio)) {
    c_.id = view(r.id);
    c_.exec_id = view(r.exec_id);
    c_.oci_process_json = view(r.oci_process_json);
    c_.user = view(r.user);
    c_.groups = array_of(groups_);
    c_.stdio = &stdio_;
    if (!r.attach) return;
    attach_ = to_attach(*r.attach);
    c_.attach = &attach_;
  }
  ExecView(const ExecView&) = delete;
  ExecView& operator=(const ExecView&) = delete;
  const gantry_runtime_exec* get() const { return &c_; }

 private:
  std::vector<gantry_str> groups_;
  gantry_stdio stdio_;
  gantry_runtime_attach attach_{};
  gantry_runtime_exec c_ = sized<gantry_runtime_exec>();
};

/// Gives the exit descriptor away.
inline gantry_runtime_process to_process(RuntimeProcess& process, RuntimeState state) {
  auto p = sized<gantry_runtime_process>();
  p.pid = process.pid;
  p.exit_fd_take = process.exit_fd.release();
  p.state = static_cast<std::int32_t>(state);
  p.state_json = view(process.state_json);
  return p;
}

inline RuntimeStatus status_of(const gantry_runtime_process* theirs) {
  const gantry_runtime_process p = read(theirs);
  RuntimeStatus status;
  // A number that is no descriptor must not be closed later on, when it may be somebody's. FD_CLOEXEC is not negotiable.
  if (p.exit_fd_take < 0 || ::fcntl(p.exit_fd_take, F_SETFD, FD_CLOEXEC) != 0)
    throw malformed("a process with exit descriptor " + std::to_string(p.exit_fd_take) + ", which is not open");
  status.process.exit_fd = UniqueFd(p.exit_fd_take);
  status.process.pid = p.pid;
  status.process.state_json = text(p.state_json);
  if (p.state < GANTRY_RUNTIME_CREATED || p.state > GANTRY_RUNTIME_STOPPED)
    throw malformed("a process in state " + std::to_string(p.state));
  status.state = static_cast<RuntimeState>(p.state);
  if (status.process.state_json.size() > 65536) throw malformed("a state_json of more than 64 KiB");
  return status;
}

inline gantry_runtime_exit to_exit(const RuntimeExit& exit) {
  auto e = sized<gantry_runtime_exit>();
  e.code = exit.code;
  e.signal = exit.signal;
  e.oom_killed = exit.oom_killed ? 1 : 0;
  e.time_ns = exit.time_ns;
  return e;
}

inline RuntimeExit exit_of(const gantry_runtime_exit* theirs) {
  const gantry_runtime_exit e = read(theirs);
  if (e.code < 0 || e.code > 255) throw malformed("an exit code of " + std::to_string(e.code));
  return {e.code, e.signal, e.oom_killed != 0, e.time_ns};
}

inline gantry_runtime_stats to_stats(const RuntimeStats& stats) {
  auto s = sized<gantry_runtime_stats>();
  s.cpu_total_ns = stats.cpu_total_ns;
  s.cpu_user_ns = stats.cpu_user_ns;
  s.cpu_system_ns = stats.cpu_system_ns;
  s.memory_usage = stats.memory_usage;
  s.memory_limit = stats.memory_limit;
  s.memory_max_usage = stats.memory_max_usage;
  s.pids = stats.pids;
  s.pids_limit = stats.pids_limit;
  s.extra_json = view(stats.extra_json);
  return s;
}

inline RuntimeStats stats_of(const gantry_runtime_stats* theirs) {
  const gantry_runtime_stats s = read(theirs);
  RuntimeStats stats;
  stats.cpu_total_ns = s.cpu_total_ns;
  stats.cpu_user_ns = s.cpu_user_ns;
  stats.cpu_system_ns = s.cpu_system_ns;
  stats.memory_usage = s.memory_usage;
  stats.memory_limit = s.memory_limit;
  stats.memory_max_usage = s.memory_max_usage;
  stats.pids = s.pids;
  stats.pids_limit = s.pids_limit;
  stats.extra_json = text(s.extra_json);
  return stats;
}

inline gantry_runtime_features to_features(const RuntimeFeatures& features) {
  auto f = sized<gantry_runtime_features>();
  f.cgroup_version = features.cgroup_version;
  f.flags = bit(features.apparmor, GANTRY_RUNTIME_APPARMOR) | bit(features.seccomp, GANTRY_RUNTIME_SECCOMP) |
            bit(features.userns, GANTRY_RUNTIME_USERNS) | bit(features.external, GANTRY_RUNTIME_EXTERNAL);
  f.version = view(features.version);
  f.cgroup_driver = view(features.cgroup_driver);
  return f;
}

inline RuntimeFeatures features_of(const gantry_runtime_features* theirs) {
  const gantry_runtime_features f = read(theirs);
  RuntimeFeatures features;
  features.version = text(f.version);
  features.cgroup_version = f.cgroup_version;
  features.cgroup_driver = text(f.cgroup_driver);
  features.apparmor = f.flags & GANTRY_RUNTIME_APPARMOR;
  features.seccomp = f.flags & GANTRY_RUNTIME_SECCOMP;
  features.userns = f.flags & GANTRY_RUNTIME_USERNS;
  features.external = f.flags & GANTRY_RUNTIME_EXTERNAL;
  return features;
}

} // namespace gantry::detail
