#pragma once

#include <memory>

#include <gantry/abi/v1/network.h>
#include <gantry/sdk/network.hpp>

#include "plugins/instance.hpp"

namespace gantry::plugins {

/// A plugin's network driver as the engine calls it. Errors of the driver arrive as they were thrown there.
std::unique_ptr<NetworkDriver> adapt_network(const gantry_network_table& table, std::unique_ptr<DriverInstance> instance);

} // namespace gantry::plugins
