#include <gantry/sdk/plugin.hpp>

#include "log-syslog/syslog_driver.hpp"

GANTRY_PLUGIN("io.gantry.log-syslog", "0.1.0", gantry::driver<gantry::log_syslog::SyslogDriver>("syslog"))
