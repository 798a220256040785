#pragma once

#include <functional>

#include "api/http.hpp"
#include "images/image_service.hpp"

namespace gantry::api {

/// Runs blocking `work` on the pool and streams the progress objects that it reports, one JSON document per line with
/// "\r\n". The head goes out with the first object: an error before it is a normal error reply, one after it is told
/// in-band as errorDetail. `work` is not interrupted when the client hangs up; its further progress is dropped.
Task<void> stream_progress(Pool& pool, Reply& reply, std::function<void(const gantry::images::Progress&)> work);

} // namespace gantry::api
