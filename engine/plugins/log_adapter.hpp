#pragma once

#include <memory>

#include <gantry/abi/v1/log.h>
#include <gantry/sdk/log.hpp>

#include "plugins/instance.hpp"

namespace gantry::plugins {

/// A plugin's log driver as the engine calls it. Errors of the driver arrive as they were thrown there.
std::unique_ptr<LogDriver> adapt_log(const gantry_log_table& table, std::unique_ptr<DriverInstance> instance);

} // namespace gantry::plugins
