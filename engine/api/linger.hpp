#pragma once

#include "api/live_reply.hpp"

namespace gantry::api {

/// Ends a connection whose client may still be sending a body that nobody wants any more: says that nothing follows and
/// throws away what comes, for at most ten seconds. Closed at once, the socket would answer the client's next write with
/// an error, and many clients then never read the reply (RFC 9112, 9.6). Runs on the socket's executor.
Task<void> linger(Socket& socket);

} // namespace gantry::api
