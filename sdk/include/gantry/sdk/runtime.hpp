#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <gantry/sdk/error.hpp>
#include <gantry/sdk/fd.hpp>
#include <gantry/sdk/host.hpp>
#include <gantry/sdk/mount.hpp>

// The runtime driver: OCI runtime-spec JSON in, processes out. The same class is what a driver author implements and
// what the engine calls (through an adapter over the C tables), so both sides read as plain C++.
//
// Vocabulary: *container* = the process started by create+start; *exec* = a further process in it. Both are a
// *process* of the driver, named by (id) or (id, exec_id); an empty exec_id means the container itself.
// Lifecycle: create → start → (exit) → remove. Exit is never observable before start succeeded.
// Threading: every method is [op]: concurrent across ids, serialised by the host per id, except attach, resize,
// close_stdin, signal, stats, processes and exec, which may run beside each other on one id.
// Optional: what has a body here. {pause, resume}, {mount, unmount} and {exec, execs, reattach_exec} come together or not at all.
namespace gantry {

struct StdioPolicy {
  bool tty = false;        ///< one pty instead of pipes
  bool open_stdin = false; ///< keep stdin open (pipe/pty) even with nobody attached; else /dev/null
  bool stdin_once = false; ///< close stdin when the first attached client that sends stdin has gone
  std::uint16_t rows = 0;  ///< initial size of the terminal, 0 = unknown
  std::uint16_t cols = 0;
};

/// Where the shim writes the container's output. `format` "json-file" writes Docker's json-file lines at `path`;
/// "none" writes nothing. Rotation: at `max_bytes` (0 = never) `path` is renamed to `path.1` and so on, `max_files`
/// files are kept in all (at least 1). A rotated file may have been gzipped by the engine to `path.N.gz`; the shim takes an
/// exclusive lock (flock) on the directory while it renames, and puts rotation off while the engine holds one.
struct LogPolicy {
  std::string format = "json-file";
  std::string path;
  std::uint64_t max_bytes = 0;
  std::uint32_t max_files = 1;
  std::string attrs_json; ///< a JSON object, written as the member "attrs" of every line; empty: none
  bool exact = false;     ///< bytes that are not UTF-8 become \udc80-\udcff instead of U+FFFD, so that nothing is lost
  bool counted = false;   ///< each file's trusted.gantry.first-line attribute says how many lines came before it
};

struct RuntimeCreate {
  std::string id;            ///< [a-zA-Z0-9][a-zA-Z0-9_.-]*, at most 128 bytes
  std::string bundle;        ///< absolute directory of the container's own files, exists
  std::string oci_spec_json; ///< OCI runtime-spec config.json; `root.path` is ignored in favour of `rootfs`
  std::vector<Mount> rootfs; ///< performed in order at the container's root, inside its mount namespace
  std::string user;          ///< Docker's USER syntax (user|uid[:group|gid]) resolved inside the rootfs; empty: use the spec's
  std::vector<std::string> groups; ///< supplementary groups by name or gid, resolved inside the rootfs
  StdioPolicy stdio;
  LogPolicy log;
  /// Which of the OCI runtimes of the driver's own configuration makes the container; empty: the driver itself.
  std::string runtime;
};

/// A running (or created, not yet started) process.
struct RuntimeProcess {
  std::int32_t pid = 0;   ///< in the host's pid namespace
  UniqueFd exit_fd;       ///< becomes readable (or hangs up) once exit_info() is available
  std::string state_json; ///< opaque, at most 64 KiB; stored by the engine and given back to reattach
};

/// Connects a client's byte stream to a process. The shim serves it from here on; the driver owns `client`.
struct RuntimeAttach {
  std::string id;
  std::string exec_id;
  UniqueFd client;                           ///< connected stream socket, any blocking mode
  bool in = false, out = false, err = false; ///< `in`: the stream also ends when all is sent and the program's stdin stays open
  bool framed = true;                        ///< Docker's 8-byte stdcopy frames; of a TTY, whose output is all stdout, as well
  bool replay_log = false;                   ///< first send what was logged so far, without gap or repetition
  bool stream = true;                        ///< go on with live output; false: only the replay, then close
  std::string detach_keys;                   ///< raw bytes that end the stream when typed (TTY only), empty = none
  std::string pending;                       ///< bytes the HTTP parser had already read: they are stdin
};

struct RuntimeExec {
  std::string id;
  std::string exec_id;
  std::string oci_process_json; ///< OCI runtime-spec `process` object
  std::string user;             ///< as in RuntimeCreate
  std::vector<std::string> groups;
  StdioPolicy stdio;
  std::optional<RuntimeAttach> attach; ///< connected before the process runs, so that no output is lost
};

struct RuntimeExit {
  std::int32_t code = 0;   ///< 0-255; 128+n after signal n
  std::int32_t signal = 0; ///< 0 when it exited by itself
  bool oom_killed = false;
  std::int64_t time_ns = 0; ///< CLOCK_REALTIME nanoseconds
};

struct RuntimeSignal {
  std::string id;
  std::string exec_id;
  std::int32_t signo = 0;
  bool all = false; ///< every process in the container's cgroup; with an exec_id the exec's process group
};

struct RuntimeReattach {
  std::string id;
  std::string state_json;
};

enum class RuntimeState : int { created, running, paused, stopped };

struct RuntimeStatus {
  RuntimeProcess process; ///< exit_fd is readable at once when state is stopped
  RuntimeState state = RuntimeState::stopped;
};

/// Cumulative counters; nanoseconds and bytes. What a kernel does not count stays 0; `extra_json` carries the rest in
/// Docker's stats field names (cpu_stats, memory_stats.stats, blkio_stats, pids_stats, networks).
struct RuntimeStats {
  std::uint64_t cpu_total_ns = 0, cpu_user_ns = 0, cpu_system_ns = 0;
  std::uint64_t memory_usage = 0, memory_limit = 0, memory_max_usage = 0;
  std::uint64_t pids = 0, pids_limit = 0;
  std::string extra_json;
};

struct RuntimeFeatures {
  std::string version;              ///< of the runtime, free text
  std::uint32_t cgroup_version = 1; ///< 1 or 2
  std::string cgroup_driver = "cgroupfs";
  bool apparmor = false, seccomp = false, userns = false;
  bool external = false; ///< knows other OCI runtimes (RuntimeCreate::runtime)
};

class RuntimeDriver {
 public:
  virtual ~RuntimeDriver() = default;

  virtual RuntimeFeatures features() = 0;
  /// Everything up to the program's first instruction. Errors: invalid (spec), already_exists (id is live),
  /// internal (with the step that failed). A failure leaves nothing behind.
  virtual RuntimeProcess create(Call&, const RuntimeCreate&) = 0;
  /// Runs the program. Errors: not_found/forbidden/failed_precondition with reason "command_not_found",
  /// "command_not_executable" or "init_failed" and init's sentence; the container is then gone (remove is OK).
  virtual void start(Call&, const std::string& id) = 0;
  /// Idempotent: a process that has exited → not_found.
  virtual void signal(Call&, const RuntimeSignal&) = 0;
  virtual void pause(Call&, const std::string& /*id*/) { throw not_implemented_by_driver("pause"); }
  virtual void resume(Call&, const std::string& /*id*/) { throw not_implemented_by_driver("resume"); }
  /// `resources_json`: OCI `linux.resources`; only the members present change.
  virtual void update(Call&, const std::string& /*id*/, const std::string& /*resources_json*/) {
    throw not_implemented_by_driver("update");
  }
  /// Frees everything; `force` kills first. Removing what is missing is OK. Without force a live one is forbidden_state.
  virtual void remove(Call&, const std::string& id, bool force) = 0;
  virtual RuntimeProcess exec(Call&, RuntimeExec) { throw not_implemented_by_driver("exec"); }
  virtual void resize(Call&, const std::string& id, const std::string& exec_id, std::uint16_t rows, std::uint16_t cols) = 0;
  virtual void close_stdin(Call&, const std::string& id, const std::string& exec_id) = 0;
  virtual void attach(Call&, RuntimeAttach) = 0;
  /// Absent while it runs. Valid until remove (container) or 5 minutes after exit (exec), across engine restarts.
  virtual std::optional<RuntimeExit> exit_info(Call&, const std::string& id, const std::string& exec_id) = 0;
  virtual RuntimeStats stats(Call&, const std::string& /*id*/) { throw not_implemented_by_driver("stats"); }
  /// Host pids of every process in the container.
  virtual std::vector<std::int32_t> processes(Call&, const std::string& id) = 0;
  /// After an engine restart. not_found when nothing of the id is left.
  virtual RuntimeStatus reattach(Call&, const RuntimeReattach&) = 0;
  /// Live exec ids of a container with their state, after an engine restart.
  virtual std::vector<std::string> execs(Call&, const std::string& /*id*/) { throw not_implemented_by_driver("execs"); }
  virtual RuntimeStatus reattach_exec(Call&, const std::string& /*id*/, const std::string& /*exec_id*/) {
    throw not_implemented_by_driver("reattach_exec");
  }
  /// Puts a bind mount into a running container: `source` is a path of the host, `target` one of the container, options as in
  /// the spec's mounts ("rbind", "ro", …). What is mounted on the target already is covered. A target that is missing is made,
  /// inside the container's root whatever its links say. invalid, not_found (source), forbidden_state (it does not run).
  virtual void mount(Call&, const std::string& /*id*/, const Mount&) { throw not_implemented_by_driver("mount"); }
  /// Takes the topmost mount at `target` away, lazily; files that are open stay usable. not_found when nothing is mounted there.
  virtual void unmount(Call&, const std::string& /*id*/, const std::string& /*target*/) {
    throw not_implemented_by_driver("unmount");
  }
  /// The configuration has changed: `config_json` is a whole new one, as the constructor takes it. Containers that exist keep
  /// what they have. Not called beside itself, but beside everything else. invalid: nothing changes.
  virtual void reconfigure(Call&, const std::string& /*config_json*/) { throw not_implemented_by_driver("reconfigure"); }
  /// Removes whatever belongs to this instance and is not listed.
  virtual void reconcile(Call&, const std::vector<std::string>& live_ids) = 0;
};

} // namespace gantry
