/* The runtime driver, interface "gantry.runtime/1": OCI runtime-spec JSON in, processes out. The meaning of every member
 * is told in gantry/sdk/runtime.hpp, whose class and structs these mirror one to one. */
#ifndef GANTRY_ABI_V1_RUNTIME_H
#define GANTRY_ABI_V1_RUNTIME_H

#include <gantry/abi/v1/core.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_RUNTIME_INTERFACE "gantry.runtime/1"

#define GANTRY_RUNTIME_APPARMOR 1u
#define GANTRY_RUNTIME_SECCOMP 2u
#define GANTRY_RUNTIME_USERNS 4u
#define GANTRY_RUNTIME_EXTERNAL 8u /* understands gantry_runtime_create::runtime */

typedef struct gantry_runtime_features {
  uint32_t size;
  uint32_t cgroup_version; /* 1 or 2 */
  uint32_t flags;          /* GANTRY_RUNTIME_* */
  uint32_t reserved;
  gantry_str version;
  gantry_str cgroup_driver;
} gantry_runtime_features;

#define GANTRY_STDIO_TTY 1u
#define GANTRY_STDIO_OPEN_STDIN 2u
#define GANTRY_STDIO_STDIN_ONCE 4u

typedef struct gantry_stdio {
  uint32_t size;
  uint32_t flags; /* GANTRY_STDIO_* */
  uint32_t rows;  /* 0: unknown */
  uint32_t cols;
} gantry_stdio;

#define GANTRY_LOG_POLICY_EXACT 1u
#define GANTRY_LOG_POLICY_COUNTED 2u

typedef struct gantry_log_policy {
  uint32_t size;
  uint32_t max_files;
  uint64_t max_bytes; /* 0: no rotation */
  gantry_str format;  /* "json-file" or "none" */
  gantry_str path;
  gantry_str attrs_json; /* object that every line carries; may be empty */
  uint32_t flags;        /* GANTRY_LOG_POLICY_* */
  uint32_t reserved;
} gantry_log_policy;

typedef struct gantry_runtime_create {
  uint32_t size;
  uint32_t reserved;
  gantry_str id;
  gantry_str bundle;
  gantry_str oci_spec_json;
  gantry_array rootfs; /* of gantry_mount */
  gantry_str user;
  gantry_array groups; /* of gantry_str */
  const gantry_stdio* stdio;
  const gantry_log_policy* log;
  gantry_str runtime; /* sent to drivers with GANTRY_RUNTIME_EXTERNAL only */
} gantry_runtime_create;

#define GANTRY_ATTACH_IN 1u
#define GANTRY_ATTACH_OUT 2u
#define GANTRY_ATTACH_ERR 4u
#define GANTRY_ATTACH_FRAMED 8u
#define GANTRY_ATTACH_REPLAY_LOG 16u
#define GANTRY_ATTACH_STREAM 32u

typedef struct gantry_runtime_attach {
  uint32_t size;
  uint32_t flags;         /* GANTRY_ATTACH_* */
  int32_t client_fd_take; /* connected stream socket; the driver owns it whether the operation succeeds or not */
  uint32_t reserved;
  gantry_str id;
  gantry_str exec_id;
  gantry_str detach_keys;
  gantry_str pending;
} gantry_runtime_attach;

typedef struct gantry_runtime_exec {
  uint32_t size;
  uint32_t reserved;
  gantry_str id;
  gantry_str exec_id;
  gantry_str oci_process_json;
  gantry_str user;
  gantry_array groups; /* of gantry_str */
  const gantry_stdio* stdio;
  const gantry_runtime_attach* attach; /* null: nobody */
} gantry_runtime_exec;

#define GANTRY_RUNTIME_CREATED 0
#define GANTRY_RUNTIME_RUNNING 1
#define GANTRY_RUNTIME_PAUSED 2
#define GANTRY_RUNTIME_STOPPED 3

typedef struct gantry_runtime_process {
  uint32_t size;
  int32_t pid;
  int32_t exit_fd_take; /* the host owns it from `put` on */
  int32_t state;        /* GANTRY_RUNTIME_*; for reattach */
  gantry_str state_json;
} gantry_runtime_process;

typedef struct gantry_runtime_exit {
  uint32_t size;
  int32_t code;
  int32_t signal;
  uint32_t oom_killed;
  int64_t time_ns; /* CLOCK_REALTIME */
} gantry_runtime_exit;

typedef struct gantry_runtime_stats {
  uint32_t size;
  uint32_t reserved;
  uint64_t cpu_total_ns;
  uint64_t cpu_user_ns;
  uint64_t cpu_system_ns;
  uint64_t memory_usage;
  uint64_t memory_limit;
  uint64_t memory_max_usage;
  uint64_t pids;
  uint64_t pids_limit;
  gantry_str extra_json;
} gantry_runtime_stats;

/* exec_id "" means the container itself. Items put into the sink stand after the arrow. */
typedef struct gantry_runtime_table {
  uint32_t size;
  uint32_t reserved;
  /* Required [any] → one gantry_runtime_features */
  int32_t (*features)(void* self, const gantry_call* call, const gantry_sink* sink);
  /* Required [op] → one gantry_runtime_process. invalid, already_exists, internal; a failure leaves nothing behind. */
  int32_t (*create)(void* self, const gantry_call* call, const gantry_runtime_create* request, const gantry_sink* sink);
  /* Required [op]. not_found, forbidden, failed_precondition with a reason; the container is then gone. */
  int32_t (*start)(void* self, const gantry_call* call, const gantry_str* id);
  /* Required [any]. all: every process of the container. not_found once it has exited. */
  int32_t (*signal)(void* self, const gantry_call* call, const gantry_str* id, const gantry_str* exec_id, int32_t signo,
                    uint32_t all);
  /* Optional group {pause, resume} [op]. forbidden_state when it is not running / not paused. */
  int32_t (*pause)(void* self, const gantry_call* call, const gantry_str* id);
  int32_t (*resume)(void* self, const gantry_call* call, const gantry_str* id);
  /* Optional [op]. invalid, not_found. */
  int32_t (*update)(void* self, const gantry_call* call, const gantry_str* id, const gantry_str* resources_json);
  /* Required, idempotent [op]. forbidden_state for a live one without force. */
  int32_t (*remove)(void* self, const gantry_call* call, const gantry_str* id, uint32_t force);
  /* Optional group {exec, execs, reattach_exec} [any] → one gantry_runtime_process */
  int32_t (*exec)(void* self, const gantry_call* call, const gantry_runtime_exec* request, const gantry_sink* sink);
  /* Required [any]. forbidden_state without a terminal. */
  int32_t (*resize)(void* self, const gantry_call* call, const gantry_str* id, const gantry_str* exec_id, uint32_t rows,
                    uint32_t cols);
  /* Required, idempotent [any]. */
  int32_t (*close_stdin)(void* self, const gantry_call* call, const gantry_str* id, const gantry_str* exec_id);
  /* Required [any]. */
  int32_t (*attach)(void* self, const gantry_call* call, const gantry_runtime_attach* request);
  /* Required [any] → no item while it runs, then one gantry_runtime_exit. */
  int32_t (*exit_info)(void* self, const gantry_call* call, const gantry_str* id, const gantry_str* exec_id,
                       const gantry_sink* sink);
  /* Optional [any] → one gantry_runtime_stats */
  int32_t (*stats)(void* self, const gantry_call* call, const gantry_str* id, const gantry_sink* sink);
  /* Required [any] → one int32_t per process, host pids */
  int32_t (*processes)(void* self, const gantry_call* call, const gantry_str* id, const gantry_sink* sink);
  /* Required [op] → one gantry_runtime_process. not_found when nothing of the id is left. */
  int32_t (*reattach)(void* self, const gantry_call* call, const gantry_str* id, const gantry_str* state_json,
                      const gantry_sink* sink);
  /* With exec [any] → one gantry_str per exec */
  int32_t (*execs)(void* self, const gantry_call* call, const gantry_str* id, const gantry_sink* sink);
  /* With exec [op] → one gantry_runtime_process */
  int32_t (*reattach_exec)(void* self, const gantry_call* call, const gantry_str* id, const gantry_str* exec_id,
                           const gantry_sink* sink);
  /* Required, idempotent [main]. live_ids: of gantry_str. */
  int32_t (*reconcile)(void* self, const gantry_call* call, const gantry_array* live_ids);
  /* Optional group {mount, unmount} [op]. invalid, not_found, forbidden_state. */
  int32_t (*mount)(void* self, const gantry_call* call, const gantry_str* id, const gantry_mount* mount);
  int32_t (*unmount)(void* self, const gantry_call* call, const gantry_str* id, const gantry_str* target);
  /* Optional [main]. invalid, and then nothing changes. */
  int32_t (*reconfigure)(void* self, const gantry_call* call, const gantry_str* config_json);
} gantry_runtime_table;

#ifdef __cplusplus
}
#endif

#endif
