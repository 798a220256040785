#pragma once

#include <memory>

#include "api/in_flight.hpp"
#include "api/live_reply.hpp"
#include "api/router.hpp"
#include "api/services.hpp"

namespace gantry::api {

/// What all connections of a server share.
struct Dispatcher {
  const Router& router;
  Services& services;
  const InFlight& in_flight;
};

/// Serves HTTP/1.x requests on a connected socket, one after the other, until the client or an error ends it. Runs on
/// the socket's executor, which must be a strand.
Task<void> serve_connection(Socket& socket, Dispatcher dispatcher);

} // namespace gantry::api
