#include "minimal.h"

static int32_t crash(void* self, const gantry_call* call, const gantry_sink* sink) {
  (void)self, (void)call, (void)sink;
  __builtin_trap();
}

ENTRY {
  gantry_storage_table table = minimal_table();
  (void)engine;
  table.name = crash;
  return minimal_plugin(table);
}
