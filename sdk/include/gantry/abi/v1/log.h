/* The log driver, interface "gantry.log/1": delivers what containers have logged to somewhere else. The meaning of every
 * member is told in gantry/sdk/log.hpp, whose class and structs these mirror one to one. */
#ifndef GANTRY_ABI_V1_LOG_H
#define GANTRY_ABI_V1_LOG_H

#include <gantry/abi/v1/core.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_LOG_INTERFACE "gantry.log/1"

typedef struct gantry_log_source {
  uint32_t size;
  uint32_t reserved;
  gantry_str id;
  gantry_str name;
  gantry_str image_id;
  gantry_str image_name;
  gantry_str command;
  gantry_str tag;
  int64_t created_ns;
  gantry_array options;    /* of gantry_kv */
  gantry_array attributes; /* of gantry_kv */
} gantry_log_source;

#define GANTRY_LOG_RECORD_STDERR 1u
#define GANTRY_LOG_RECORD_MORE 2u

typedef struct gantry_log_record {
  uint32_t size;
  uint32_t flags; /* GANTRY_LOG_RECORD_* */
  int64_t time_ns;
  gantry_str text;
  uint64_t line;
  uint32_t part; /* 0: the whole line */
  uint32_t reserved;
} gantry_log_record;

/* How many records of a batch arrived. */
typedef struct gantry_log_progress {
  uint32_t size;
  uint32_t reserved;
  uint64_t delivered;
} gantry_log_progress;

/* Items put into the sink stand after the arrow. Calls about one container are serialised. */
typedef struct gantry_log_table {
  uint32_t size;
  uint32_t reserved;
  /* Required [any]. options: of gantry_kv. invalid. */
  int32_t (*validate)(void* self, const gantry_call* call, const gantry_array* options);
  /* Required, idempotent [op]. Does not wait for the target. invalid. */
  int32_t (*open)(void* self, const gantry_call* call, const gantry_log_source* source);
  /* Required [op] → one gantry_log_progress, also before it fails. records: of gantry_log_record.
   * unavailable, cancelled, not_found (not open). */
  int32_t (*write)(void* self, const gantry_call* call, const gantry_str* id, const gantry_array* records,
                   const gantry_sink* sink);
  /* Required, idempotent [op]. */
  int32_t (*close)(void* self, const gantry_call* call, const gantry_str* id);
} gantry_log_table;

#ifdef __cplusplus
}
#endif

#endif
