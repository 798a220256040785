#include "minimal.h"

/* Ends before `prepare`, as a table of an older interface would. */
ENTRY {
  gantry_storage_table table = minimal_table();
  (void)engine;
  table.size = 24;
  return minimal_plugin(table);
}
