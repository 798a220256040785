#include "minimal.h"

ENTRY {
  gantry_plugin* plugin = minimal_plugin(minimal_table());
  (void)engine;
  plugin->abi_major = 2;
  plugin->abi_minor = 0;
  return plugin;
}
