#pragma once

#include "cli/commands/all.hpp"

// Commands that Docker does not have.
namespace gantry::cli {

int clone_volume(Invocation&);
int export_volume(Invocation&);
int import_volume(Invocation&);
int rename_volume(Invocation&);
int snapshot_volume(Invocation&);

} // namespace gantry::cli
