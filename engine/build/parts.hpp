#pragma once

#include "build/build_service.hpp"
#include "build/cache.hpp"
#include "build/context/tree_memory.hpp"
#include "build/mounts/cache_mounts.hpp"
#include "build/running_steps.hpp"
#include "build/session/session.hpp"
#include "build/step_images.hpp"

namespace gantry::build {

/// What the builds of one daemon share.
struct BuildService::Impl {
  explicit Impl(Collaborators);

  Collaborators with;
  BuildCache cache;
  StepImages step_images;
  CacheMounts cache_mounts;
  Sessions sessions;
  RunningSteps running_steps;
  TreeMemory tree_memory;
};

} // namespace gantry::build
