#pragma once

#include <functional>
#include <string>

#include "build/context/context.hpp"

namespace gantry::build {

/// Runs `f` on a thread with a working directory of its own, which extended attributes need.
void in_thread(const std::function<void()>& f);

/// Dockerfile and .dockerignore of a directory that is complete.
Context take_context(std::string directory, const std::string& dockerfile);

} // namespace gantry::build
