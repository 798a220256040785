#include "minimal.h"

ENTRY {
  (void)engine, (void)minimal_table, (void)minimal_plugin;
  return 0;
}
