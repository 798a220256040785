#include "minimal.h"

/* Every result is malformed in another way. */
static int32_t no_text(void* self, const gantry_call* call, const gantry_sink* sink) {
  const gantry_str name = {0, 5};
  (void)self, (void)call;
  sink->put(sink->ctx, &name);
  return GANTRY_OK;
}
static int32_t unknown_code(void* self, const gantry_call* call, const gantry_str* id, const gantry_sink* sink) {
  (void)self, (void)call, (void)id, (void)sink;
  return 4711;
}
static int32_t silent_failure(void* self, const gantry_call* call, const gantry_str* id) {
  (void)self, (void)call, (void)id;
  return GANTRY_INTERNAL;
}
static int32_t unknown_kind(void* self, const gantry_call* call, const gantry_str* id, const gantry_sink* sink) {
  gantry_snapshot_info info;
  (void)self, (void)call;
  memset(&info, 0, sizeof info);
  info.size = sizeof info;
  info.kind = 99;
  info.id = *id;
  sink->put(sink->ctx, &info);
  return GANTRY_OK;
}

ENTRY {
  gantry_storage_table table = minimal_table();
  (void)engine;
  table.name = no_text;
  table.mounts = unknown_code;
  table.remove = silent_failure;
  table.stat = unknown_kind;
  return minimal_plugin(table);
}
