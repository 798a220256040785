#pragma once

#include <functional>

#include "api/http.hpp"
#include "images/image_service.hpp"
#include "registry/cancel.hpp"

namespace gantry::api {

/// Runs blocking `work` on the pool and streams the progress objects that it reports, one JSON document per line with
/// "\r\n". The head goes out with the first object: an error before it is a normal error reply, one after it is told
/// in-band as errorDetail. `work` is not interrupted when the client hangs up; its further progress is dropped.
Task<void> stream_progress(Pool& pool, Reply& reply, std::function<void(const gantry::images::Progress&)> work);

/// Stops blocking work from another thread.
using Interrupt = std::shared_ptr<gantry::registry::Cancel>;

/// The same for work that takes as long as the network: on a thread of its own, told to stop when the client hangs up. Bytes of
/// progress that a slow client does not take are dropped, other messages are kept.
Task<void> stream_transfer(Reply& reply, std::function<void(const gantry::images::Progress&, Interrupt)> work);

/// Blocking work with the network without progress, on a thread of its own; stopped when the client hangs up.
Task<void> run_transfer(Reply& reply, std::function<void(Interrupt)> work);

} // namespace gantry::api
