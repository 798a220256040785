#include <gantry/sdk/plugin.hpp>

#include "dir_storage.hpp"

GANTRY_PLUGIN("com.example.storage-dir", "1.0.0", gantry::driver<DirStorage>("dir"))
