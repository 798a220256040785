#include <gantry/sdk/plugin.hpp>

#include "bridge_driver.hpp"

GANTRY_PLUGIN("io.gantry.net-bridge", "0.1.0", gantry::driver<gantry::net_bridge::BridgeDriver>("bridge"))
