#pragma once

#include <cstddef>
#include <cstdint>

// What the driver hands to the shim: one flat block of memory, compiled from OCI JSON, so that neither the shim nor init
// parses anything. Written by driver/plan_writer.hpp, read through PlanView. The block travels in a sealed memfd.
//
// Every variable part is a Slice: an offset from the start of the block and a count. Strings end in NUL (not counted).
// A shim lives longer than the engine that started it: structures grow at their tail only and `version` says which
// members are filled in.
namespace gantry::runtime_linux {

inline constexpr std::uint32_t plan_magic = 0x4e4c5047; // "GPLN"
inline constexpr std::uint32_t plan_version = 1;

struct Slice {
  std::uint32_t offset = 0;
  std::uint32_t count = 0;
};

struct PlanRlimit {
  std::uint32_t resource = 0;
  std::uint32_t padding = 0;
  std::uint64_t soft = 0;
  std::uint64_t hard = 0;
};

struct PlanStdio {
  std::uint32_t tty = 0, open_stdin = 0, stdin_once = 0;
  std::uint16_t rows = 0, cols = 0;
};

/// OCI `process`, for the container's program and for execs alike.
struct PlanProcess {
  Slice args;            ///< Slice[] of strings
  Slice env;             ///< Slice[] of "NAME=value"
  Slice cwd;             ///< string
  Slice user;            ///< Docker's USER syntax; empty: uid and gid below
  Slice groups;          ///< Slice[] of names or numbers
  Slice additional_gids; ///< std::uint32_t[]
  Slice rlimits;         ///< PlanRlimit[]
  Slice seccomp;         ///< struct sock_filter[]
  Slice apparmor;        ///< string
  Slice selinux;         ///< string
  std::uint32_t uid = 0, gid = 0;
  std::uint32_t umask = 022;
  std::uint32_t no_new_privileges = 0;
  std::uint32_t seccomp_flags = 0;
  std::uint32_t has_capabilities = 0;
  std::uint32_t has_oom_score_adj = 0;
  std::int32_t oom_score_adj = 0;
  std::uint64_t bounding = 0, effective = 0, inheritable = 0, permitted = 0, ambient = 0;
  PlanStdio stdio;
};

enum class MountKind : std::uint32_t { filesystem = 0, bind = 1, cgroup = 2 };

/// Whether a bind shows its files with the container's ids as owners.
enum class IdMapped : std::uint32_t { no = 0, yes = 1, recursive = 2 };

struct PlanMount {
  MountKind kind = MountKind::filesystem;
  std::uint32_t recursive = 0;      ///< rbind
  std::uint32_t attr_set = 0;       ///< MOUNT_ATTR_*
  std::uint32_t attr_clear = 0;     ///< MOUNT_ATTR_*
  std::uint32_t recursive_attr = 0; ///< rro and friends: attributes reach submounts
  std::uint32_t propagation = 0;    ///< MS_SHARED, MS_SLAVE, … with or without MS_REC; 0: private
  Slice type, source, target;       ///< strings
  Slice options;                    ///< Slice[] of "flag" or "key=value" for the filesystem itself
  IdMapped idmap = IdMapped::no;    ///< of a bind in a container with id maps
  Slice mount_namespace;            ///< path of the one that a bind's source is in; empty: the host's
};

struct PlanDevice {
  Slice path;
  std::uint32_t mode = 0; ///< with S_IFCHR, S_IFBLK or S_IFIFO
  std::uint32_t major = 0, minor = 0, uid = 0, gid = 0;
};

struct PlanIdMap {
  std::uint32_t container_id = 0, host_id = 0, size = 0;
};

struct PlanPair {
  Slice key, value;
};

struct PlanNamespacePath {
  std::uint32_t type = 0; ///< CLONE_NEW*
  Slice path;
};

/// Bits of Plan::log_flags.
inline constexpr std::uint32_t plan_log_exact = 1;   ///< bytes that are not UTF-8 are kept, as \udcXX
inline constexpr std::uint32_t plan_log_counted = 2; ///< files carry the number of their first line

struct PlanLog {
  std::uint32_t enabled = 0;
  std::uint32_t max_files = 1;
  std::uint64_t max_bytes = 0;
  Slice path;
};

/// An external OCI runtime (runc, crun, …) that makes the container's processes. The shim then has a mount namespace of its
/// own, in which the root filesystem is mounted at `staging`.
struct PlanRuntime {
  Slice path;        ///< of its executable; empty: init makes the processes
  Slice arguments;   ///< Slice[]: what goes before the command
  Slice bundle;      ///< absolute directory that gets config.json and the runtime's files
  Slice hidden;      ///< mount that it must not see; empty: none
  Slice before_user; ///< config.json (of an exec: its process) up to the value of "user", …
  Slice after_user;  ///< … and what follows it: names are resolved once the root filesystem is there
};

/// An OCI hook that init runs.
struct PlanHook {
  Slice path, args, env;       ///< Slice[] of strings; args with argv[0]
  std::uint32_t timeout_s = 0; ///< 0: none
  std::uint32_t padding = 0;
};

/// The head of the block.
struct Plan {
  std::uint32_t magic = plan_magic;
  std::uint32_t version = plan_version;
  std::uint32_t size = 0;      ///< of the whole block
  std::uint32_t head_size = 0; ///< of this structure as its writer knew it
  PlanProcess process;
  Slice id;         ///< of the container; of the exec in an exec plan
  Slice cgroup_v1;  ///< Slice[] of absolute directories to join
  Slice cgroup_v2;  ///< absolute directory, empty: none
  Slice oom_events; ///< file that counts OOM kills
  // Execs leave the rest empty.
  PlanLog log;
  std::uint64_t namespaces = 0; ///< CLONE_NEW* to create
  Slice joined_namespaces;      ///< PlanNamespacePath[]
  Slice uid_map, gid_map;       ///< PlanIdMap[]
  Slice staging;                ///< absolute directory where the root is assembled
  Slice rootfs, mounts;         ///< PlanMount[]
  Slice devices;                ///< PlanDevice[]
  Slice masked, readonly;       ///< Slice[] of paths
  Slice sysctls;                ///< PlanPair[]
  Slice hostname, domainname;   ///< strings
  Slice cgroup_controllers;     ///< PlanPair[]: directory name below /sys/fs/cgroup → mount data, for v1 "cgroup" mounts
  std::uint32_t cgroup_version = 1;
  std::uint32_t readonly_root = 0;
  std::uint32_t root_propagation = 0;      ///< MS_*
  std::uint32_t await_ready = 0;           ///< init says when it waits for its start, and create is answered then
  PlanRuntime runtime;                     ///< an exec fills in the last two only
  Slice create_container, start_container; ///< PlanHook[]
  Slice state_before, state_after;         ///< their stdin: OCI state around the number of the pid
  std::uint32_t log_flags = 0;             ///< plan_log_*
  Slice log_attrs;                         ///< JSON object that every log line carries; empty: none
  Slice mount_label;                       ///< SELinux context of what is mounted; empty: none
};

template <typename T>
struct Span {
  const T* data = nullptr;
  std::uint32_t count = 0;
  const T* begin() const { return data; }
  const T* end() const { return data + count; }
  const T& operator[](std::uint32_t i) const { return data[i]; }
  bool empty() const { return count == 0; }
};

/// Reads a block. A slice that leaves the block reads as empty, so a damaged plan cannot lead outside of it.
class PlanView {
 public:
  PlanView() = default;
  PlanView(const void* base, std::size_t size) : base_(static_cast<const char*>(base)), size_(size) {}

  bool valid() const {
    return size_ >= sizeof(Plan) && head().magic == plan_magic && head().size <= size_ && head().head_size >= sizeof(Plan);
  }
  const Plan& head() const { return *reinterpret_cast<const Plan*>(base_); }
  const Plan* operator->() const { return &head(); }

  /// Never null.
  const char* string(Slice s) const {
    const bool inside = s.offset && std::uint64_t{s.offset} + s.count < size_ && base_[s.offset + s.count] == 0;
    return inside ? base_ + s.offset : "";
  }
  template <typename T>
  Span<T> array(Slice s) const {
    const bool inside = s.offset && s.offset + std::uint64_t{s.count} * sizeof(T) <= size_;
    return inside ? Span<T>{reinterpret_cast<const T*>(base_ + s.offset), s.count} : Span<T>{};
  }
  Span<Slice> strings(Slice s) const { return array<Slice>(s); }
  const void* base() const { return base_; }
  std::size_t size() const { return size_; }

 private:
  const char* base_ = nullptr;
  std::size_t size_ = 0;
};

} // namespace gantry::runtime_linux
