#include "minimal.h"

ENTRY {
  gantry_plugin* plugin = minimal_plugin(minimal_table());
  (void)engine;
  plugin->size = 16;
  return plugin;
}
