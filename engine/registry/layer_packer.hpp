#pragma once

#include <string>

#include "images/content_store.hpp"
#include "registry/cancel.hpp"

namespace gantry::registry {

/// Compresses the tar at `in` into the file `path` that must not be there yet: "gzip" (one member, blocks in parallel, with
/// ISA-L) or "zstd". The same tar gives the same bytes. Blocks; throws cancelled.
images::ReceivedFile pack_layer(int in, const std::string& path, const std::string& packing, Cancel&);

} // namespace gantry::registry
