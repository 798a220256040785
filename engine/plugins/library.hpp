#pragma once

#include <string>

#include <gantry/abi/v1/core.h>

#include "plugins/manifest.hpp"

namespace gantry::plugins {

/// Loads a plugin's library for the rest of the process's life (unloading code whose threads, exit handlers or strings are
/// still in use cannot be made safe) and returns what its entry says, which agrees with the manifest. Every refusal is an
/// `unavailable` error of one sentence that names both sides.
gantry_plugin open_library(const std::string& path, const Manifest& manifest);

} // namespace gantry::plugins
