#pragma once

#include "api/connection.hpp"

namespace gantry::api {

/// Fills in path, version, query and route parameters from a request target. The route is null for an unknown path;
/// throws invalid for a broken escape.
const Router::Route* resolve(const Router& router, std::string_view target, Request& request);

/// Runs the handler (version check included) and turns its failure into the error reply.
Task<void> dispatch(Dispatcher dispatcher, const Router::Route* route, Request& request, LiveReply& reply);

} // namespace gantry::api
