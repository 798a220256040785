#include "minimal.h"

#include <sys/stat.h>
#include <unistd.h>

static int32_t change_umask(void* self, const gantry_call* call, const gantry_str* id) {
  (void)self, (void)call, (void)id;
  umask(0777);
  return GANTRY_OK;
}
static int32_t change_directory(void* self, const gantry_call* call, const gantry_array* live) {
  (void)self, (void)call, (void)live;
  return chdir("/") == 0 ? GANTRY_OK : GANTRY_INTERNAL;
}

ENTRY {
  gantry_storage_table table = minimal_table();
  (void)engine;
  table.remove = change_umask;
  table.reconcile = change_directory;
  return minimal_plugin(table);
}
