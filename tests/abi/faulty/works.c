#include "minimal.h"

ENTRY {
  (void)engine;
  return minimal_plugin(minimal_table());
}
