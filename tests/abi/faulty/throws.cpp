#include <cstdint>

#include "minimal.h"

namespace {

std::int32_t throw_int(void*, const gantry_call*, const gantry_sink*) { throw 42; }

} // namespace

extern "C" ENTRY {
  (void)engine;
  gantry_storage_table table = minimal_table();
  table.name = throw_int;
  return minimal_plugin(table);
}
