#include "minimal.h"

static int32_t only_apply(void* self, const gantry_call* call, const gantry_str* key, int32_t in_fd, const gantry_sink* sink) {
  (void)self, (void)call, (void)key, (void)in_fd, (void)sink;
  return GANTRY_OK;
}

ENTRY {
  gantry_storage_table table = minimal_table();
  (void)engine;
  table.apply = only_apply;
  return minimal_plugin(table);
}
