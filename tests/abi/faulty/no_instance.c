#include "minimal.h"

static int32_t forget(const gantry_call* call, const gantry_host* host, const gantry_str* config, void** self) {
  (void)call, (void)host, (void)config, (void)self;
  return GANTRY_OK;
}

ENTRY {
  gantry_plugin* plugin = minimal_plugin(minimal_table());
  (void)engine;
  the_driver.create = forget;
  return plugin;
}
