/* DRAFT: the volume driver, interface "gantry.draft.volume/1". Any engine may change or drop it. */
#ifndef GANTRY_ABI_V1_DRAFT_VOLUME_H
#define GANTRY_ABI_V1_DRAFT_VOLUME_H

#include <gantry/abi/v1/core.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_VOLUME_INTERFACE "gantry.draft.volume/1"

#define GANTRY_VOLUME_READ_ONLY 1u

typedef struct gantry_volume_create {
  uint32_t size;
  uint32_t reserved;
  gantry_str name;
  gantry_array options; /* of gantry_kv */
  gantry_array labels;  /* of gantry_kv */
} gantry_volume_create;

typedef struct gantry_volume_info {
  uint32_t size;
  uint32_t reserved;
  gantry_str name;
  gantry_str mountpoint; /* host path; empty: it has none */
  int64_t created_ns;    /* CLOCK_REALTIME */
  gantry_array options;  /* of gantry_kv */
  gantry_array labels;   /* of gantry_kv */
} gantry_volume_info;

typedef struct gantry_volume_usage {
  uint32_t size;
  uint32_t reserved;
  uint64_t bytes;
  uint64_t inodes;
} gantry_volume_usage;

/* Items put into the sink stand after the arrow. */
typedef struct gantry_volume_table {
  uint32_t size;
  uint32_t reserved;
  /* Required, idempotent by name [op]. invalid (an option). */
  int32_t (*create)(void* self, const gantry_call* call, const gantry_volume_create* request);
  /* Required, idempotent [op]. in_use without force. */
  int32_t (*remove)(void* self, const gantry_call* call, const gantry_str* name, uint32_t force);
  /* Required, idempotent by mount_id [op] → one gantry_mount. not_found. */
  int32_t (*mount)(void* self, const gantry_call* call, const gantry_str* name, const gantry_str* mount_id, uint32_t flags,
                   const gantry_sink* sink);
  /* Required, idempotent [op]. */
  int32_t (*unmount)(void* self, const gantry_call* call, const gantry_str* name, const gantry_str* mount_id);
  /* Required [op] → no item when missing, else one gantry_volume_info */
  int32_t (*get)(void* self, const gantry_call* call, const gantry_str* name, const gantry_sink* sink);
  /* Required [any] → one gantry_volume_info per volume */
  int32_t (*list)(void* self, const gantry_call* call, const gantry_sink* sink);
  /* Optional [op] → one gantry_volume_usage. not_found. */
  int32_t (*usage)(void* self, const gantry_call* call, const gantry_str* name, const gantry_sink* sink);
  /* Required, idempotent [main]. live_mounts: of gantry_str. */
  int32_t (*reconcile)(void* self, const gantry_call* call, const gantry_array* live_mounts);
} gantry_volume_table;

#ifdef __cplusplus
}
#endif

#endif
