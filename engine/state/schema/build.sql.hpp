#pragma once

namespace gantry::state {

/// What steps of builds came to. `key` is made of the parent's id and the instruction, files included; `config` is the config of
/// the image that it led to, byte for byte. The layers that it names are kept as long as the row is there.
inline constexpr const char* build_v5 = R"sql(
CREATE TABLE build_cache (
  key         TEXT PRIMARY KEY,
  parent      TEXT NOT NULL,
  description TEXT NOT NULL,
  config      TEXT NOT NULL,
  size        INTEGER NOT NULL,
  created_ns  INTEGER NOT NULL,
  used_ns     INTEGER NOT NULL,
  usage_count INTEGER NOT NULL
);
)sql";

} // namespace gantry::state
