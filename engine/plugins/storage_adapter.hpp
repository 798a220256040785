#pragma once

#include <memory>

#include <gantry/abi/v1/storage.h>
#include <gantry/sdk/storage.hpp>

#include "plugins/instance.hpp"

namespace gantry::plugins {

/// A plugin's storage driver as the engine calls it. Errors of the driver arrive as they were thrown there.
std::unique_ptr<StorageDriver> adapt_storage(const gantry_storage_table& table, std::unique_ptr<DriverInstance> instance);

} // namespace gantry::plugins
