#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "buildkit/cancellation.hpp"
#include "buildkit/sync/image_tar.hpp"

namespace gantry::buildkit {

class Session;

/// Writes the files of a tar into a directory of the client's (fsutil's protocol). `open` gives the tar from its beginning: it is
/// read twice, once for names, once for contents, so that nothing but names is in memory. Devices, pipes and sockets are left
/// out. Throws std::runtime_error and Cancelled.
void send_files(Session& session, std::size_t exporter, const std::function<std::unique_ptr<ImageTar>()>& open,
                const std::function<void(std::int64_t, bool)>& transferred, Cancellation& cancellation);

} // namespace gantry::buildkit
