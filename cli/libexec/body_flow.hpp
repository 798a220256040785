#pragma once

#include <cstdint>

#include "cli/client/client.hpp"

namespace gantry::cli {

/// Sends what can be read from `pipe` as the chunked body of a request; inside the kernel. `sent` counts its bytes. Throws what
/// Client::upload throws.
Response send_body(Client& client, Request request, int pipe, std::uint64_t& sent);

/// Writes the body of a response to `pipe`, inside the kernel; `received` counts its bytes. Throws ConnectionLost when the daemon
/// goes away in the middle. Ends early when nobody reads any more.
void receive_body(Response response, int pipe, std::uint64_t& received);

} // namespace gantry::cli
