#pragma once

#include <functional>

#include "containers/parts.hpp"

namespace gantry::containers {

enum class Show { everything, image_only };

/// Runs `f` with a container's root directory, on a thread of its own whose "/" is that root: it sees the files as the
/// container does, mounts included, and nothing else. Of a running container this is its own mount namespace; for another one
/// (and with image_only) its file system is mounted in a namespace that ends with the thread, so that nothing is left mounted
/// whatever happens to the daemon. Blocks; throws what f throws. The container's mutex is held unless it runs.
void with_files(Parts&, const Container& container, Show show, const std::function<void(int root)>& f);

/// Runs `f` on a thread of its own in a mount namespace of its own, which ends with it. Throws what f throws.
void in_private_namespace(const std::function<void()>& f);
/// Mounts as the container's init would, on a path; changes the working directory of the calling thread (see above).
void mount_on(const Mount& mount, const std::string& target);

} // namespace gantry::containers
