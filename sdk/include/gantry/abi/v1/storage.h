/* The storage driver, interface "gantry.storage/1": snapshots and layers. The meaning of every member is told in
 * gantry/sdk/storage.hpp, whose class and structs these mirror one to one. */
#ifndef GANTRY_ABI_V1_STORAGE_H
#define GANTRY_ABI_V1_STORAGE_H

#include <gantry/abi/v1/core.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_STORAGE_INTERFACE "gantry.storage/1"

#define GANTRY_SNAPSHOT_ACTIVE 0
#define GANTRY_SNAPSHOT_COMMITTED 1
#define GANTRY_SNAPSHOT_VIEW 2

typedef struct gantry_snapshot_info {
  uint32_t size;
  int32_t kind; /* GANTRY_SNAPSHOT_* */
  gantry_str id;
  gantry_str parent;
} gantry_snapshot_info;

typedef struct gantry_snapshot_options {
  uint32_t size;
  uint32_t reserved;
  uint64_t quota_bytes; /* 0: none */
} gantry_snapshot_options;

typedef struct gantry_disk_usage {
  uint32_t size;
  uint32_t reserved;
  uint64_t bytes;
  uint64_t inodes;
} gantry_disk_usage;

typedef struct gantry_applied_layer {
  uint32_t size;
  uint32_t reserved;
  gantry_str diff_id; /* "sha256:<hex>" of the uncompressed tar */
  uint64_t bytes;     /* files and symbolic links */
} gantry_applied_layer;

#define GANTRY_CHANGE_MODIFIED 0
#define GANTRY_CHANGE_ADDED 1
#define GANTRY_CHANGE_DELETED 2

typedef struct gantry_change {
  uint32_t size;
  int32_t kind; /* GANTRY_CHANGE_* */
  gantry_str path;
} gantry_change;

/* Items put into the sink stand after the arrow. */
typedef struct gantry_storage_table {
  uint32_t size;
  uint32_t reserved;
  /* Required [any] → one gantry_str */
  int32_t (*name)(void* self, const gantry_call* call, const gantry_sink* sink);
  /* Required [any] → one gantry_kv per line of `docker info` */
  int32_t (*status)(void* self, const gantry_call* call, const gantry_sink* sink);
  /* Required [op] → one gantry_mount per mount. already_exists, not_found (the parent), not_implemented (a quota). */
  int32_t (*prepare)(void* self, const gantry_call* call, const gantry_str* key, const gantry_str* parent,
                     const gantry_snapshot_options* options, const gantry_sink* sink);
  /* Required [op] → one gantry_mount per mount. already_exists, not_found. */
  int32_t (*view)(void* self, const gantry_call* call, const gantry_str* key, const gantry_str* parent, const gantry_sink* sink);
  /* Required [op] → one gantry_mount per mount. not_found. */
  int32_t (*mounts)(void* self, const gantry_call* call, const gantry_str* key, const gantry_sink* sink);
  /* Required [op]. not_found, already_exists (name with another parent). Idempotent for the same name and parent. */
  int32_t (*commit)(void* self, const gantry_call* call, const gantry_str* name, const gantry_str* key, const gantry_str* parent);
  /* Required, idempotent [op]. in_use. */
  int32_t (*remove)(void* self, const gantry_call* call, const gantry_str* id);
  /* Required [op] → no item when missing, else one gantry_snapshot_info */
  int32_t (*stat)(void* self, const gantry_call* call, const gantry_str* id, const gantry_sink* sink);
  /* Required [any] → one gantry_snapshot_info per snapshot */
  int32_t (*list)(void* self, const gantry_call* call, const gantry_sink* sink);
  /* Required [op] → one gantry_disk_usage. not_found. */
  int32_t (*usage)(void* self, const gantry_call* call, const gantry_str* id, const gantry_sink* sink);
  /* Required, idempotent [main]. live_keys: of gantry_str. */
  int32_t (*reconcile)(void* self, const gantry_call* call, const gantry_array* live_keys);
  /* Optional [op] → one gantry_kv per host path (LowerDir, MergedDir, UpperDir, WorkDir). not_found. */
  int32_t (*graph_data)(void* self, const gantry_call* call, const gantry_str* id, const gantry_sink* sink);
  /* Optional group {apply, diff, export_tree, changes}: a driver without it cannot hold images.
   * [op] → one gantry_applied_layer; reads `in_fd`, which is borrowed, to its end. not_found, invalid (the tar). */
  int32_t (*apply)(void* self, const gantry_call* call, const gantry_str* key, int32_t in_fd, const gantry_sink* sink);
  /* [op] → one gantry_applied_layer; writes to `out_fd`, which is borrowed. not_found. */
  int32_t (*diff)(void* self, const gantry_call* call, const gantry_str* id, int32_t out_fd, const gantry_sink* sink);
  /* [op] writes to `out_fd`, which is borrowed. not_found. */
  int32_t (*export_tree)(void* self, const gantry_call* call, const gantry_str* id, int32_t out_fd);
  /* [op] → one gantry_change per path. not_found. */
  int32_t (*changes)(void* self, const gantry_call* call, const gantry_str* key, const gantry_sink* sink);
} gantry_storage_table;

#ifdef __cplusplus
}
#endif

#endif
