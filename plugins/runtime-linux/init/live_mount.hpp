#pragma once

// Mounts into a container that runs already, from a process of its own: what it enters and waits for (a file system that hangs)
// is no part of the engine's life. It is started as "gantry-shim mount" or "gantry-shim unmount" with a socket to the driver.
namespace gantry::runtime_linux::init {

enum class LiveMount { mount, unmount };

/// Takes an order from `socket` (descriptors: a plan of one mount, the container's mount namespace), answers with an InitReport
/// ("ready": done) and ends.
[[noreturn]] void change_live_mounts(int socket, LiveMount what);

} // namespace gantry::runtime_linux::init
