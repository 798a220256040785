#pragma once

#include <string>

namespace gantry::buildkit {

/// Whether `filter` of `buildx du` ("type==TYPE", "id", "id==ID", "id=BEGIN", "id~=^BEGIN", "id~=PART"; "" lets all pass) lets a
/// record pass. Throws std::runtime_error for another one.
bool passes(const std::string& filter, const std::string& id, const std::string& type);

} // namespace gantry::buildkit
