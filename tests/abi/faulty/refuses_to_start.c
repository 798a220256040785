#include "minimal.h"

static int32_t refuse(const gantry_call* call, const gantry_host* host, const gantry_str* config, void** self) {
  const gantry_str reason = minimal_str("no_disk"), message = minimal_str("no disk of the name /dev/none");
  (void)host, (void)config, (void)self;
  call->fail(call->ctx, GANTRY_UNAVAILABLE, 0, &reason, &message);
  return GANTRY_UNAVAILABLE;
}

ENTRY {
  gantry_plugin* plugin = minimal_plugin(minimal_table());
  (void)engine;
  the_driver.create = refuse;
  return plugin;
}
