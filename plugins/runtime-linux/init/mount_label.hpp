#pragma once

#include "plan/launch_plan.hpp"

// The SELinux label of what is mounted for a container (OCI linux.mountLabel).
namespace gantry::runtime_linux::init {

/// What a new filesystem of this type is mounted with as its "context"; empty: nothing.
const char* context_of(const PlanView& plan, const char* type);

/// The same as an option of mount(2), where a comma in it needs quotes; empty: none.
struct ContextOption {
  ContextOption(const PlanView& plan, const char* type);
  char text[512];
};

/// A filesystem that takes no context, but whose root may be labelled.
void label_root(const PlanView& plan, const PlanMount& mount, int tree);

} // namespace gantry::runtime_linux::init
