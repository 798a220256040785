#pragma once

namespace gantry::state {

/// `manifests.body` is a manifest byte for byte as a registry gave it, for the image that it describes; `index_digest` the index
/// that led to it, whose body is a row of its own (empty: none). Pushing a pulled image sends the same bytes again.
/// `packed_layers` remembers what a layer that was made here became when it was compressed for a push, so that the next push can
/// ask the registry for it without compressing again. `blob_places` is where blobs have been seen: "registry/repository", for
/// mounting instead of uploading.
inline constexpr const char* registry_v2 = R"sql(
CREATE TABLE manifests (
  digest       TEXT NOT NULL,
  image_id     TEXT NOT NULL REFERENCES images(id) ON DELETE CASCADE,
  media_type   TEXT NOT NULL,
  index_digest TEXT NOT NULL,
  body         BLOB NOT NULL,
  PRIMARY KEY (digest, image_id)
);
CREATE INDEX manifests_of_image ON manifests(image_id);
CREATE TABLE packed_layers (
  diff_id TEXT NOT NULL,
  packing TEXT NOT NULL,
  digest  TEXT NOT NULL,
  size    INTEGER NOT NULL,
  PRIMARY KEY (diff_id, packing)
);
CREATE TABLE blob_places (
  digest     TEXT NOT NULL,
  repository TEXT NOT NULL,
  seen_ns    INTEGER NOT NULL,
  PRIMARY KEY (digest, repository)
);
)sql";

} // namespace gantry::state
