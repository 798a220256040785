#pragma once

#include <memory>

#include <gantry/abi/v1/runtime.h>
#include <gantry/sdk/runtime.hpp>

#include "plugins/instance.hpp"

namespace gantry::plugins {

/// A plugin's runtime driver as the engine calls it. Errors of the driver arrive as they were thrown there.
std::unique_ptr<RuntimeDriver> adapt_runtime(const gantry_runtime_table& table, std::unique_ptr<DriverInstance> instance);

} // namespace gantry::plugins
