#include <gantry/sdk/plugin.hpp>

#include "log-fluentd/fluentd_driver.hpp"

GANTRY_PLUGIN("io.gantry.log-fluentd", "0.1.0", gantry::driver<gantry::log_fluentd::FluentdDriver>("fluentd"))
