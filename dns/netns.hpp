#pragma once

#include <functional>

#include <gantry/sdk/fd.hpp>

namespace gantry::dns {

/// Runs f in the namespace. The way back cannot fail: the process ends rather than answer from a container's namespace.
void in_namespace(int netns_fd, const std::function<void()>& f);

} // namespace gantry::dns
