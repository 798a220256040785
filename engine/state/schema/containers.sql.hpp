#pragma once

namespace gantry::state {

/// `doc` is what create decided (rewritten only by rename), `state` the small part that every phase change rewrites:
/// a start costs two short updates, not two dumps of the whole container.
/// Rows of execs go with their container.
inline constexpr const char* containers_v1 = R"sql(
CREATE TABLE containers (
  id         TEXT PRIMARY KEY,
  name       TEXT NOT NULL UNIQUE,
  created_ns INTEGER NOT NULL,
  phase      TEXT NOT NULL,
  state      TEXT NOT NULL,
  doc        TEXT NOT NULL
);
CREATE TABLE execs (
  id           TEXT PRIMARY KEY,
  container_id TEXT NOT NULL REFERENCES containers(id) ON DELETE CASCADE,
  doc          TEXT NOT NULL
);
CREATE INDEX execs_of_container ON execs(container_id);
)sql";

} // namespace gantry::state
