/* The volume driver, interface "gantry.volume/1": directory trees that outlive containers. The meaning of every member is
 * told in gantry/sdk/volume.hpp, whose class and structs these mirror one to one. */
#ifndef GANTRY_ABI_V1_VOLUME_H
#define GANTRY_ABI_V1_VOLUME_H

#include <gantry/abi/v1/core.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_VOLUME_INTERFACE "gantry.volume/1"

typedef struct gantry_volume_create {
  uint32_t size;
  uint32_t reserved;
  gantry_str name;
  gantry_array options; /* of gantry_kv */
  gantry_array labels;  /* of gantry_kv */
} gantry_volume_create;

typedef struct gantry_volume_info {
  uint32_t size;
  uint32_t flags; /* GANTRY_VOLUME_* */
  gantry_str name;
  gantry_str mountpoint; /* host path; empty: it has none now */
  int64_t created_ns;    /* CLOCK_REALTIME; 0: not known */
  gantry_array options;  /* of gantry_kv */
  gantry_array labels;   /* of gantry_kv */
  gantry_array status;   /* of gantry_kv */
} gantry_volume_info;

/* Reached from every machine by the same name. */
#define GANTRY_VOLUME_GLOBAL 1u

typedef struct gantry_volume_usage {
  uint32_t size;
  uint32_t reserved;
  uint64_t bytes;
  uint64_t inodes;
} gantry_volume_usage;

/* Items put into the sink stand after the arrow. Calls about one volume are serialised. */
typedef struct gantry_volume_table {
  uint32_t size;
  uint32_t reserved;
  /* Required, idempotent by name [op]. invalid (name, an option). */
  int32_t (*create)(void* self, const gantry_call* call, const gantry_volume_create* request);
  /* Required, idempotent [op]. in_use without force. */
  int32_t (*remove)(void* self, const gantry_call* call, const gantry_str* name, uint32_t force);
  /* Required, idempotent by mount_id [op] → one gantry_mount. not_found. */
  int32_t (*mount)(void* self, const gantry_call* call, const gantry_str* name, const gantry_str* mount_id,
                   const gantry_sink* sink);
  /* Required, idempotent [op]. */
  int32_t (*unmount)(void* self, const gantry_call* call, const gantry_str* name, const gantry_str* mount_id);
  /* Required [op] → no item when missing, else one gantry_volume_info */
  int32_t (*get)(void* self, const gantry_call* call, const gantry_str* name, const gantry_sink* sink);
  /* Required [any] → one gantry_volume_info per volume */
  int32_t (*list)(void* self, const gantry_call* call, const gantry_sink* sink);
  /* Required, idempotent [main]. live_mounts: of gantry_str, mount ids. */
  int32_t (*reconcile)(void* self, const gantry_call* call, const gantry_array* live_mounts);
  /* Optional [op] → one gantry_volume_usage. not_found. */
  int32_t (*usage)(void* self, const gantry_call* call, const gantry_str* name, const gantry_sink* sink);
  /* Optional [op]. not_found, already_exists, in_use. */
  int32_t (*rename)(void* self, const gantry_call* call, const gantry_str* name, const gantry_str* new_name);
  /* Optional [op]. not_found (source), already_exists, not_implemented (the file system). */
  int32_t (*snapshot)(void* self, const gantry_call* call, const gantry_volume_create* request, const gantry_str* source);
} gantry_volume_table;

#ifdef __cplusplus
}
#endif

#endif
