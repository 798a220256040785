#pragma once

#include "config/option.hpp"

// How much images and build cache may take, as the file says it.
namespace gantry::config {

/// Ours: {"keep-storage": SIZE, "keep-used-since": DURATION}.
void apply_image_gc(Config&, const Values&);
/// Docker's: {"gc": {"enabled": BOOL, "defaultKeepStorage": SIZE, "policy": [{"keepStorage": SIZE, "filter": ["unused-for=…"],
/// "all": BOOL}]}}.
void apply_builder(Config&, const Values&);

} // namespace gantry::config
