#pragma once

#include <cstdint>
#include <string>

#include "containers/model.hpp"

namespace gantry::api {

/// Docker's rough durations: "Less than a second", "About an hour", "3 weeks".
std::string human_duration(std::int64_t ns);
/// The STATUS column: "Up 2 minutes (Paused)", "Exited (137) 3 hours ago", "Created".
std::string status_text(const gantry::containers::Container& container, std::int64_t now_ns);

} // namespace gantry::api
