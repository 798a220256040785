#include <gantry/sdk/plugin.hpp>

#include "overlay_driver.hpp"

GANTRY_PLUGIN("io.gantry.storage-overlay", "0.1.0", gantry::driver<gantry::storage_overlay::OverlayDriver>("overlay"))
