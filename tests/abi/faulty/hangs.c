#include "minimal.h"

#include <unistd.h>

static int32_t hang(void* self, const gantry_call* call, const gantry_sink* sink) {
  (void)self, (void)call, (void)sink;
  for (;;) pause();
  return GANTRY_OK;
}

ENTRY {
  gantry_storage_table table = minimal_table();
  (void)engine;
  table.name = hang;
  return minimal_plugin(table);
}
