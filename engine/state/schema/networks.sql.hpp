#pragma once

namespace gantry::state {

/// `doc` is a whole network as networks/network_json.cpp writes it.
inline constexpr const char* networks_v3 = R"sql(
CREATE TABLE networks (
  id   TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  doc  TEXT NOT NULL
);
)sql";

} // namespace gantry::state
