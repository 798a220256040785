#include "minimal.h"

ENTRY {
  gantry_plugin* plugin = minimal_plugin(minimal_table());
  (void)engine;
  the_driver.table = 0;
  return plugin;
}
