#pragma once

namespace gantry::state {

/// A volume is settled when `made_for` and `filled_for` are empty. `made_for`: the container that it is being made for, or "-"
/// while a client waits for it. `filled_for`: the container whose image is being copied into it. `doc`: options, labels.
inline constexpr const char* volumes_v4 = R"sql(
CREATE TABLE volumes (
  name       TEXT PRIMARY KEY,
  driver     TEXT NOT NULL,
  created_ns INTEGER NOT NULL,
  made_for   TEXT NOT NULL,
  filled_for TEXT NOT NULL,
  doc        TEXT NOT NULL
);
)sql";

} // namespace gantry::state
