#include "minimal.h"

ENTRY {
  gantry_plugin* plugin = minimal_plugin(minimal_table());
  (void)engine;
  plugin->id = minimal_str("org.example.other");
  return plugin;
}
