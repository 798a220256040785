/* The binary boundary between the engine and a plugin: C11, no dependencies.
 *
 * A plugin exports one symbol, gantry_plugin_entry_v1. Everything else is found through what it returns and through the
 * structs it is given; a plugin imports nothing from the engine.
 *
 * Rules. Structs and tables that begin with `size` only ever grow at the tail, and zero in a new member means the old
 * behaviour; the reader copies min(size, its own size) into a zeroed local and looks only at that. Arguments are borrowed
 * for the call; results go to a sink during the call; a descriptor changes owner only through a member named *_take.
 * Neither side frees what the other allocated, and no exception crosses. While GANTRY_ABI_MAJOR is 0 the minor must match
 * exactly.
 *
 * Thread tags: [main] serialised per driver instance; [op] concurrent, serialised by the host per object id; [any]. */
#ifndef GANTRY_ABI_V1_CORE_H
#define GANTRY_ABI_V1_CORE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GANTRY_ABI_MAJOR 0
#define GANTRY_ABI_MINOR 2

#define GANTRY_ENTRY_SYMBOL "gantry_plugin_entry_v1"

/* Borrowed UTF-8 bytes, not terminated. len 0: empty, whatever ptr is. Never grows. */
typedef struct gantry_str {
  const char* ptr;
  uint64_t len;
} gantry_str;

/* `count` elements, `stride` bytes apart. Never grows. */
typedef struct gantry_array {
  const void* ptr;
  uint32_t count;
  uint32_t stride;
} gantry_array;

/* Never grows. */
typedef struct gantry_kv {
  gantry_str key;
  gantry_str value;
} gantry_kv;

/* Result of every operation that can fail: 0, or a code below that was also given to call->fail. gRPC's numbers, and two
 * of our own. */
#define GANTRY_OK 0
#define GANTRY_CANCELLED 1
#define GANTRY_UNKNOWN 2
#define GANTRY_INVALID 3
#define GANTRY_DEADLINE_EXCEEDED 4
#define GANTRY_NOT_FOUND 5
#define GANTRY_ALREADY_EXISTS 6
#define GANTRY_FORBIDDEN 7
#define GANTRY_RESOURCE_EXHAUSTED 8
#define GANTRY_FAILED_PRECONDITION 9
#define GANTRY_ABORTED 10
#define GANTRY_OUT_OF_RANGE 11
#define GANTRY_NOT_IMPLEMENTED 12
#define GANTRY_INTERNAL 13
#define GANTRY_UNAVAILABLE 14
#define GANTRY_DATA_LOSS 15
#define GANTRY_UNAUTHORIZED 16
#define GANTRY_IN_USE 17
#define GANTRY_FORBIDDEN_STATE 18

/* Where an operation puts its results, before it returns: once per item. Each operation says what `item` points to; it is
 * borrowed for the call of `put`. A null sink means that the operation has no result. */
typedef struct gantry_sink {
  uint32_t size;
  uint32_t reserved;
  void* ctx;
  void (*put)(void* ctx, const void* item);
} gantry_sink;

/* One operation in flight. Valid until the operation returns. Every function is required and [any]. */
typedef struct gantry_call {
  uint32_t size;
  uint32_t reserved;
  void* ctx;
  int64_t deadline_ns;   /* CLOCK_MONOTONIC; 0: none */
  gantry_str request_id; /* for logs; may be empty */
  uint32_t (*cancelled)(void* ctx);
  /* Readable once cancelled; borrowed; -1 when the call is never cancelled. */
  int32_t (*cancel_fd)(void* ctx);
  void (*progress)(void* ctx, uint64_t current, uint64_t total);
  /* Says why the operation is about to return `code`. message: a sentence; reason: a stable token or empty. */
  void (*fail)(void* ctx, int32_t code, int32_t os_errno, const gantry_str* reason, const gantry_str* message);
} gantry_call;

#define GANTRY_LOG_TRACE 0
#define GANTRY_LOG_DEBUG 1
#define GANTRY_LOG_INFO 2
#define GANTRY_LOG_WARN 3
#define GANTRY_LOG_ERROR 4

/* What the engine gives a driver instance; valid until `destroy` returned. Functions are required and [any]. */
typedef struct gantry_host {
  uint32_t size;
  uint32_t reserved;
  void* ctx;
  gantry_str state_dir;   /* absolute, 0700, persists, this instance's own */
  gantry_str run_dir;     /* absolute, 0700, gone after a reboot */
  gantry_str libexec_dir; /* helper executables shipped with the plugin */
  gantry_str instance;    /* name of the daemon, unique on the machine: [a-z0-9-]{1,12} */
  void (*log)(void* ctx, int32_t level, const gantry_str* message);
  /* Table of a further host service by id ("gantry.draft.secrets/1"); null when this engine has none of that id. */
  const void* (*service)(void* ctx, const gantry_str* id);
} gantry_host;

/* A driver that a plugin offers. All members are required. */
typedef struct gantry_driver {
  uint32_t size;
  uint32_t reserved;
  gantry_str name;      /* [a-z0-9][a-z0-9-]*, unique in the plugin */
  gantry_str interface; /* "gantry.storage/1": which table `table` points to */
  const void* table;
  /* [main] Makes the instance from its state directory. `config_json` matches the manifest's schema, defaults filled in.
   * Puts the instance into *self. invalid for the configuration, or any other code. */
  int32_t (*create)(const gantry_call* call, const gantry_host* host, const gantry_str* config_json, void** self);
  /* [main] No operation is running. Containers, mounts and data stay. */
  void (*destroy)(void* self);
} gantry_driver;

/* Static data of the plugin. */
typedef struct gantry_plugin {
  uint32_t size;
  uint32_t abi_major;
  uint32_t abi_minor;
  uint32_t reserved;
  gantry_str id;        /* reverse DNS, as in the manifest */
  gantry_str version;   /* as in the manifest */
  gantry_array drivers; /* of gantry_driver */
} gantry_plugin;

/* What the plugin learns before anything else. */
typedef struct gantry_engine {
  uint32_t size;
  uint32_t abi_major;
  uint32_t abi_minor;
  uint32_t reserved;
} gantry_engine;

/* The exported symbol. Called once, first; allocates nothing that has to be freed; null: refuses this engine. */
typedef const gantry_plugin* gantry_plugin_entry(const gantry_engine* engine);

/* A mount as storage and volume drivers describe it and the container's init performs it. */
typedef struct gantry_mount {
  uint32_t size;
  uint32_t reserved;
  gantry_str type;
  gantry_str source;
  gantry_str target;    /* empty: a root file system */
  gantry_array options; /* of gantry_str */
} gantry_mount;

#ifdef __cplusplus
}
#endif

#endif
