#include <gantry/sdk/plugin.hpp>

#include "macvlan_driver.hpp"

GANTRY_PLUGIN("io.gantry.net-macvlan", "0.1.0", gantry::driver<gantry::net_macvlan::MacvlanDriver>("macvlan"))
