#pragma once

#include "plan/launch_plan.hpp"

namespace gantry::runtime_linux::init {

/// Changes whose files a detached mount shows: ids of the user namespace behind `mapping` become those of the host.
void map_owners(int tree, int mapping, bool recursive, const char* path);

/// A detached overlay whose layers are mounted with mapped owners. Nothing on disk changes, so that layers stay shared.
int make_mapped_overlay(const PlanView& plan, const PlanMount& mount, int mapping);

} // namespace gantry::runtime_linux::init
