#pragma once

#include "api/http.hpp"

namespace gantry::api {

/// Throws invalid, with what is missing, unless the request is a WebSocket handshake (RFC 6455, version 13).
void require_websocket(const Request&);

/// Answers the handshake on `client` and relays between it and `stream` until either ends. What `stream` says goes out as
/// one message per read (binary, or text for clients of before API 1.28); messages of the client are bytes for `stream`,
/// whatever their kind and size. Pings are answered. Returns when both are closed.
Task<void> relay_websocket(const Request&, Hijacked client, UniqueFd stream, bool binary);

} // namespace gantry::api
