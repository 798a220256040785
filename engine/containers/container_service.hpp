#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gantry/sdk/fd.hpp>
#include <gantry/sdk/runtime.hpp>
#include <gantry/sdk/storage.hpp>

#include "base/async.hpp"
#include "containers/explanation.hpp"
#include "containers/id_pool.hpp"
#include "containers/log_line.hpp"
#include "containers/log_options.hpp"
#include "containers/model.hpp"
#include "containers/mount_changes.hpp"
#include "containers/network_changes.hpp"
#include "containers/runtime_names.hpp"
#include "containers/selinux/policy.hpp"
#include "containers/stats_collector.hpp"
#include "events/bus.hpp"
#include "images/image_service.hpp"
#include "state/database.hpp"
#include "state/paths.hpp"
#include "volumes/volume_service.hpp"

namespace gantry::networks {
class NetworkService;
}

namespace gantry::containers {

/// 304 at the wire when nothing changed.
enum class Changed : bool { no, yes };

struct CreateRequest {
  std::string name; ///< empty: generated
  Config config;
  HostConfig host_config;
  Extensions extensions;
  Json endpoints; ///< NetworkingConfig.EndpointsConfig or null
  std::string platform;
};

struct CreateResult {
  std::string id;
  std::vector<std::string> warnings;
};

/// Members that are zero, empty or absent leave what is set; a pids limit of 0 is none.
struct UpdateRequest {
  Resources resources;
  RestartPolicy restart_policy;
  NetworkChanges network;
  MountChanges mounts;
};

struct StopOptions {
  std::optional<std::int64_t> timeout_s; ///< negative: wait for ever
  std::string signal;                    ///< empty: the container's
};

struct RemoveOptions {
  bool force = false, volumes = false, link = false;
};

enum class WaitCondition { not_running, next_exit, removed };

struct WaitResult {
  std::int64_t status_code = 0;
  std::string error; ///< empty: none
};

/// A registered waiter: nothing that happens after `wait` returned it is missed.
class Waiter {
 public:
  virtual ~Waiter() = default;
  virtual Task<WaitResult> result() = 0;
};

struct AttachRequest {
  UniqueFd client; ///< hijacked stream socket
  bool in = false, out = false, err = false, logs = false, stream = false;
  bool raw = false;        ///< never framed, terminal or not
  std::string detach_keys; ///< raw bytes; empty: ctrl-p ctrl-q
  std::string pending;     ///< bytes read behind the request: stdin
  std::string greeting;    ///< sent as soon as the client cannot miss a start that it asks for next (the HTTP reply)
};

struct TopResult {
  std::vector<std::string> titles;
  std::vector<std::vector<std::string>> processes;
};

struct Explained {
  ContainerPtr container;
  Moment moment;
  std::vector<std::string> sentences;
};

struct LogOptions {
  bool out = false, err = false, follow = false;
  std::int64_t since_ns = 0, until_ns = 0; ///< 0: unbounded
  std::int64_t tail = -1;                  ///< lines from the end, -1: all
};

/// Receives lines in order; awaited, so a slow reader is back-pressure.
using LogSink = std::function<Task<void>(const std::vector<LogLine>&)>;

struct ExecRequest {
  bool attach_stdin = false, attach_stdout = false, attach_stderr = false, tty = false, privileged = false;
  std::string user, working_dir, detach_keys;
  StringList env, cmd;
  std::uint32_t console_rows = 0, console_cols = 0;
};

/// An exec instance at one moment. `running` is false before start and after exit; exit_code absent until it ended.
struct Exec {
  std::string id, container_id;
  ExecRequest request;
  bool started = false, running = false;
  std::int32_t pid = 0;
  std::optional<std::int32_t> exit_code;
};

struct ExecStart {
  bool detach = false, tty = false;
  std::uint32_t console_rows = 0, console_cols = 0;
  UniqueFd client;     ///< hijacked socket unless detach
  std::string pending; ///< stdin bytes read behind the request
};

/// A file of a container as copying shows it.
struct PathStat {
  std::string name; ///< last component of the path that was asked for
  std::int64_t size = 0;
  std::uint32_t mode = 0; ///< st_mode
  std::int64_t mtime_ns = 0;
  std::string link_target; ///< where it ends, within the container; empty: no link
};

/// A path of a container on its way out: what it is, and who writes it as a tar (blocks; any thread).
struct OutgoingArchive {
  PathStat stat;
  std::function<void(UniqueFd)> write;
};

struct ExtractOptions {
  bool keep_kind = false;   ///< noOverwriteDirNonDir: a directory is not replaced by a file, nor a file by a directory
  bool copy_owners = false; ///< the tar's owners, not root
};

struct CommitRequest {
  std::string repo, tag, author, comment;
  bool pause = true;
  std::vector<std::string> changes; ///< Dockerfile instructions
  std::optional<Config> config;     ///< instead of the container's
};

struct DeliveryState;

struct Drivers {
  RuntimeDriver& runtime;
  StorageDriver& storage;
  LogDrivers logs{};                            ///< by name
  networks::NetworkService* networks = nullptr; ///< null: only none, host and container:… exist
};

/// What the config decides about containers.
struct Defaults {
  std::string instance, cgroup_parent, log_driver = "json-file";
  std::map<std::string, std::string> log_opts;
  std::int64_t stop_timeout_s = 10, shm_size = 64 << 20;
  std::vector<Ulimit> ulimits;
  /// How long a container with AutoRemove that ended while no daemon ran is kept for a client that comes back.
  std::chrono::milliseconds auto_remove_hold{5000};
  bool init = false, no_new_privileges = false;
  std::string init_path; ///< static init for --init
  RuntimeNames runtimes;
  std::string cgroupns_mode, ipc_mode = "private";
  std::vector<std::string> cdi_spec_dirs, hooks_dirs;
  std::vector<std::string> dns, dns_search, dns_options;
  IdMaps remapped_ids;         ///< userns-remap: of every container that does not say otherwise
  IdSpace userns_auto;         ///< what --userns=auto takes ranges from
  std::string seccomp_profile; ///< text of a profile, "unconfined", or empty: the builtin one
  selinux::Policy selinux;
};

/// Containers of one daemon: one verb per file (create.cpp start.cpp stop.cpp …). Coroutines run on the caller's
/// executor; blocking work goes to the pool. Mutations of one container are serialised by its AsyncMutex, reads are
/// snapshots. References are name, /name, id or unique id prefix; errors carry Docker's texts.
/// No operation is cancelled by a client that hangs up, except logs and wait.
class ContainerService {
 public:
  ContainerService(boost::asio::any_io_executor, Pool&, const state::Paths&, state::Database&, Drivers, images::ImageService&,
                   volumes::VolumeService&, events::Bus&, Defaults);
  ~ContainerService();

  ContainerPtr find(const std::string& reference) const;
  /// Newest first.
  std::vector<ContainerPtr> list() const;

  Task<CreateResult> create(CreateRequest);
  Task<Changed> start(std::string reference);
  Task<Changed> stop(std::string reference, StopOptions);
  Task<void> restart(std::string reference, StopOptions);
  /// `signal`: name with or without SIG, number, empty = SIGKILL (then waits for the exit).
  Task<void> kill(std::string reference, std::string signal);
  Task<void> pause(std::string reference);
  Task<void> unpause(std::string reference);
  Task<void> rename(std::string reference, std::string new_name);
  /// Adds the container to a network, at once when it runs. Docker's texts for what is not allowed.
  Task<void> connect(std::string reference, std::string network, networks::EndpointSettings settings);
  /// `force`: also out of a network, or with a driver, that does not answer.
  Task<void> disconnect(std::string reference, std::string network, bool force);
  /// Changes limits, of a running container at once. Returns warnings. A failure changes nothing.
  Task<std::vector<std::string>> update(std::string reference, UpdateRequest);
  Task<void> remove(std::string reference, RemoveOptions);
  std::unique_ptr<Waiter> wait(const std::string& reference, WaitCondition);
  /// Throws what a request for attach must answer before the connection is hijacked (not found, paused, …).
  void check_attach(const std::string& reference) const;
  /// Hands the client to the shim, or parks it until start. Returns when it has been handed over.
  Task<void> attach(std::string reference, AttachRequest);
  Task<void> resize(std::string reference, std::uint32_t rows, std::uint32_t cols);
  Task<TopResult> top(std::string reference, std::string ps_args);
  /// Now, with the host's counters; without a time when it does not run.
  Task<StatsSample> stats(std::string reference);
  /// A sample every second until the subscription goes.
  StatsCollector::Subscription watch_stats(const std::string& reference, StatsCollector::Listener listener);
  /// Why it is not running, or slow; with everything that says so.
  Task<Explained> explain(std::string reference);
  /// Validates first (throws before the first line); ends when the container ends (follow) or the file does.
  Task<void> logs(std::string reference, LogOptions, LogSink);
  /// How far the lines of a container with a plugin's log driver have come; absent for others.
  std::optional<DeliveryState> log_delivery(const std::string& id) const;
  /// SizeRw and SizeRootFs of a container, bytes.
  Task<std::pair<std::int64_t, std::int64_t>> size(std::string reference);
  /// What differs from the image, sorted by path.
  Task<std::vector<Change>> changes(std::string reference);
  /// Writes the whole file system as a tar; blocks. Throws not_found at once.
  std::function<void(UniqueFd)> export_tree(const std::string& reference) const;

  /// A path in the container's file system as it sees it, volumes included. not_found with Docker's text.
  Task<PathStat> stat_path(std::string reference, std::string path);
  Task<OutgoingArchive> read_archive(std::string reference, std::string path);
  /// Unpacks a tar (any compression) below a directory of the container. Blocks for the whole of it; nothing outside of the
  /// container's own file system is ever touched.
  Task<void> extract_archive(std::string reference, std::string path, UniqueFd tar, ExtractOptions options);
  /// Makes an image of what the container is now; its id.
  Task<std::string> commit(std::string reference, CommitRequest request);

  Task<std::string> exec_create(std::string reference, ExecRequest);
  /// Throws what must be answered before the connection is hijacked. That an exec runs or ran already is not among it: compose
  /// attaches to an exec and starts it as well, and only reads the answer of one of the two requests.
  void check_exec_start(const std::string& exec_id) const;
  /// A failure to run the program after hijack is written into the stream and kept as exit code 126/127.
  Task<void> exec_start(std::string exec_id, ExecStart);
  Task<void> exec_resize(std::string exec_id, std::uint32_t rows, std::uint32_t cols);
  Exec exec_inspect(const std::string& exec_id) const;
  /// Ids of live execs of a container.
  std::vector<std::string> exec_ids(const std::string& container_id) const;

  /// After a reload of the configuration, once the driver knows them.
  void set_runtimes(RuntimeNames names);

  /// Before the API opens: re-adopts running containers, applies exits that happened meanwhile, finishes or undoes half-done
  /// operations, then reconciles drivers. Restart policies apply.
  Task<void> recover();
  /// Clean shutdown. `stop_containers` false leaves them running for the next daemon.
  Task<void> shutdown(bool stop_containers);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

} // namespace gantry::containers
